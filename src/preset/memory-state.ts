/** A state store that lasts as long as the process: the default where the host brings none. */
import type { StateStore } from '../base/seams.js';

/** Values by key in memory. Values are copied both ways. */
export function createMemoryState(): StateStore {
  const values = new Map<string, Uint8Array>();
  return {
    get: async (key) => values.get(key)?.slice(),
    set: async (key, value) => {
      values.set(key, value.slice());
    },
  };
}
