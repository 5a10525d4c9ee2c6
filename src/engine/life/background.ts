/**
 * What an engine does by itself: finds out where it is, refreshes patterns that are known to be behind, asks whether
 * servers are back while anything is flagged, and drains the queue when one is. `maintain` does all of it once; with
 * timers a loop calls it, without timers the host does.
 */
import { throwIfAborted } from '../../base/errors.js';
import type { Location } from '../../location/location-probe.js';
import { share, type SharedRun } from './shared-run.js';
import type { EngineCore, Member } from '../family/core.js';
import { drain, type DrainEnd } from './drain.js';

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
  /** A newer server generation was heard of: the filter may be behind. */
  outdated(): void;
  /** Resolves when nothing is going on; never rejects. */
  ended(): Promise<void>;
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
const soonMs = 10;
/** What a part of the host gets before the rest of the work goes on without it. */
const patienceMs = 30_000;
const firstLookMs = 5_000;

/** The background work over a core. Nothing runs before `start` or `maintain`. */
export function createBackground(core: EngineCore, hooks: BackgroundHooks): Background {
  const { clock } = core.rooms;
  /** Instants are monotonic: a wall clock that is put back must not put work off for years. */
  let locateAt = Number.NEGATIVE_INFINITY;
  let refreshAt = Number.NEGATIVE_INFINITY;
  /** Something may be in the queue. True at first: a queue on disk may hold what an earlier process left. */
  let flagged = true;
  /** Something was flagged, or found nobody to answer, since a server last answered. */
  let awaiting = true;
  let answered = false;
  let started = false;
  let requestedAt = Number.POSITIVE_INFINITY;
  let sleeping: AbortController | undefined;
  let running: SharedRun | undefined;

  function request(inMs: number): void {
    const at = clock.monotonicMs() + inMs;
    if (at < requestedAt) {
      requestedAt = at;
      sleeping?.abort();
    }
  }

  async function once(signal: AbortSignal): Promise<{ readonly nextAt: number }> {
    await core.settledReady();
    await inPatience('location', locate(signal));
    await inPatience('patterns', refresh());
    const queueInMs = await tendQueue(signal);
    const nowMs = clock.monotonicMs();
    const refreshInMs = isBehind() ? refreshAt - nowMs : Number.POSITIVE_INFINITY;
    return { nextAt: clock.now() + Math.max(soonMs, Math.min(locateAt - nowMs, refreshInMs, queueInMs)) };
  }

  /** A part of the host that fails or never answers keeps nobody from the queue. */
  async function inPatience(where: string, work: Promise<void>): Promise<void> {
    const over = new AbortController();
    const outOfTime = clock.sleep(patienceMs, over.signal, { background: true }).catch(() => undefined);
    const guarded = work.catch((error: unknown) => {
      if (!core.closing.aborted) {
        core.events.emit({ kind: 'fault', where, error });
      }
    });
    await Promise.race([guarded, outOfTime]);
    over.abort();
  }

  async function locate(signal: AbortSignal): Promise<void> {
    if (clock.monotonicMs() < locateAt) {
      return;
    }
    locateAt = clock.monotonicMs() + locateEveryMs;
    const { location } = await core.rooms.location.locate({ signal });
    if (location !== core.location()) {
      hooks.located(location);
      core.events.emit({ kind: 'location', location });
    }
  }

  /** DESIGN §1 (b): a newer server generation is known than the filter covers, or the host could not bring its own. */
  function isBehind(): boolean {
    if (core.patterns.isIncomplete()) {
      return true;
    }
    const newest = core.newestGeneration();
    const covers = core.patterns.view(newest).filter?.covers;
    return covers !== undefined && newest !== undefined && newest > covers;
  }

  async function refresh(): Promise<void> {
    if (!isBehind() || clock.monotonicMs() < refreshAt) {
      return;
    }
    refreshAt = clock.monotonicMs() + refreshEveryMs;
    core.events.emit({ kind: 'pattern', change: 'stale', generations: core.patterns.view(core.newestGeneration()).generations });
    await core.patterns.refresh();
  }

  /** @returns in how many ms to look again. */
  async function tendQueue(signal: AbortSignal): Promise<number> {
    if (!flagged) {
      return idleMs;
    }
    const queue = await core.queue();
    // What is flagged while this looks is not missed: it sets the mark again.
    flagged = false;
    const [first] = await take(queue.list(), 1);
    if (first === undefined) {
      return flagged ? soonMs : idleMs;
    }
    flagged = true;
    const include = await whatToDrain(signal);
    if (include === 'nothing') {
      return Math.max(1_000, core.query().nextProbeAt() - clock.now());
    }
    answered = false;
    awaiting = false;
    let more = false;
    for (const member of core.members.values()) {
      more = (await drainMember(member, { signal, include })).cut || more;
    }
    return more || signal.aborted ? soonMs : lookEveryMs;
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
  ): Promise<DrainEnd> {
    const { signal, include } = how;
    let end: DrainEnd = { starved: false, cut: false };
    const results = drain({ core, member, options: { signal }, limit: drainAtOnce, include, onEnd: (how) => void (end = how) });
    for await (const result of results) {
      // The handler has been told already; nobody else waits for it here.
      core.stats.add(`late.${result.verdict.disposition}`);
    }
    // Only for these is the next answer news: what stays for another reason would be checked in vain at every answer.
    awaiting = awaiting || end.starved;
    return end;
  }

  /** One run at a time: a second caller shares the first one's, each with limits of its own. */
  async function maintain(options: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined }): Promise<{ readonly nextAt: number }> {
    throwIfAborted(core.closing);
    throwIfAborted(options.signal);
    if (running === undefined || running.off.signal.aborted) {
      running = begin(running?.ended);
    }
    return share(running, options, core);
  }

  /** A run that everybody has left comes to its end before the next one begins. */
  function begin(former: Promise<unknown> | undefined): SharedRun {
    const off = new AbortController();
    const leave = core.fanOut.follow(core.closing, () => off.abort(core.closing.reason));
    const work = async (): Promise<{ readonly nextAt: number }> => {
      await former?.catch(() => undefined);
      return once(off.signal);
    };
    const run: SharedRun = { off, callers: 0, ended: work() };
    const forget = (): void => {
      leave();
      running = running === run ? undefined : running;
    };
    core.rooms.background(run.ended.then(forget, forget));
    return run;
  }

  async function loop(): Promise<void> {
    while (!core.closing.aborted) {
      requestedAt = Number.POSITIVE_INFINITY;
      let inMs: number;
      try {
        inMs = (await maintain({})).nextAt - clock.now();
      } catch (error) {
        if (core.closing.aborted) {
          return;
        }
        core.events.emit({ kind: 'fault', where: 'background', error });
        inMs = 5_000;
      }
      const at = clock.monotonicMs() + inMs;
      await napUntil(() => Math.min(at, requestedAt));
    }
  }

  /** Sleeps, and sleeps again when a request has moved the instant. */
  async function napUntil(instant: () => number): Promise<void> {
    for (let ms = instant() - clock.monotonicMs(); ms > 0 && !core.closing.aborted; ms = instant() - clock.monotonicMs()) {
      const nap = new AbortController();
      sleeping = nap;
      const wake = core.fanOut.follow(core.closing, () => nap.abort());
      await clock.sleep(ms, nap.signal, { background: true }).catch(() => undefined);
      wake();
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
      request(firstLookMs);
    },
    serverAnswered() {
      if (flagged && awaiting && !answered) {
        answered = true;
        request(0);
      }
    },
    outdated() {
      if (isBehind()) {
        request(Math.max(0, refreshAt - clock.monotonicMs()));
      }
    },
    ended: async () => {
      await running?.ended.catch(() => undefined);
    },
    relocate() {
      locateAt = Number.NEGATIVE_INFINITY;
      refreshAt = Number.NEGATIVE_INFINITY;
      request(0);
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
