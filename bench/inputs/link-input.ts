/** What link engines are given: our servers in another process, and questions of one size of which several are on their way. */
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { hashPrefix } from '../../src/base/fingerprint.js';
import type { BenchContext } from '../definition.js';
import type { Loopback } from '../engines/query/loopback.js';
import { startServerProcess } from '../engines/query/server-process.js';
import { seededHashes, seededProbes } from './hashes.js';

/** One question. */
export interface LinkQuestion {
  readonly fingerprints: readonly Fingerprint[];
  readonly prefixes: readonly Uint8Array[];
  /** Records that the answer has to hold. */
  readonly listed: number;
}

/** Servers and questions. */
export interface LinkInput {
  readonly servers: Loopback;
  /** Full hashes that the servers list; no two share a prefix. */
  readonly listed: readonly Uint8Array[];
  /** Asked in turn; each has `size` fingerprints, and no two have one in common. */
  readonly questions: readonly LinkQuestion[];
  readonly size: number;
  /** Questions that are on their way at the same time. */
  readonly atOnce: number;
}

const serverSeed = 21;

/** Starts the servers and makes the questions; one prefix in ten is listed. */
export async function linkInput(
  context: BenchContext,
  of: { readonly size: number; readonly questions: number; readonly listed: number; readonly atOnce: number },
): Promise<LinkInput> {
  const servers = await startServerProcess(context.workerScript, { seed: serverSeed, listed: of.listed });
  const listed = seededHashes(serverSeed, of.listed);
  const isListed = new Set(listed.map((hash) => hash.toString()));
  const drawn = seededProbes(22, { listed, count: 2 * of.size * of.questions, listedShare: 0.1 }).fingerprints;
  const unique = [...new Map(drawn.map((one) => [one.hash.toString(), one])).values()];
  const questions = Array.from({ length: of.questions }, (_, i): LinkQuestion => {
    const fingerprints = unique.slice(i * of.size, (i + 1) * of.size);
    const prefixes = fingerprints.map(({ hash }) => hashPrefix(hash).slice());
    return { fingerprints, prefixes, listed: fingerprints.filter(({ hash }) => isListed.has(hash.toString())).length };
  });
  return { servers, listed, questions, size: of.size, atOnce: of.atOnce };
}

/** What the answers to some questions hold. */
export interface LinkOutput {
  readonly questions: number;
  readonly answered: number;
  readonly listed: number;
}

/** How a pass answers. */
export function linkAnswer({ questions, answered, listed }: LinkOutput): string {
  return `${questions} questions, ${answered} fingerprints answered, ${listed} listed`;
}

/** Asks as many questions as make up `amount` fingerprints, `atOnce` of them at a time. */
export async function askMany(
  input: LinkInput,
  amount: number,
  ask: (question: LinkQuestion) => Promise<{ readonly answered: number; readonly listed: number }>,
): Promise<LinkOutput> {
  const count = amount / input.size;
  const sum = { answered: 0, listed: 0 };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const { answered, listed } = await ask(input.questions[next++ % input.questions.length]!);
      sum.answered += answered;
      sum.listed += listed;
    }
  };
  await Promise.all(Array.from({ length: Math.min(input.atOnce, count) }, lane));
  return { questions: count, ...sum };
}
