/**
 * One batch of questions for a call over many subjects: each check puts its question here and waits until all others
 * have put theirs or have come to an end without one.
 */
import { fingerprintKey, type Fingerprint } from '../../base/fingerprint.js';
import { abortedError } from '../../base/errors.js';
import type { AskOptions, AskOutcome } from '../../query/query-client.js';

type Ask = (fingerprints: readonly Fingerprint[], options: AskOptions) => Promise<readonly AskOutcome[]>;

/** A meeting of a known number of checks. */
export interface Rendezvous {
  readonly ask: Ask;
  /** Called once by each check that is over. Who has asked has already arrived. */
  leave(member: symbol): void;
  /** The `ask` of one member. */
  seat(member: symbol): Ask;
}

interface Waiting {
  readonly fingerprints: readonly Fingerprint[];
  readonly options: AskOptions;
  readonly resolve: (outcomes: readonly AskOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A rendezvous of `expected` members over the client's own `ask`. */
export function createRendezvous(expected: number, ask: Ask): Rendezvous {
  const arrived = new Set<symbol>();
  let waiting: Waiting[] = [];

  function arrive(member: symbol): void {
    arrived.add(member);
    if (arrived.size >= expected && waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const some of alike(batch)) {
        void askTogether(some, ask);
      }
    }
  }

  return {
    ask,
    leave: arrive,
    seat: (member) => (fingerprints, options) => {
      if (arrived.has(member)) {
        return ask(fingerprints, options);
      }
      return new Promise((resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(abortedError(options.signal)), { once: true });
        waiting.push({ fingerprints, options, resolve, reject });
        arrive(member);
      });
    },
  };
}

/** Who asks for ratings alone asks others, and who needs no certain generation must not be held to that of the others. */
function alike(batch: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const member of batch) {
    const { minGeneration, rating = false } = member.options;
    const key = `${minGeneration !== undefined} ${rating}`;
    const group = groups.get(key) ?? [];
    group.push(member);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** One `ask` for all, equal fingerprints once. Never rejects: each member gets its own part or the common error. */
async function askTogether(batch: readonly Waiting[], ask: Ask): Promise<void> {
  const places = new Map<string, number>();
  const union: Fingerprint[] = [];
  const keys = batch.map((member) =>
    member.fingerprints.map((fingerprint) => {
      const key = `${fingerprintKey(fingerprint.kind, fingerprint.algorithm, fingerprint.hash)}|${fingerprint.size ?? ''}`;
      if (!places.has(key)) {
        places.set(key, union.length);
        union.push(fingerprint);
      }
      return key;
    }),
  );
  try {
    const outcomes = await ask(union, commonOptions(batch));
    batch.forEach((member, index) => {
      member.resolve((keys[index] ?? []).map((key) => outcomes[places.get(key) ?? -1] ?? lost));
    });
  } catch (error) {
    for (const member of batch) {
      member.reject(error);
    }
  }
}

/** What satisfies every member: one that began later may know of a newer generation, and of a longer hold. */
function commonOptions(batch: readonly Waiting[]): AskOptions {
  const minimums = batch.flatMap(({ options }) => options.minGeneration ?? []);
  const holds = batch.flatMap(({ options }) => options.holdMs ?? []);
  return {
    ...batch[0]?.options,
    ...(minimums.length === 0 ? {} : { minGeneration: Math.max(...minimums) }),
    ...(holds.length === 0 ? {} : { holdMs: Math.max(...holds) }),
  };
}

const lost: AskOutcome = { kind: 'unanswered', reason: 'bad-answer', attempts: 0 };
