/** A source that does at each call what its script says, and remembers what it was asked and when. */
import { fingerprintKey, hashPrefix } from '../../src/base/fingerprint.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import type { Answer, Fingerprint, Question } from '../../src/base/fingerprint.js';
import type { AnswerOrigin, QueryEvent } from '../../src/query/client/asker.js';
import type { QueryClientOptions } from '../../src/query/create-query-client.js';
import type { QueryClient } from '../../src/query/query-client.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply } from '../../src/query/transport.js';

/** What a source does with one call. */
export type Step =
  | { readonly reply: Reply<SourceAnswers>; readonly afterMs?: number; readonly ignoresSignal?: boolean }
  | { readonly throws: Error; readonly afterMs?: number; readonly ignoresSignal?: boolean }
  | { readonly hangs: true; readonly ignoresSignal?: boolean };

export interface Call {
  readonly question: Question;
  readonly atMs: number;
  readonly signal: AbortSignal;
}

export interface ScriptedSource extends ReputationSource {
  readonly calls: Call[];
  closed: number;
}

export interface ScriptedOptions extends Partial<Pick<ReputationSource, 'scope' | 'asks' | 'maxBatch' | 'strength' | 'silence' | 'probes'>> {
  readonly id?: string;
  readonly clock: FakeClock;
  /** `call` counts from 0. */
  readonly script: (question: Question, call: number) => Step;
}

export function createScriptedSource(options: ScriptedOptions): ScriptedSource {
  const { clock, script, id = 'a', scope = 'local', asks = 'prefix', maxBatch = 1000, strength = 4 } = options;
  const calls: Call[] = [];
  return {
    ...(options.silence === undefined ? {} : { silence: options.silence }),
    ...(options.probes === undefined ? {} : { probes: options.probes }),
    id,
    scope,
    asks,
    maxBatch,
    strength,
    calls,
    closed: 0,
    async lookup(question, { signal }) {
      const step = script(question, calls.length);
      calls.push({ question, atMs: clock.monotonicMs(), signal });
      const heeded = step.ignoresSignal === true ? new AbortController().signal : signal;
      if ('hangs' in step) {
        return new Promise((_, reject) => {
          heeded.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }
      if (step.afterMs !== undefined) {
        await clock.sleep(step.afterMs, heeded);
      }
      if ('throws' in step) {
        throw step.throws;
      }
      return step.reply;
    },
    async close() {
      this.closed++;
    },
  };
}

/** A full SHA-256-sized hash: the first four bytes say `prefix`, the last says `tail`. */
export function hashOf(prefix: number, tail = 0): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, prefix);
  hash[31] = tail;
  return hash;
}

export function fileOf(prefix: number, tail = 0): Fingerprint {
  return { kind: 'file', algorithm: 'sha256', hash: hashOf(prefix, tail) };
}

export interface Says {
  /** Full hashes that are listed as malicious. */
  readonly lists?: readonly Uint8Array[];
  readonly generation?: number;
  readonly ttlMs?: number;
}

/** What a server that knows `lists` says about one asked hash. */
export function answerTo(asked: Uint8Array, { lists = [], generation, ttlMs = 60_000 }: Says = {}): Answer {
  const listed = lists.filter((hash) => asked.every((byte, i) => hash[i] === byte));
  return {
    asked,
    records: listed.map((hash) => ({ hash, disposition: 'malicious', threats: [{ name: 'Test.Thing', type: 'trojan' }] })),
    ttlMs,
    ...(generation === undefined ? {} : { generation }),
  };
}

/** A step that answers everything that was asked. */
export function answers(question: Question, says: Says = {}): Step & { readonly reply: Reply<SourceAnswers> } {
  return { reply: { kind: 'answer', body: { answers: question.hashes.map((hash) => answerTo(hash, says)) } } };
}

export const fails: Step = { reply: { kind: 'failed', retry: true } };
export const hangs: Step = { hangs: true };

export interface Bench {
  readonly client: QueryClient;
  readonly clock: FakeClock;
  readonly events: QueryEvent[];
  readonly cached: { readonly key: string; readonly answer: Answer; readonly origin: AnswerOrigin }[];
}

/** A client over scripted sources, with chance that can be repeated and everything it tells its host. */
export function createBench(
  make: (clock: FakeClock) => readonly ReputationSource[],
  options: Partial<QueryClientOptions> = {},
): Bench {
  const clock = new FakeClock();
  const events: QueryEvent[] = [];
  const cached: Bench['cached'] = [];
  const client = createQueryClient({
    sources: make(clock),
    clock,
    random: createSeededRandom(7),
    onAnswers: (question, given, origin) => {
      for (const answer of given) {
        cached.push({ key: fingerprintKey(question.kind, question.algorithm, answer.asked), answer, origin });
      }
    },
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { client, clock, events, cached };
}

export const prefixKey = (fingerprint: Fingerprint): string =>
  fingerprintKey(fingerprint.kind, fingerprint.algorithm, hashPrefix(fingerprint.hash));
