/** The retro log of durability `process`: hunts what this process let through. */
import type { Clock } from '../base/seams.js';
import { RetroCore, type RetroCoreOptions, type RetroStep } from './retro-core.js';
import type { RetroLog } from './retro-log.js';

/** Options of `createMemoryRetro`. */
export interface MemoryRetroOptions extends Omit<RetroCoreOptions, 'ids' | 'clock'> {
  /** The real clock, unless told otherwise. */
  readonly clock?: Clock | undefined;
  /** A new id at every call. The default counts upward from the instant of creation, in the presets behind a part by chance. */
  readonly ids?: (() => string) | undefined;
}

/**
 * A log in memory.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryRetro(options: MemoryRetroOptions & { readonly clock: Clock }): RetroLog {
  const start = options.clock.now().toString(36);
  let count = 0;
  const core = new RetroCore({ ...options, ids: options.ids ?? (() => `retro-${start}-${(count++).toString(36)}`) });
  return {
    durability: 'process',
    remember: async (allowed) => valueOf(core.remember(allowed)),
    keys: async () => core.keys(),
    find: async (keys) => keys.map((key) => core.find(key)),
    forget: async (key, place) => valueOf(core.forget(key, place)),
    mark: async () => core.mark(),
    hunted: async (mark) => valueOf(core.hunted(mark)),
    counts: async () => core.counts(),
    raise: async (key, verdict, owner) => valueOf(core.raise(key, verdict, owner)),
    intend: async (id, intent) => valueOf(core.intend(id, intent)),
    settle: async (id, outcome) => valueOf(core.settle(id, outcome)),
    async *findings() {
      yield* core.findings();
    },
  };
}

function valueOf<T>(step: RetroStep<T>): T {
  return step.value;
}
