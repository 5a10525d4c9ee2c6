/** What the tests of the query client have at hand: scripted sources, a clock that stands still, things to ask about. */
import type { Answer, Fingerprint, Question } from '../../../base/fingerprint.js';
import type { Random } from '../../../base/seams.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { AskOptions, AskOutcome, QueryClient } from '../../../query/query-client.js';
import type { ReputationSource } from '../../../query/reputation-source.js';
import { fail, show } from '../../assertions.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { createPartMaker } from '../../runner.js';
import type { SuiteOptions } from '../../runner.js';
import { createScriptedSource } from '../../doubles/scripted-source.js';
import type { ScriptedSource, ScriptedSourceOptions } from '../../doubles/scripted-source.js';
import { createSeededRandom } from '../../doubles/seeded-random.js';

/** What `create` is told. */
export interface QueryClientContext {
  /** In the order in which they are to be asked. */
  readonly sources: readonly ReputationSource[];
  readonly clock: FakeClock;
  readonly random: Random;
  /** Time in all that an `ask` waits, ms. */
  readonly holdMs: number;
  /** Has to be called with every believed answer and the source that it came from. */
  onAnswers(question: Question, answers: readonly Answer[], from: { readonly id: string; readonly strength: number }): void;
}

/** Options of `describeQueryClient`. */
export type QueryClientSuiteOptions = SuiteOptions<QueryClient, QueryClientContext>;

/** One test's world. */
export interface QueryFixture {
  readonly clock: FakeClock;
  /** Ids of the sources of all answers that were handed on, in order. */
  readonly handedOn: { readonly from: string; readonly asked: number }[];
  readonly source: (options?: ScriptedSourceOptions) => ScriptedSource;
  readonly make: (sources: readonly ReputationSource[], options?: { readonly holdMs?: number }) => Promise<QueryClient>;
  /** Asks and lets the clock run until all is said. */
  readonly ask: (client: QueryClient, fingerprints: readonly Fingerprint[], options?: AskOptions) => Promise<readonly AskOutcome[]>;
  readonly disposeAll: () => Promise<void>;
}

/** A fresh world: a new clock, no client yet. */
export function openQueryFixture(options: QueryClientSuiteOptions): QueryFixture {
  const clock = new FakeClock();
  const maker = createPartMaker(options);
  const handedOn: QueryFixture['handedOn'] = [];
  return {
    clock,
    handedOn,
    source: (scripted = {}) => createScriptedSource({ clock, entries: [listed], ...scripted }),
    make: (sources, bounds = {}) =>
      maker.make({
        sources,
        clock,
        random: createSeededRandom(1),
        holdMs: bounds.holdMs ?? 10_000,
        onAnswers: (_, answers, from) => void handedOn.push({ from: from.id, asked: answers.length }),
      }),
    ask: (client, fingerprints, ask = {}) => clock.run(client.ask(fingerprints, ask), { maxMs: 600_000 }),
    async disposeAll() {
      await maker.disposeAll();
    },
  };
}

/** 32 bytes told apart by their first four; no digest of anything. */
export function hashOf(mark: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? mark >>> (8 * (3 - i)) : mark * 31 + i * 7) & 0xff);
}

/** A file known by nothing but its SHA-256. */
export function file(mark: number): Fingerprint {
  return { kind: 'file', algorithm: 'sha256', hash: hashOf(mark) };
}

/** The one entry that scripted sources know unless told otherwise: `file(1)`. */
export const listed: HashEntry = {
  kind: 'file',
  algorithm: 'sha256',
  hash: hashOf(1),
  disposition: 'malicious',
  threat: { name: 'Test.Listed', type: 'trojan' },
};

/** The answer that an outcome must be. */
export function answered(outcome: AskOutcome | undefined): Extract<AskOutcome, { kind: 'answered' }> {
  return outcome?.kind === 'answered' ? outcome : fail(`expected an answer, got ${show(outcome)}`);
}

/** The failure that an outcome must be. */
export function unanswered(outcome: AskOutcome | undefined): Extract<AskOutcome, { kind: 'unanswered' }> {
  return outcome?.kind === 'unanswered' ? outcome : fail(`expected no answer, got ${show(outcome)}`);
}
