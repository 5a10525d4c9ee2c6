/** Every cache takes part twice: in look-ups and in puts. */
import type { Engine } from '../../definition.js';
import type { CacheInput } from '../../inputs/cache-input.js';

/** How many caches must hold. */
export const maxEntries = 200_000;

/** `get`s and `put`s of one key at a time over some store. */
export interface CacheEngines {
  readonly get: Engine<CacheInput>;
  readonly set: Engine<CacheInput>;
}
