/**
 * A server of a simulation: what it knows, how long it takes, and what becomes of it over time. It is asked through
 * sources, one for each client, and counts what reaches it.
 *
 * A lie is what nobody may believe: a wire source would refuse it, and the client must not be fooled by it either.
 */
import { toLatin1 } from '../../base/bytes.js';
import { hashPrefix } from '../../base/fingerprint.js';
import type { Answer, Question } from '../../base/fingerprint.js';
import type { Random } from '../../base/seams.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { ReputationSource, SourceAnswers } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';
import { answerFor } from '../doubles/scripted-source.js';
import type { SimulatedClock } from './simulated-clock.js';

/** How a server is. */
export type ServerCondition =
  | { readonly kind: 'up' }
  /** Connections are refused. */
  | { readonly kind: 'down' }
  /** Takes questions and says nothing. */
  | { readonly kind: 'hanging' }
  /** Answers after so many ms, drawn evenly. */
  | { readonly kind: 'slow'; readonly latencyMs: readonly [number, number] }
  /** Answers this share of what it is asked; the rest fails. */
  | { readonly kind: 'flaky'; readonly share: number }
  /** Asks for a wait, without a time where none is given, once it was asked `perSecond` times in a second (0). */
  | { readonly kind: 'throttling'; readonly waitMs?: number; readonly perSecond?: number }
  /** `half` of what was asked, something `unasked` besides, everything `twice`, no answer at all (`garbage`), or of an older generation (`behind`). */
  | { readonly kind: 'lying'; readonly how: 'half' | 'unasked' | 'twice' | 'garbage' | 'behind' };

/** A server as it is set up. */
export interface SimulatedServerOptions {
  readonly id: string;
  readonly scope?: 'local' | 'global';
  readonly entries?: readonly HashEntry[];
  /** Of its answers (2); while it is `behind`, one less. */
  readonly generation?: number;
  /** Life of its answers (300,000). */
  readonly ttlMs?: number;
  /** How long an exchange takes while nothing is wrong, drawn evenly (5 to 25 ms). */
  readonly latencyMs?: readonly [number, number];
  /** From which monotonic instant it is how; up before. Ascending. */
  readonly plan?: readonly { readonly atMs: number; readonly is: ServerCondition }[];
}

/** A server. */
export interface SimulatedServer {
  readonly id: string;
  /** The way of one client to it. */
  source(client: string): ReputationSource;
  /** From now on it is so, whatever the plan said. */
  becomes(condition: ServerCondition): void;
  /** Requests that reached it, by whole seconds of the run. Those that were refused count. */
  readonly perSecond: readonly number[];
  /** All of them within [fromMs, toMs), both whole seconds. */
  requests(fromMs?: number, toMs?: number): number;
}

/** What a server lives in. */
export interface ServerSurroundings {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly note: (line: string) => void;
}

/** A server that nobody has asked yet. */
export function createSimulatedServer(options: SimulatedServerOptions, around: ServerSurroundings): SimulatedServer {
  const { clock, random, note } = around;
  const { id, scope = 'local', generation = 2, ttlMs = 300_000, latencyMs = [5, 25] } = options;
  const byPrefix = indexed(options.entries ?? []);
  const perSecond: number[] = [];
  let plan = options.plan ?? [];
  let condition: ServerCondition = { kind: 'up' };

  function current(): ServerCondition {
    while (plan[0] !== undefined && plan[0].atMs <= clock.monotonicMs()) {
      condition = plan[0].is;
      plan = plan.slice(1);
    }
    return condition;
  }

  function count(): number {
    const second = Math.floor(clock.monotonicMs() / 1000);
    while (perSecond.length <= second) {
      perSecond.push(0);
    }
    return (perSecond[second] = perSecond[second]! + 1);
  }

  function answers({ kind, algorithm, hashes }: Question, of: number): Answer[] {
    return hashes.map((asked) => answerFor(byPrefix.get(toLatin1(asked.slice(0, 4))) ?? [], { kind, algorithm, asked, ttlMs, generation: of }));
  }

  async function lookup(client: string, question: Question, signal: AbortSignal): Promise<Reply<SourceAnswers>> {
    const how = current();
    const inThisSecond = count();
    note(`${clock.monotonicMs().toFixed(3)} ${client} > ${id} ${question.hashes.length} ${how.kind}`);
    if (how.kind === 'hanging') {
      await clock.sleep(Number.MAX_SAFE_INTEGER, signal);
    }
    const [low, high] = how.kind === 'slow' ? how.latencyMs : how.kind === 'down' ? [0.1, 1] : latencyMs;
    await clock.sleep(low + (high - low) * random(), signal);
    return reply(how, { question, inThisSecond });
  }

  function reply(how: ServerCondition, asked: { readonly question: Question; readonly inThisSecond: number }): Reply<SourceAnswers> {
    switch (how.kind) {
      case 'down':
      case 'hanging':
        return refused;
      case 'flaky':
        return random() < how.share ? answered(answers(asked.question, generation)) : refused;
      case 'throttling':
        return asked.inThisSecond <= (how.perSecond ?? 0)
          ? answered(answers(asked.question, generation))
          : { kind: 'wait', ...(how.waitMs === undefined ? {} : { waitMs: how.waitMs }) };
      case 'lying':
        return lie(how.how, answers(asked.question, how.how === 'behind' ? generation - 1 : generation));
      case 'up':
      case 'slow':
        return answered(answers(asked.question, generation));
    }
  }

  return {
    id,
    source: (client) => ({
      id,
      scope,
      asks: 'prefix',
      maxBatch: 1000,
      strength: 4,
      lookup: (question, { signal }) => lookup(client, question, signal),
    }),
    becomes(next) {
      current();
      plan = [];
      condition = next;
    },
    perSecond,
    requests: (fromMs = 0, toMs = Number.POSITIVE_INFINITY) => perSecond.slice(fromMs / 1000, toMs / 1000).reduce((sum, one) => sum + one, 0),
  };
}

const refused: Reply<SourceAnswers> = { kind: 'failed', retry: true, reason: 'unreachable' };

function answered(answers: readonly Answer[]): Reply<SourceAnswers> {
  return { kind: 'answer', body: { answers } };
}

function lie(how: (ServerCondition & { kind: 'lying' })['how'], truth: readonly Answer[]): Reply<SourceAnswers> {
  switch (how) {
    case 'half':
      return answered(truth.slice(Math.ceil(truth.length / 2)));
    case 'unasked':
      return answered(truth.map((one) => ({ ...one, asked: one.asked.map((byte) => byte ^ 0xff), records: [] })));
    case 'twice':
      return answered(truth.flatMap((one) => [one, { ...one, records: [] }]));
    case 'garbage':
      return { kind: 'failed', retry: false, reason: 'bad-answer' };
    case 'behind':
      return answered(truth);
  }
}

function indexed(entries: readonly HashEntry[]): ReadonlyMap<string, readonly HashEntry[]> {
  const byPrefix = new Map<string, HashEntry[]>();
  for (const entry of entries) {
    const key = toLatin1(hashPrefix(entry.hash));
    byPrefix.set(key, [...(byPrefix.get(key) ?? []), entry]);
  }
  return byPrefix;
}
