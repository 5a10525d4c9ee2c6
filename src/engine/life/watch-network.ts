/**
 * Notices that the network has changed, where the runtime shows it: a mark of it is compared every few seconds. A clock
 * on the wall that runs ahead of the monotonic one says that the machine was asleep: it may have woken up elsewhere.
 */
import type { EngineCore } from '../family/core.js';

/** Watches until the engine closes. */
export interface NetworkWatch {
  /** True when the network is not what it was at the last look. Never rejects. */
  hasChanged(): Promise<boolean>;
  /** Starts looking every few seconds; called again it does nothing. */
  start(onChange: () => void): void;
  stop(): void;
}

const defaultEveryMs = 5_000;
/** Wall clocks are corrected by less than this without anybody having slept. */
const asleepMs = 30_000;

/** A watch over the runtime's mark of the network. */
export function createNetworkWatch(core: EngineCore): NetworkWatch {
  const { clock, network } = core.rooms;
  let known: string | undefined;
  let seen: { readonly wall: number; readonly monotonicMs: number } | undefined;
  let looping: AbortController | undefined;
  let isBroken = false;

  function wasAsleep(): boolean {
    const now = { wall: clock.now(), monotonicMs: clock.monotonicMs() };
    const slept = seen !== undefined && now.wall - seen.wall > now.monotonicMs - seen.monotonicMs + asleepMs;
    seen = now;
    return slept;
  }

  async function hasChanged(): Promise<boolean> {
    if (network?.isWatched(core.settings()) !== true) {
      return false;
    }
    const slept = wasAsleep();
    try {
      const mark = await network.mark();
      const changed = known !== undefined && mark !== known;
      known = mark;
      isBroken = false;
      return changed || slept;
    } catch (error) {
      if (!isBroken) {
        core.events.emit({ kind: 'fault', where: 'network', error });
      }
      isBroken = true;
      return slept;
    }
  }

  async function loop(off: AbortSignal, onChange: () => void): Promise<void> {
    const wake = new AbortController();
    const leaving = [core.closing, off].map((ending) => core.fanOut.follow(ending, () => wake.abort()));
    while (!wake.signal.aborted) {
      if (await hasChanged()) {
        onChange();
      }
      const everyMs = core.settings().locations?.watchMs ?? defaultEveryMs;
      await clock.sleep(everyMs, wake.signal, { background: true }).catch(() => undefined);
    }
    leaving.forEach((leave) => leave());
  }

  return {
    hasChanged,
    start(onChange) {
      if (looping === undefined && network?.isWatched(core.settings()) === true) {
        looping = new AbortController();
        core.rooms.background(loop(looping.signal, onChange));
      }
    },
    stop() {
      looping?.abort();
      looping = undefined;
    },
  };
}
