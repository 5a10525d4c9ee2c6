/** Whether what was flagged, now or long before, waits to be verified for longer than the host allows. */
import type { Pending } from '../../base/check-result.js';
import type { EngineCore } from '../family/core.js';

/** By the entry that a subject was flagged in. A queue that cannot tell leaves it at "not overdue". */
export async function isOverdue(pending: Pending, core: EngineCore): Promise<boolean> {
  if (pending.kind !== 'queued') {
    return false;
  }
  try {
    const entry = await (await core.queue()).find(pending.id);
    return entry !== undefined && core.rooms.clock.now() - entry.firstAt > core.settings().pending.deadlineMs;
  } catch (error) {
    core.events.emit({ kind: 'fault', where: 'queue', error });
    return false;
  }
}
