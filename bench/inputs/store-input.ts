/** What stores are asked alone: sorted batches of prefixes all over a server pattern, as numbers in one array. */
import { prefixNumber } from '../../src/base/fingerprint.js';
import type { BenchContext } from '../definition.js';
import { fullServer, quickServer, serverFiles, type ServerFiles } from './server-data.js';
import { batchSize, drawQuestions } from './server-input.js';

/** Batches one behind the other. */
export interface SortedBatches {
  /** Prefixes of one batch. */
  readonly per: number;
  /** Of all batches; ascending in each. */
  readonly prefixes: Uint32Array;
  /** Of each batch, how many are listed. */
  readonly listed: readonly number[];
}

/** The files of a store, and what it is asked. */
export interface StoreInput {
  readonly files: ServerFiles;
  readonly batches: SortedBatches;
}

/** What a store is asked: 10⁶ different places, so that hardly any row is near the processor already. */
export async function storeInput({ size, dataDir }: BenchContext, of: { readonly listedShare: number; readonly per: number }): Promise<StoreInput> {
  const isFull = size === 'full';
  const files = await serverFiles(dataDir, isFull ? fullServer : quickServer);
  return { files, batches: sortedBatches(files.records, { ...of, prefixes: isFull ? 1_000_000 : 2_000 }) };
}

/** Batches of `per` prefixes, a multiple of 100. */
export function sortedBatches(records: number, of: { readonly listedShare: number; readonly per: number; readonly prefixes: number }): SortedBatches {
  const { listedShare, per } = of;
  const questions = drawQuestions(records, { listedShare, count: of.prefixes / batchSize, seed: 41 });
  const prefixes = Uint32Array.from(questions.flatMap((one) => one.prefixes.map(prefixNumber)));
  const together = per / batchSize;
  const listed: number[] = [];
  for (let at = 0; at < prefixes.length; at += per) {
    prefixes.subarray(at, at + per).sort();
    const first = at / batchSize;
    listed.push(questions.slice(first, first + together).reduce((sum, one) => sum + one.listed, 0));
  }
  return { per, prefixes, listed };
}

/** The prefixes of one batch after the other, in the same few arrays: as near to the processor as a question that was just read. */
export function createBatchReader({ per, prefixes }: SortedBatches): (batch: number) => readonly Uint8Array[] {
  const bytes = Array.from({ length: per }, () => new Uint8Array(4));
  return (batch) => {
    for (let i = 0; i < per; i++) {
      const prefix = prefixes[batch * per + i]!;
      const one = bytes[i]!;
      one[0] = prefix >>> 24;
      one[1] = prefix >>> 16;
      one[2] = prefix >>> 8;
      one[3] = prefix;
    }
    return bytes;
  };
}

/** How a pass over so many prefixes answers. */
export function storeAnswer(prefixes: number, listed: number): string {
  return `${prefixes} prefixes, ${listed} listed`;
}
