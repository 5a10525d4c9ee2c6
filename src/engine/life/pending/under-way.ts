/**
 * Remedies that are under way in this process. Whoever carries one out may take longer than any lease: until it is over
 * nobody else treats the item, whatever has become of the claim, and the lease of its entry is renewed. An end of the
 * process ends both: what was begun is then told by the intent on record (DESIGN rule 3).
 */
import type { PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import type { EngineCore } from '../../family/core.js';

/** By queue, since several engines may share one: the ends of what is under way, by item. */
const treated = new WeakMap<PendingQueue, Map<string, Promise<unknown>>>();

/** The end of what is under way for one of these items; undefined where nothing is. Never rejects. */
export function underWay(queue: PendingQueue, items: readonly { readonly id: string }[]): Promise<unknown> | undefined {
  const ends = treated.get(queue);
  return items.map(({ id }) => ends?.get(id)).find((end) => end !== undefined);
}

/** Treats an item unless somebody else does so now. True when it did. @throws what `treat` throws. */
export async function treatAlone(queue: PendingQueue, item: string, treat: () => Promise<void>): Promise<boolean> {
  const ends = treated.get(queue) ?? new Map<string, Promise<unknown>>();
  treated.set(queue, ends);
  if (ends.has(item)) {
    return false;
  }
  const work = treat().finally(() => ends.delete(item));
  ends.set(item, work.catch(() => undefined));
  await work;
  return true;
}

/** Renews the leases of claimed entries until the work is over or the engine ends. Never rejects. */
export async function keepClaimed(
  entries: readonly PendingEntry[],
  work: Promise<unknown>,
  { core, queue, leaseMs }: { readonly core: EngineCore; readonly queue: PendingQueue; readonly leaseMs: number },
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const leave = core.fanOut.follow(core.closing, end);
  void work.then(end, end);
  const renew = async ({ id, claim }: PendingEntry): Promise<void> => {
    try {
      await (claim === undefined ? undefined : queue.renew?.(id, claim, leaseMs));
    } catch {
      // It may run out then: whoever claims the entry finds the intent.
    }
  };
  while (!over.signal.aborted) {
    await Promise.all(entries.map(renew));
    await core.rooms.clock.sleep(leaseMs / 3, over.signal, { background: true }).catch(() => undefined);
  }
  leave();
}
