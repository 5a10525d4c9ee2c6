/** Server store: look-ups in a mapped table of 10⁷ records in sorted batches, without HTTP and signatures, a second of CPU time. */
import type { Definition } from '../definition.js';
import { prefixMap, storeRecords, storeStatements } from '../engines/stores.js';
import { storeAnswer, storeInput, type StoreInput } from '../inputs/store-input.js';

/** All are listed. */
export const serverStore100: Definition<StoreInput> = storeDefinition('server-store-100', { per: 100, listedShare: 1 });

/** The same in larger batches. */
export const serverStore1000: Definition<StoreInput> = storeDefinition('server-store-1000', { per: 1_000, listedShare: 1 });

/** Two of 100 are listed. */
export const serverStoreMisses: Definition<StoreInput> = storeDefinition('server-store-misses', { per: 100, listedShare: 0.02 });

function storeDefinition(name: string, of: { readonly per: number; readonly listedShare: number }): Definition<StoreInput> {
  const { per } = of;
  return {
    name,
    title: ({ files, batches }) =>
      `prefixes in the store alone, ${per} a sorted batch, ${files.records.toLocaleString('en')} records, ` +
      `${Math.round((batches.listed.reduce((sum, one) => sum + one, 0) * 100) / batches.prefixes.length)} of 100 listed`,
    unit: { name: 'prefixes', per: 1 },
    clock: 'cpu',
    baseline: 'Map of prefixes',
    analysis:
      'The store of a server alone, without HTTP, signature and padding, by CPU time of one process. The table is mapped ' +
      'from the disk, in memory, and its pages were compared before. A Map from the prefix to a number is in favour of the ' +
      'Map: it says nothing about what is listed, and holds all keys in the heap of V8, in every process once more. Records: ' +
      '`lookup`, an object with a copy of the hash for every hit. Statements written: what a server calls for each group ' +
      'of a question, the bytes of all statements in one piece, ready to be signed. Memory: the mapped file counts for the ' +
      'engine that opens it first, though it is the page cache.',
    engines: [prefixMap, storeRecords, storeStatements],
    prepare: (context) => storeInput(context, of),
    amounts: ({ batches: { prefixes } }) => ({ probe: Math.max(per, prefixes.length / 100), steps: [prefixes.length / 2, prefixes.length] }),
    expected: ({ batches: { listed } }, amount) => storeAnswer(amount, Array.from({ length: amount / per }, (_, i) => listed[i % listed.length]!).reduce((sum, one) => sum + one, 0)),
    host: () => undefined,
  };
}
