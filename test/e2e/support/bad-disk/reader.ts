/** Opens the stores that `child.ts` left, and prints what it finds as JSON; with `more`, it flags one more. Arguments: directory, `more`. */
import { join } from 'node:path';
import { createFileStateStore } from '../../../../src/node/files/file-state-store.js';
import { openJournalQueue } from '../../../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import { fileAt } from '../../../pending/plain-subjects.js';

const [dir = '', more] = process.argv.slice(2);
const queue = await openJournalQueue({ dir: join(dir, 'pending'), clock: createSystemClock() });
const places: string[] = [];
for await (const entry of queue.list()) {
  places.push(...entry.items.map((item) => item.subject.locator?.ref ?? ''));
}
const added = more === undefined ? undefined : (await queue.enqueue([fileAt('one more')]))[0]?.kind;
await queue.close();
const value = await createFileStateStore({ dir: join(dir, 'state') }).get('value');
process.stdout.write(`${JSON.stringify({ places, value: value === undefined ? undefined : Buffer.from(value).toString().split(' ')[0], more: added })}\n`);
