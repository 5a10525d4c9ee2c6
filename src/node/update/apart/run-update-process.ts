/** The process that `keepServerUpdated` starts for a look: takes one order, does it at a low priority, says how it ended. */
import { once } from 'node:events';
import { describeError, VedetteError } from '../../../base/errors.js';
import type { Clock } from '../../../base/seams.js';
import { createSystemClock } from '../../../preset/system-seams.js';
import { lowerOwnPriority } from '../../own-priority.js';
import { createWorkHere } from './server-work.js';
import { failureOf, stopOrder, type UpdateOrders, type UpdateWord } from './update-orders.js';

/** What ends later than this after the server is gone is cut: every kill leaves the old generation or the new one. */
const graceMs = 2000;

/**
 * All that a program has to do that is named by `apart.program`. Resolves when the order is done.
 * @throws VedetteError `unsupported` in a process that nobody gives orders.
 */
export async function runUpdateProcess(): Promise<void> {
  if (process.send === undefined) {
    throw new VedetteError('unsupported', 'this program is started by keepServerUpdated, with a channel to it');
  }
  const ending = new AbortController();
  process.on('message', (message) => void (message === stopOrder ? ending.abort() : undefined));
  process.once('disconnect', () => {
    ending.abort();
    setTimeout(() => process.exit(), graceMs).unref();
  });
  const [orders] = (await once(process, 'message')) as [UpdateOrders | typeof stopOrder];
  if (orders !== stopOrder) {
    lowerOwnPriority(orders.priority);
    await say(await done(orders, ending.signal).catch(failureOf));
  }
  if (process.connected) {
    process.disconnect();
  }
}

async function done(orders: UpdateOrders, signal: AbortSignal): Promise<UpdateWord> {
  const onFault = (error: unknown): void => void say({ kind: 'fault', message: describeError(error) });
  const work = createWorkHere({ ...orders, clock: clockAhead(orders.aheadMs), onFault });
  switch (orders.task.kind) {
    case 'look': {
      const report = await work.look(orders.task.look, signal);
      return { kind: 'looked', report };
    }
    case 'serve':
      await work.serve(signal);
      return { kind: 'served' };
  }
}

function clockAhead(aheadMs: number): Clock {
  const system = createSystemClock();
  return { ...system, now: () => Math.round(system.now() + aheadMs) };
}

/** Whoever asked may be gone. */
function say(word: UpdateWord): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) {
      resolve();
      return;
    }
    process.send(word, () => resolve());
  });
}
