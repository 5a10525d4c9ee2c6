/** Work that is waited for only so long: a part of the host that never comes back must hold up nobody else. */
import type { Clock } from '../../base/seams.js';

/** Ended, or still going on by itself. */
export type InTime<T> = { readonly kind: 'ended'; readonly value: T } | { readonly kind: 'late' };

/** The end of the work within so many ms. What it comes to later is nobody's to hear. @throws what the work throws in time. */
export async function inTime<T>(work: Promise<T>, ms: number, clock: Clock): Promise<InTime<T>> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal, { background: true }).then(
    () => ({ kind: 'late' }) as const,
    () => ({ kind: 'late' }) as const,
  );
  try {
    return await Promise.race([work.then((value) => ({ kind: 'ended', value }) as const), late]);
  } finally {
    over.abort();
  }
}
