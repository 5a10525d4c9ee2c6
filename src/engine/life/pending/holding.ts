/**
 * The entries that a drain has in its hands. What stays is kept claimed until the end, so that the same drain does not
 * claim it again; in a drain so long that claims would run out it is given back earlier, and passed over when it comes
 * again.
 */
import type { PendingEntry, PendingQueue, ReleaseOptions } from '../../../pending/pending-queue.js';
import type { Reason } from '../../../base/verdict.js';
import type { EngineCore, Member } from '../../family/core.js';
import type { Rechecked } from './recheck.js';

/** How long a claim of a drain holds: for the time in hand, and for the check after it. */
export const leaseMs = 900_000;
/** An entry that was not begun or not settled after this time is given back. */
const inHandMs = 300_000;

/** What a drain works with. */
export interface HoldingInput {
  readonly core: EngineCore;
  readonly member: Member;
  readonly queue: PendingQueue;
  readonly limit: number;
  readonly include: 'due' | 'waiting' | 'dead';
}

/** Entries in the hands of one drain. */
export interface Holding {
  /** Claims more when there is nothing left to begin. */
  hasNext(atOnce: number): Promise<boolean>;
  next(): PendingEntry;
  note(entry: PendingEntry, outcome: Rechecked): void;
  /** Gives back everything that is held; what nobody has looked at as it was, or as `unseen` says. */
  giveBack(how: { readonly unseen: Reason | undefined }): Promise<void>;
  /** For an entry whose check ended after the drain. */
  giveBackOne(entry: PendingEntry, outcome: Rechecked): Promise<void>;
  /** Something stayed because nobody answered. */
  starved(): boolean;
  claimed(): number;
}

/** An entry that was claimed at a monotonic instant. */
interface Claimed {
  readonly entry: PendingEntry;
  readonly claimedMs: number;
}

/** One that stays; without a reason nobody has looked at it, `further`: nobody at the place that was flagged meanwhile. */
interface Held extends Claimed {
  readonly reason: Reason | 'failed' | 'further' | undefined;
}

/** Nothing in hand yet. */
export function createHolding(input: HoldingInput): Holding {
  const { core, member, queue } = input;
  const { clock } = core.rooms;
  const flying = new Map<string, Claimed>();
  const held = new Map<string, Held>();
  const seen = new Set<string>();
  let waiting: Claimed[] = [];
  let claimed = 0;
  let exhausted = false;
  let starved = false;

  async function claimMore(atOnce: number): Promise<void> {
    await giveBackOld();
    while (waiting.length === 0 && !exhausted && claimed < input.limit) {
      const limit = Math.min(input.limit - claimed, atOnce);
      const entries = await queue.claim(member.name, { limit, leaseMs, include: input.include });
      const claimedMs = clock.monotonicMs();
      exhausted = entries.length === 0;
      for (const entry of entries) {
        if (seen.has(entry.id)) {
          held.set(entry.id, { entry, reason: undefined, claimedMs });
        } else {
          seen.add(entry.id);
          claimed++;
          waiting.push({ entry, claimedMs });
        }
      }
    }
  }

  /** Before its claim runs out by itself, which would be held against it. */
  async function giveBackOld(): Promise<void> {
    const before = clock.monotonicMs() - inHandMs;
    const old = [...held.values()].filter(({ claimedMs }) => claimedMs < before);
    old.forEach(({ entry }) => held.delete(entry.id));
    await release(old);
    const stale = waiting.filter(({ claimedMs }) => claimedMs < before);
    waiting = waiting.filter(({ claimedMs }) => claimedMs >= before);
    claimed -= stale.length;
    stale.forEach(({ entry }) => seen.delete(entry.id));
    await release(stale.map((one) => ({ ...one, reason: undefined })));
  }

  /** All together: a queue on disk makes one write of them. */
  async function release(some: readonly Held[]): Promise<void> {
    await Promise.all(
      some.map(async ({ entry, reason }) => {
        const options = releaseOf(entry, reason, core);
        const claim = entry.claim === undefined ? {} : { claim: entry.claim };
        await queue.release(entry.id, { ...options, ...claim }).catch((error: unknown) => {
          core.events.emit({ kind: 'fault', where: 'queue', error });
        });
        if (options.failed === true) {
          tellOfFailure(entry, options, reason);
        }
      }),
    );
  }

  /** What no server could mend: the host may. */
  function tellOfFailure(entry: PendingEntry, { dead = false }: ReleaseOptions, reason: Held['reason']): void {
    const why = reason === undefined || reason === 'failed' || reason === 'further' ? {} : { reason };
    if (!dead) {
      core.events.emit({ kind: 'pending', change: 'stays', id: entry.id, ...why });
    } else if (!entry.dead) {
      core.stats.add('pendingDead');
      core.events.emit({ kind: 'pending', change: 'dead', id: entry.id, ...why });
    }
  }

  return {
    async hasNext(atOnce) {
      if (waiting[0] !== undefined && waiting[0].claimedMs < clock.monotonicMs() - inHandMs) {
        await giveBackOld();
      }
      if (waiting.length === 0 && claimed < input.limit && !exhausted) {
        await claimMore(atOnce);
      }
      return waiting.length > 0;
    },
    next() {
      const next = waiting.shift();
      if (next === undefined) {
        throw new Error('a drain took an entry that it had not claimed');
      }
      flying.set(next.entry.id, next);
      return next.entry;
    },
    note(entry, outcome) {
      const claimedMs = flying.get(entry.id)?.claimedMs ?? clock.monotonicMs();
      flying.delete(entry.id);
      if (outcome.kind !== 'settled' && outcome.kind !== 'goes-on') {
        const reason = reasonOf(outcome);
        starved ||= noServer(reason);
        held.set(entry.id, { entry, reason, claimedMs });
      }
    },
    async giveBack({ unseen }) {
      starved ||= unseen !== undefined && waiting.length > 0;
      await release([...held.values(), ...waiting.map((one) => ({ ...one, reason: unseen }))]);
      held.clear();
      waiting = [];
    },
    async giveBackOne(entry, outcome) {
      if (outcome.kind !== 'settled' && outcome.kind !== 'goes-on') {
        await release([{ entry, reason: reasonOf(outcome), claimedMs: 0 }]);
      }
    },
    starved: () => starved,
    claimed: () => claimed,
  };
}

/** Nobody could be asked. */
export function noServer(reason: Held['reason']): boolean {
  return reason === 'unreachable' || reason === 'throttled';
}

function reasonOf(outcome: Exclude<Rechecked, { readonly kind: 'settled' | 'goes-on' }>): Held['reason'] {
  return outcome.kind === 'stays' ? outcome.reason : 'further';
}

/** As it was, where nobody has looked at it; alive in any case, where there is a place that nobody has ever looked at. */
function releaseOf(entry: PendingEntry, reason: Held['reason'], core: EngineCore): ReleaseOptions {
  if (reason === undefined || reason === 'further') {
    return { notBeforeAt: entry.notBeforeAt, dead: reason === undefined && entry.dead };
  }
  const { clock, random, rules } = core.rooms;
  return rules.releaseAfter(entry, reason, { now: clock.now(), random, maxAttempts: core.settings().pending.maxAttempts });
}
