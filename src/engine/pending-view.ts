/** The queue as a host sees it: what is flagged, draining it, and waiting for one entry to be settled. */
import type { CheckResult } from '../base/check-result.js';
import { abortedError, VedetteError } from '../base/errors.js';
import type { PendingCounts } from '../pending/pending-queue.js';
import type { PendingOwner, PendingView } from './checker.js';
import type { EngineCore, Member } from './family/core.js';

/** The view of one member. */
export function createPendingView(core: EngineCore, member: Member): PendingView {
  return {
    async *list({ orphaned = false } = {}) {
      const queue = await core.queue();
      for await (const entry of queue.list()) {
        if (orphaned ? !core.members.has(entry.owner) : entry.owner === member.name) {
          yield entry;
        }
      }
    },
    async *drain(options = {}) {
      await core.settledReady();
      const { limit = Number.MAX_SAFE_INTEGER, dead = false, ...checkOptions } = options;
      const include = dead ? 'dead' : 'waiting';
      await knock(core, options.signal);
      const { drain } = await import('./life/pending/queue-work.js');
      yield* drain({ core, member, options: checkOptions, limit, include });
    },
    settled: (id, options = {}) => settledResult(id, core, options.signal),
    counts: () => countsOf(core, member),
    revive: (id) => revive(id, { core, member }),
    owners: () => ownersIn(core),
    adopt: (owner) => adopt(owner, { core, member }),
  };
}

/** The queue takes every other owner for an orphan; the family knows better. */
async function countsOf(core: EngineCore, member: Member): Promise<PendingCounts> {
  const queue = await core.queue();
  const counts = await queue.counts(member.name);
  const others = [...core.members.keys()].filter((name) => name !== member.name);
  const inFamily = counts.orphaned === 0 ? [] : await Promise.all(others.map((name) => queue.counts(name)));
  const theirs = inFamily.reduce((sum, { due, waiting = 0, claimed, dead }) => sum + due + waiting + claimed + dead, 0);
  return { ...counts, orphaned: Math.max(0, counts.orphaned - theirs) };
}

/** Only what is dead: to release a living entry would take it out of the hands that it is in. */
async function revive(id: string | undefined, { core, member }: By): Promise<number> {
  const queue = await core.queue();
  let revived = 0;
  for await (const entry of id === undefined ? queue.list() : entriesOf(await queue.find(id))) {
    if (entry.dead && entry.owner === member.name) {
      await queue.release(entry.id, { notBeforeAt: core.rooms.clock.now() });
      core.events.emit({ kind: 'pending', change: 'revived', id: entry.id });
      revived++;
    }
  }
  if (revived > 0) {
    core.wake();
  }
  return revived;
}

async function ownersIn(core: EngineCore): Promise<readonly PendingOwner[]> {
  const queue = await core.queue();
  const owners = new Map<string, { entries: number; dead: number }>();
  for await (const { owner, dead } of queue.list()) {
    const known = owners.get(owner) ?? { entries: 0, dead: 0 };
    owners.set(owner, { entries: known.entries + 1, dead: known.dead + (dead ? 1 : 0) });
  }
  return [...owners].map(([owner, counts]) => ({ owner, ...counts, orphaned: !core.members.has(owner) }));
}

async function adopt(owner: string, { core, member }: By): Promise<number> {
  if (core.members.has(owner)) {
    throw new VedetteError('config-invalid', `the engine "${owner}" is here and drains its entries itself`, { detail: { owner } });
  }
  const queue = await core.queue();
  if (queue.adopt === undefined) {
    throw new VedetteError('unsupported', 'the pending queue cannot give entries to another owner', { detail: { owner } });
  }
  const adopted = await queue.adopt(owner, member.name);
  if (adopted > 0) {
    core.events.emit({ kind: 'pending', change: 'adopted' });
    core.wake();
  }
  return adopted;
}

interface By {
  readonly core: EngineCore;
  readonly member: Member;
}

async function* entriesOf<T>(entry: T | undefined): AsyncGenerator<T> {
  if (entry !== undefined) {
    yield entry;
  }
}

/** An explicit drain asks servers that are left alone whether they are back: the host may know more than the breaker. */
async function knock(core: EngineCore, signal: AbortSignal | undefined): Promise<void> {
  const query = core.query();
  if (!query.servers().some((server) => server.state === 'closed')) {
    await query.probe({ signal: signal ?? core.closing });
  }
}

async function settledResult(id: string, core: EngineCore, signal: AbortSignal | undefined): Promise<CheckResult> {
  const queue = await core.queue();
  for (;;) {
    // Listening begins before looking: a settlement in between must not be missed.
    const heard = listen(id, core, signal);
    const open = await queue.find(id);
    if (open === undefined) {
      heard.stop();
      const result = core.settlements.get(id);
      if (result === undefined) {
        throw new VedetteError('unsupported', `no pending entry ${id} is known`, { detail: { id } });
      }
      return result;
    }
    try {
      await heard.promise;
    } finally {
      heard.stop();
    }
    if (signal?.aborted === true) {
      throw abortedError(signal);
    }
  }
}

function listen(
  id: string,
  core: EngineCore,
  signal: AbortSignal | undefined,
): { readonly promise: Promise<void>; stop(): void } {
  const over = new AbortController();
  const promise = new Promise<void>((resolve, reject) => {
    const forget = core.settlements.wait(id, resolve);
    over.signal.addEventListener('abort', forget, { once: true });
    for (const ending of [signal, core.closing]) {
      over.signal.addEventListener('abort', core.fanOut.follow(ending, () => reject(abortedError(ending))), { once: true });
    }
  });
  // Nobody may be waiting for it when it is stopped.
  promise.catch(() => undefined);
  return { promise, stop: () => over.abort() };
}
