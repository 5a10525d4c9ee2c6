/**
 * What an engine does by itself: finds out where it is, refreshes patterns that are known to be behind, asks whether
 * servers are back while anything is flagged, and drains the queue when one is. `maintain` does all of it once; with
 * timers a loop calls it, without timers the host does.
 */
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { Location } from '../../location/location-probe.js';
import type { EngineCore, Member } from '../family/core.js';
import { drain } from './drain.js';

/** Background work of one family. */
export interface Background {
  maintain(options: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined }): Promise<{ readonly nextAt: number }>;
  /** Starts the loop; called again it does nothing. */
  start(): void;
  /** There may be something to do before the loop would look. */
  wake(): void;
  /** A server has answered: what is flagged can be checked again. */
  serverAnswered(): void;
  /** The place is to be looked at again. */
  relocate(): void;
}

/** What the loop tells the engine. */
export interface BackgroundHooks {
  located(location: Location): void;
}

const locateEveryMs = 3_600_000;
const refreshEveryMs = 60_000;
const lookEveryMs = 60_000;
const idleMs = 3_600_000;
const drainAtOnce = 1_000;
const firstLookMs = 5_000;

/** The background work over a core. Nothing runs before `start` or `maintain`. */
export function createBackground(core: EngineCore, hooks: BackgroundHooks): Background {
  const { clock } = core.rooms;
  let locateAt = 0;
  let refreshAt = 0;
  /** Something may be in the queue. True at first: a queue on disk may hold what an earlier process left. */
  let flagged = true;
  /** Something was flagged, or found nobody to answer, since a server last answered. */
  let awaiting = true;
  let answered = false;
  let started = false;
  let requestedAt = Number.POSITIVE_INFINITY;
  let sleeping: AbortController | undefined;
  let running: Promise<{ readonly nextAt: number }> | undefined;

  function request(at: number): void {
    if (at < requestedAt) {
      requestedAt = at;
      sleeping?.abort();
    }
  }

  async function once(signal: AbortSignal): Promise<{ readonly nextAt: number }> {
    await core.settledReady();
    await locate(signal);
    await refresh();
    const queueAt = await tendQueue(signal);
    return { nextAt: Math.max(clock.now() + 10, Math.min(locateAt, queueAt)) };
  }

  async function locate(signal: AbortSignal): Promise<void> {
    if (clock.now() < locateAt) {
      return;
    }
    locateAt = clock.now() + locateEveryMs;
    const { location } = await core.rooms.location.locate({ signal });
    if (location !== core.location()) {
      hooks.located(location);
      core.events.emit({ kind: 'location', location });
    }
  }

  /** DESIGN §1 (b): a newer server generation is known than the filter covers. */
  async function refresh(): Promise<void> {
    const covers = core.patterns.view(core.newestGeneration()).filter?.covers;
    const newest = core.newestGeneration();
    if (covers === undefined || newest === undefined || newest <= covers || clock.now() < refreshAt) {
      return;
    }
    refreshAt = clock.now() + refreshEveryMs;
    core.events.emit({ kind: 'pattern', change: 'stale', generations: core.patterns.view(core.newestGeneration()).generations });
    await core.patterns.refresh();
  }

  /** @returns when to look again. */
  async function tendQueue(signal: AbortSignal): Promise<number> {
    if (!flagged) {
      return clock.now() + idleMs;
    }
    const queue = await core.queue();
    const [first] = await take(queue.list(), 1);
    if (first === undefined) {
      flagged = false;
      return clock.now() + idleMs;
    }
    const include = await whatToDrain(signal);
    if (include === 'nothing') {
      return Math.max(clock.now() + 1_000, core.query().nextProbeAt());
    }
    answered = false;
    awaiting = false;
    for (const member of core.members.values()) {
      await drainMember(member, { signal, include });
    }
    return clock.now() + lookEveryMs;
  }

  /** A server that has just come back settles everything; one that merely is not known to be away, what is due. */
  async function whatToDrain(signal: AbortSignal): Promise<'nothing' | 'due' | 'waiting'> {
    if (answered) {
      return 'waiting';
    }
    const query = core.query();
    if (query.servers().some((server) => server.state === 'closed')) {
      return 'due';
    }
    return clock.now() >= query.nextProbeAt() && (await query.probe({ signal })) ? 'waiting' : 'nothing';
  }

  async function drainMember(
    member: Member,
    how: { readonly signal: AbortSignal; readonly include: 'due' | 'waiting' },
  ): Promise<void> {
    const { signal, include } = how;
    const results = drain({ core, member, options: { signal }, limit: drainAtOnce, include });
    for await (const result of results) {
      // The handler has been told already; nobody else waits for it here.
      core.stats.add(`late.${result.verdict.disposition}`);
    }
    // Whatever is still there was checked in vain: the next answer of a server is worth another look.
    const { due, waiting = 0 } = await (await core.queue()).counts(member.name);
    awaiting = awaiting || due + waiting > 0;
  }

  function maintain(options: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined }): Promise<{ readonly nextAt: number }> {
    // One run at a time: a second caller gets the same one.
    running ??= withDeadline(once, { ...options, clock, closing: core.closing }).finally(() => {
      running = undefined;
    });
    return running;
  }

  async function loop(): Promise<void> {
    while (!core.closing.aborted) {
      requestedAt = Number.POSITIVE_INFINITY;
      let nextAt: number;
      try {
        ({ nextAt } = await maintain({}));
      } catch (error) {
        if (core.closing.aborted) {
          return;
        }
        core.events.emit({ kind: 'fault', where: 'background', error });
        nextAt = clock.now() + 5_000;
      }
      await napUntil(() => Math.min(nextAt, requestedAt));
    }
  }

  /** Sleeps, and sleeps again when a request has moved the instant. */
  async function napUntil(instant: () => number): Promise<void> {
    for (let ms = instant() - clock.now(); ms > 0 && !core.closing.aborted; ms = instant() - clock.now()) {
      const nap = new AbortController();
      sleeping = nap;
      const signal = AbortSignal.any([nap.signal, core.closing]);
      await clock.sleep(ms, signal, { background: true }).catch(() => undefined);
    }
  }

  return {
    maintain,
    start() {
      if (!started) {
        started = true;
        core.rooms.background(loop());
      }
    },
    wake() {
      flagged = true;
      awaiting = true;
      // Not at once: the servers have just been asked in vain.
      request(clock.now() + firstLookMs);
    },
    serverAnswered() {
      if (flagged && awaiting && !answered) {
        answered = true;
        request(clock.now());
      }
    },
    relocate() {
      locateAt = 0;
      refreshAt = 0;
      request(clock.now());
    },
  };
}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length >= count) {
      break;
    }
  }
  return taken;
}

async function withDeadline(
  work: (signal: AbortSignal) => Promise<{ readonly nextAt: number }>,
  limits: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined; readonly clock: Clock; readonly closing: AbortSignal },
): Promise<{ readonly nextAt: number }> {
  const { clock, closing } = limits;
  const out = new AbortController();
  const over = new AbortController();
  if (limits.deadlineMs !== undefined) {
    clock.sleep(limits.deadlineMs, over.signal).then(
      () => out.abort(),
      () => undefined,
    );
  }
  const signals = [out.signal, closing, ...(limits.signal === undefined ? [] : [limits.signal])];
  try {
    return await work(AbortSignal.any(signals));
  } catch (error) {
    // Out of time is no failure: what is left is done the next time.
    if (out.signal.aborted && VedetteError.is(error) && error.code === 'aborted') {
      return { nextAt: clock.now() };
    }
    throw error;
  } finally {
    over.abort();
  }
}
