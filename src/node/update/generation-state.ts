/**
 * The state of an engine with its components kept as generations: where the portable `install` keeps what it has
 * switched to, so that it can be gone back from, and so that other processes on the same directory follow.
 */
import { toUtf8 } from '../../base/bytes.js';
import type { StateStore } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import type { GenerationStore } from './generation-store.js';

/** Components go to the generations, everything else to `rest`. What an earlier release kept in `rest` is still found. */
export function createGenerationState(store: GenerationStore, rest: StateStore): StateStore {
  const setAll = async (values: readonly (readonly [string, Uint8Array])[]): Promise<void> => {
    const containers = values.filter(([key]) => keyParts(key)?.part === 'container').map(([, value]) => value);
    if (containers.length > 0) {
      await store.commit(containers);
    }
    for (const [key, value] of values) {
      if (keyParts(key) === undefined) {
        await rest.set(key, value);
      }
    }
  };
  return {
    async get(key) {
      const parts = keyParts(key);
      if (parts === undefined) {
        return rest.get(key);
      }
      const kept = (await store.generations()).components[parts.kind];
      if (kept === undefined) {
        return rest.get(key);
      }
      return parts.part === 'container' ? store.read(parts.kind) : toUtf8(String(kept.newest));
    },
    // The newest generation is part of what a commit writes.
    set: (key, value) => setAll([[key, value]]),
    setAll,
  };
}

const kinds: readonly string[] = ['agent-pattern', 'filter', 'server-pattern', 'lists', 'action-table'] satisfies readonly ComponentKind[];

/** `pattern/KIND` and `pattern/KIND/newest-generation`, as `install.ts` names them. */
function keyParts(key: string): { readonly kind: ComponentKind; readonly part: 'container' | 'newest' } | undefined {
  const [room, kind, part, ...more] = key.split('/');
  if (room !== 'pattern' || kind === undefined || !kinds.includes(kind) || more.length > 0) {
    return undefined;
  }
  if (part === undefined) {
    return { kind: kind as ComponentKind, part: 'container' };
  }
  return part === 'newest-generation' ? { kind: kind as ComponentKind, part: 'newest' } : undefined;
}
