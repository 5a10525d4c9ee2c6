/** What a running host has to switch to, after the generations on the disk have changed behind its back. Pure. */
import type { ComponentKind } from '../../pattern/container-format.js';
import type { GenerationsKept } from '../../update/generations.js';

/** Components to be switched to in one step. */
export interface GenerationChange {
  readonly kinds: readonly ComponentKind[];
  /** They may be older than what is in use: an administrator went back. */
  readonly rollback: boolean;
}

/** At most two steps: what is newer, and what was rolled back. What the host brought itself and is newer stays. */
export function changesOf(
  kept: GenerationsKept,
  components: readonly ComponentKind[],
  inUse: (kind: ComponentKind) => { readonly generation: number; readonly digest: string } | undefined,
): readonly GenerationChange[] {
  const newer: ComponentKind[] = [];
  const back: ComponentKind[] = [];
  for (const kind of components) {
    const one = kept.components[kind];
    const used = inUse(kind);
    if (one === undefined || used?.digest === one.current.sha256) {
      continue;
    }
    if (used === undefined || one.current.generation > used.generation) {
      newer.push(kind);
    } else if (one.rolledBack !== undefined && one.current.generation < used.generation) {
      back.push(kind);
    }
  }
  return [
    ...(newer.length === 0 ? [] : [{ kinds: newer, rollback: false }]),
    ...(back.length === 0 ? [] : [{ kinds: back, rollback: true }]),
  ];
}
