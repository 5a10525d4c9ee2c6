/** Engines of the store alone: our mapped table, asked for records or for the statements of an answer, and a Map in memory. */
import { hashPrefix, prefixNumber } from '../../src/base/fingerprint.js';
import { openLmdbValues } from '../../src/node/lmdb.js';
import { pathOf, readCurrent } from '../../src/node/server-store/generation-files.js';
import { checksum } from '../../src/node/server-store/write-table.js';
import { decodeStatementList } from '../../src/protocol/statement.js';
import { AnswerMemory } from '../../src/server/encoded/answer-memory.js';
import { StatementList } from '../../src/server/encoded/statement-list.js';
import { StoredTable } from '../../src/server/store/stored/stored-table.js';
import { createTableStore, type TableStore } from '../../src/server/store/table-store.js';
import type { Engine, Running } from '../definition.js';
import { running } from '../definition.js';
import { storeDir } from '../inputs/server-data.js';
import { createBatchReader, storeAnswer, type SortedBatches, type StoreInput } from '../inputs/store-input.js';
import { writeHash } from '../inputs/synthetic-pattern.js';

/** Of so many batches what was found in one is looked at after the pass. */
const readOne = 20;

/** Prefix to number of the record, in the heap of V8: what one writes first, where there is the memory. */
export const prefixMap: Engine<StoreInput> = {
  name: 'Map of prefixes',
  start({ files: { records }, batches }) {
    const places = new Map<number, number>();
    const hash = new Uint8Array(32);
    for (let i = 0; i < records; i++) {
      writeHash(hash, 0, { i, records });
      places.set(prefixNumber(hash), i);
    }
    return overBatches(batches, (prefixes) => {
      let listed = 0;
      for (const prefix of prefixes) {
        listed += places.get(prefixNumber(prefix)) === undefined ? 0 : 1;
      }
      return { listed };
    });
  },
};

/** Records of every hit. */
export const storeRecords: Engine<StoreInput> = {
  name: 'vedette, records',
  async start({ files, batches }) {
    const { store, close } = await openTableStore(storeDir(files.data));
    const running = overBatches(batches, (prefixes) => {
      const answers = store.lookup('file', 'sha256', prefixes);
      if (answers instanceof Promise) {
        throw new TypeError('a mapped table answers at once');
      }
      let listed = 0;
      for (const records of answers) {
        listed += records.length === 0 ? 0 : 1;
      }
      return { listed, check: () => prefixes.every((prefix, i) => answers[i]!.every(({ hash }) => prefixNumber(hash) === prefixNumber(prefix))) };
    });
    return { ...running, close };
  },
};

const common = { generation: 1, issuedAt: 1_700_000_000_000, expiresAt: 1_700_003_600_000, ttlMs: 3_600_000, keyId: new Uint8Array(8) };

/** The statements of an answer, as a server writes them: no records in between. */
export const storeStatements: Engine<StoreInput> = {
  name: 'vedette, statements written',
  async start({ files, batches }) {
    const { store, close } = await openTableStore(storeDir(files.data));
    const memory = new AnswerMemory();
    const running = overBatches(batches, (prefixes) => {
      const list = new StatementList({ maxBytes: 4_000_000, expectedBytes: prefixes.length * 128, memory });
      list.begin({ kind: 'file', algorithm: 'sha256', ...common });
      const { hits } = store.writeStatements({ kind: 'file', algorithm: 'sha256', prefixes }, list);
      const written = list.finish();
      memory.giveBack(written);
      return { listed: hits, check: () => isWhatWasAsked(written, prefixes, hits) };
    });
    return { ...running, close };
  },
};

function isWhatWasAsked(written: Uint8Array, prefixes: readonly Uint8Array[], hits: number): boolean {
  const read = decodeStatementList(written, { keyId: common.keyId, prefix: () => undefined });
  const found = read.flatMap((one) => (one.kind === 'understood' && one.statement.records.length > 0 ? [one.statement] : []));
  const isRight = found.every(({ prefix, records }) => records.every(({ hash }) => prefixNumber(hashPrefix(hash)) === prefixNumber(prefix)));
  return isRight && read.length === prefixes.length && found.length === hits;
}

/** What a batch came to. `check` is called now and then, before the next batch. */
interface Looked {
  readonly listed: number;
  readonly check?: () => boolean;
}

function overBatches(batches: SortedBatches, look: (prefixes: readonly Uint8Array[]) => Looked): Omit<Running, 'close'> {
  const reader = createBatchReader(batches);
  const count = batches.listed.length;
  const checked = (): void => {
    for (let batch = 0; batch < count; batch += readOne) {
      if (look(reader(batch)).check?.() === false) {
        throw new Error('what is found is not what was asked for');
      }
    }
  };
  return running({
    run(amount) {
      let listed = 0;
      for (let batch = 0; batch < amount / batches.per; batch++) {
        listed += look(reader(batch % count)).listed;
      }
      return { amount, listed };
    },
    answer({ amount, listed }) {
      checked();
      return storeAnswer(amount, listed);
    },
  });
}

/** The table that a server answers from, gone through once: all pages compared, what is often said made. */
export async function openTableStore(dir: string): Promise<{ readonly store: TableStore; readonly close: () => Promise<void> }> {
  const current = await readCurrent(dir);
  if (current === undefined) {
    throw new Error(`${dir}: nothing was imported`);
  }
  const values = await openLmdbValues(await pathOf(dir, current));
  const store = createTableStore(new StoredTable(values, { checksum }));
  for (const _ of store.warmUp()) {
    // All at once.
  }
  return { store, close: () => values.close() };
}
