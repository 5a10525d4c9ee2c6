/**
 * One of several processes on one data directory: waits for its turn, flags and settles, lets go, and again.
 *
 *     O time   the queue is open       T place   tried     A place   acknowledged
 *     C time   it is about to close    S place   settling  D place   settled
 *
 * Places hold the instant of their making; instants are those of the machine's monotonic clock, in ns.
 */
import { writeSync } from 'node:fs';
import { openJournalQueue } from '../../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { fileAt, owner } from '../../pending/plain-subjects.js';

const [dir = '', sessions = '1'] = process.argv.slice(2);
const clock = createSystemClock();
const deeds = 6;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

say('started');
for (let session = 0; session < Number(sessions); session++) {
  const queue = await openJournalQueue({ dir, clock, waitMs: 120_000, slackBytes: 10_000 });
  say(`O ${process.hrtime.bigint()}`);
  for (let deed = 0; deed < deeds; deed++) {
    const place = `/p/${process.pid}/${process.hrtime.bigint()}`;
    say(`T ${place}`);
    const [pending] = await queue.enqueue([fileAt(`content ${deed % 3}`, place)]);
    if (pending?.kind === 'queued') {
      say(`A ${place}`);
    }
  }
  for (const entry of await queue.claim(owner, { limit: 2, leaseMs: 60_000 })) {
    for (const item of entry.items.filter((one) => one.outcome === undefined).slice(0, 2)) {
      const place = item.subject.locator?.ref ?? '';
      say(`S ${place}`);
      await queue.settle(entry.id, item.id, 'done');
      say(`D ${place}`);
    }
    await queue.release(entry.id, { notBeforeAt: 0 });
  }
  say(`C ${process.hrtime.bigint()}`);
  await queue.close();
}
