/**
 * A process at work on a data directory, to be traced: it flags, settles, closes and opens again, and sets values, and
 * says so on its standard output before and after each deed:
 *
 *     T place  asked to flag    A place  acknowledged      S place  asked to settle    D place  acknowledged
 *     V n      asked to set     W n      acknowledged
 *
 * Arguments: directory, operations, and how it is sabotaged, where it is.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { toUtf8 } from '../../../../src/base/bytes.js';
import { nodeFiles, type DurableFile, type DurableFiles } from '../../../../src/node/files/durable-files.js';
import { createFileStateStore } from '../../../../src/node/files/file-state-store.js';
import { openJournalQueue } from '../../../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import { createSeededRandom } from '../../../../src/testing/doubles/seeded-random.js';
import { fileAt, owner } from '../../../pending/plain-subjects.js';

const [dir = '', operations = '200', sabotage = ''] = process.argv.slice(2);
const random = createSeededRandom(11);
const files = sabotaged();
const open = (): ReturnType<typeof openJournalQueue> =>
  openJournalQueue({ dir: join(dir, 'data/pending'), clock: createSystemClock(), files, slackBytes: 3000, growBytes: 1500 });

let queue = await open();
const states = createFileStateStore({ dir: join(dir, 'data/state'), files });
let places = 0;
for (let operation = 1; operation <= Number(operations); operation++) {
  await (operation % 50 === 0 ? reopen() : operation % 10 === 0 ? setValue(operation) : random() < 0.6 ? flagSome() : settleSome());
}
await queue.close();

async function reopen(): Promise<void> {
  await queue.close();
  queue = await open();
}

async function flagSome(): Promise<void> {
  await Promise.all(Array.from({ length: 1 + Math.floor(random() * 3) }, () => flag(`/place/${places++}`)));
}

async function flag(place: string): Promise<void> {
  say(`T ${place}`);
  const answer = queue.enqueue([fileAt(`content ${places % 7}`, place)]);
  if (sabotage !== 'acknowledged too early') {
    await answer;
  }
  say(`A ${place}`);
}

async function settleSome(): Promise<void> {
  for (const entry of await queue.claim(owner, { limit: 2, leaseMs: 60_000 })) {
    for (const item of entry.items.filter((one) => one.outcome === undefined)) {
      const place = item.subject.locator?.ref ?? '';
      say(`S ${place}`);
      await queue.intend(entry.id, item.id, { remedy: 'quarantine' });
      await queue.settle(entry.id, item.id, 'done');
      say(`D ${place}`);
    }
  }
}

async function setValue(value: number): Promise<void> {
  say(`V ${value}`);
  const done = states.set('value', toUtf8(String(value)));
  if (sabotage !== 'acknowledged too early') {
    await done;
  }
  say(`W ${value}`);
}

function sabotaged(): DurableFiles {
  switch (sabotage) {
    case 'no fdatasync': {
      const forgetful = (file: DurableFile): DurableFile => ({ ...file, sync: async () => undefined });
      return {
        ...nodeFiles,
        create: async (path) => forgetful(await nodeFiles.create(path)),
        open: async (path) => nodeFiles.open(path).then((file) => file && forgetful(file)),
      };
    }
    case 'no sync of directories':
      return { ...nodeFiles, syncDirectory: async () => undefined };
    default:
      return nodeFiles;
  }
}

/** Synchronous: it stands in the trace at the moment at which it is said. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
