/**
 * A process that flags and settles for as long as it lives, and says so before and after every deed:
 * `T place` tried, `A place` acknowledged, `S place` settling, `D place` settled. Arguments: directory, deeds (or none).
 */
import { writeSync } from 'node:fs';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { fileAt, owner } from '../pending/plain-subjects.js';

const [dir = '', deeds = 'Infinity'] = process.argv.slice(2);
const queue = await openJournalQueue({ dir, clock: createSystemClock(), waitMs: 10_000, slackBytes: 20_000 });
say('open');
let count = 0;
await Promise.all([flagForever(), flagForever(), flagForever(), settleForever()]);
await queue.close();
say('closed');

async function flagForever(): Promise<void> {
  while (count < Number(deeds)) {
    const place = `/${process.pid}/${process.hrtime.bigint()}/${count++}`;
    say(`T ${place}`);
    const [pending] = await queue.enqueue([fileAt(`content ${count % 50}`, place)]);
    if (pending?.kind === 'queued') {
      say(`A ${place}`);
    }
  }
}

async function settleForever(): Promise<void> {
  while (count < Number(deeds)) {
    for (const entry of await queue.claim(owner, { limit: 1, leaseMs: 60_000 })) {
      for (const item of entry.items.filter((one) => one.outcome === undefined).slice(0, 3)) {
        const place = item.subject.locator?.ref ?? '';
        say(`S ${place}`);
        await queue.settle(entry.id, item.id, 'done');
        say(`D ${place}`);
      }
      await queue.release(entry.id, { notBeforeAt: 0 });
    }
  }
}

/** Synchronous: what was said has left the process before anything else happens. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
