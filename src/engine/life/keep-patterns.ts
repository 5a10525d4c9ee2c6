/**
 * Patterns over time: whatever looks for newer ones has its turn in every round of the background work, and a component
 * that passes two of its periods is reported once, when it does.
 */
import type { UpkeepHands } from '../../update/upkeep.js';
import type { EngineCore } from '../family/core.js';

/** The turn that patterns have in the background work. */
export interface PatternKeeper {
  /** Never rejects. @returns in how many ms to look again. */
  tend(signal: AbortSignal): Promise<number>;
}

/** For what has become stale: later than this nobody is told of it. */
const lookEveryMs = 3_600_000;

/** `soon` asks for a round of background work. */
export function createPatternKeeper(core: EngineCore, soon: () => void): PatternKeeper {
  const { upkeep } = core.rooms;
  let wasStale = false;
  const hands: UpkeepHands = {
    install: (components) => core.patterns.install(components),
    adopt: (components, how) => core.patterns.adopt(components, how),
    inUse: (kind) => core.patterns.inUse(kind),
    here: () => ({ location: core.location(), sources: core.settings().updates }),
    heard() {
      const newest = core.newestGeneration();
      return { covers: core.patterns.view(newest).filter?.covers, newest };
    },
    onFault: (error) => core.events.emit({ kind: 'fault', where: 'updates', error }),
    soon,
  };

  /** Age is reported, never hidden: DESIGN §1 (e). */
  function reportAge(): number {
    const { stale, nextStaleInMs } = core.patterns.age();
    if (stale && !wasStale) {
      const { generations } = core.patterns.view(core.newestGeneration());
      core.events.emit({ kind: 'pattern', change: 'stale', generations, detail: 'a component is older than two of its update periods' });
    }
    wasStale = stale;
    return Math.min(lookEveryMs, Math.max(1, nextStaleInMs));
  }

  return {
    async tend(signal) {
      const furtherInMs = await (upkeep?.tend(hands, signal) ?? Promise.resolve(Number.POSITIVE_INFINITY));
      return Math.min(furtherInMs, reportAge());
    },
  };
}
