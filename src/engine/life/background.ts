/**
 * What an engine does by itself: finds out where it is, refreshes patterns that are known to be behind, asks whether
 * servers are back while anything is flagged, and drains the queue when one is. `maintain` does all of it once; with
 * timers a loop calls it, without timers the host does.
 */
import { throwIfAborted } from '../../base/errors.js';
import type { Locator } from './locate.js';
import type { NetworkWatch } from './watch-network.js';
import { share, type SharedRun } from './shared-run.js';
import type { EngineCore } from '../family/core.js';
import { createQueueKeeper } from './pending/tend-queue.js';

/** Background work of one family. */
export interface Background {
  maintain(options: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined }): Promise<{ readonly nextAt: number }>;
  /** Starts the loop; called again it does nothing. */
  start(): void;
  /** Ends the loop: from then on the host calls `maintain`. What it is in the middle of is given up. */
  stop(): void;
  /** There is something to do now. */
  soon(): void;
  /** There may be something to do before the loop would look. */
  wake(): void;
  /** A server has answered: what is flagged can be checked again. */
  serverAnswered(): void;
  /** The host is, or may be, at another place now. */
  relocate(): void;
  /** A server was given up. */
  doubt(): void;
  /** A newer server generation was heard of: the filter may be behind. */
  outdated(): void;
  /** Resolves when nothing is going on; never rejects. */
  ended(): Promise<void>;
}

/** What the loop tells the engine. */
export interface BackgroundHooks {
  /** Further work of every round, beside that on the queue. Never rejects. @returns in how many ms to look again. */
  tend(signal: AbortSignal): Promise<number>;
  /** Work of the first round. */
  once(signal: AbortSignal): Promise<void>;
  readonly locator: Locator;
  readonly network: NetworkWatch;
  /** What follows when the network has changed. */
  networkChanged(): void;
}

const refreshEveryMs = 60_000;
const soonMs = 10;
/** What a part of the host gets before the rest of the work goes on without it. */
const patienceMs = 30_000;
const firstLookMs = 5_000;

/** The background work over a core. Nothing runs before `start` or `maintain`. */
export function createBackground(core: EngineCore, hooks: BackgroundHooks): Background {
  const { clock } = core.rooms;
  /** Instants are monotonic: a wall clock that is put back must not put work off for years. */
  let refreshAt = Number.NEGATIVE_INFINITY;
  const keeper = createQueueKeeper(core);
  const { locator, network } = hooks;
  let begun = false;
  let looping: AbortController | undefined;
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
    if (looping === undefined && (await network.hasChanged())) {
      hooks.networkChanged();
    }
    await locator.look(signal);
    await inPatience('patterns', refresh());
    await inPatience('audit', begun ? Promise.resolve() : hooks.once(signal));
    begun = true;
    const [queueInMs, furtherInMs] = await Promise.all([keeper.tend(signal), hooks.tend(signal)]);
    const nowMs = clock.monotonicMs();
    const refreshInMs = isBehind() ? refreshAt - nowMs : Number.POSITIVE_INFINITY;
    return { nextAt: clock.now() + Math.max(soonMs, Math.min(locator.dueInMs(), refreshInMs, queueInMs, furtherInMs)) };
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

  async function loop(off: AbortSignal): Promise<void> {
    while (!core.closing.aborted && !off.aborted) {
      requestedAt = Number.POSITIVE_INFINITY;
      let inMs: number;
      try {
        inMs = (await maintain({ signal: off })).nextAt - clock.now();
      } catch (error) {
        if (core.closing.aborted || off.aborted) {
          return;
        }
        core.events.emit({ kind: 'fault', where: 'background', error });
        inMs = 5_000;
      }
      const at = clock.monotonicMs() + inMs;
      await napUntil(() => Math.min(at, requestedAt), off);
    }
  }

  /** Sleeps, and sleeps again when a request has moved the instant. */
  async function napUntil(instant: () => number, off: AbortSignal): Promise<void> {
    for (let ms = instant() - clock.monotonicMs(); ms > 0 && !core.closing.aborted && !off.aborted; ms = instant() - clock.monotonicMs()) {
      const nap = new AbortController();
      sleeping = nap;
      const wakes = [core.closing, off].map((ending) => core.fanOut.follow(ending, () => nap.abort()));
      await clock.sleep(ms, nap.signal, { background: true }).catch(() => undefined);
      wakes.forEach((wake) => wake());
    }
  }

  return {
    maintain,
    start() {
      if (looping === undefined) {
        looping = new AbortController();
        core.rooms.background(loop(looping.signal));
      }
      network.start(() => hooks.networkChanged());
    },
    stop() {
      looping?.abort();
      looping = undefined;
      network.stop();
    },
    soon: () => request(0),
    wake() {
      keeper.flagged();
      // Not at once: the servers have just been asked in vain.
      request(firstLookMs);
    },
    serverAnswered() {
      if (keeper.serverAnswered()) {
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
      await Promise.all(keeper.ongoing());
    },
    relocate() {
      refreshAt = Number.NEGATIVE_INFINITY;
      request(0);
    },
    doubt() {
      if (locator.doubt()) {
        request(0);
      }
    },
  };
}
