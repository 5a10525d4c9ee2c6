/** Several results that belong to one line. */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';

/** What is usable counts, and what is not is told beside it; a line of which nothing is usable is skipped. */
export function oneOf(results: readonly LineResult<HashEntry>[], signature: string): LineResult<HashEntry> {
  const loaded = results.filter((one) => one.kind === 'loaded');
  const faults = results.filter((one) => one.kind === 'skipped').map((one) => ({ signature: one.signature ?? signature, reason: one.reason }));
  const [first] = faults;
  if (loaded.length === 0) {
    return { kind: 'skipped', signature, reason: first?.reason ?? 'nothing in it that can be listed' };
  }
  return { kind: 'loaded', items: loaded.flatMap((one) => one.items), leftOut: [...loaded.flatMap((one) => one.leftOut ?? []), ...faults] };
}
