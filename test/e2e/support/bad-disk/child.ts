/**
 * A process whose disk fails it: it flags and sets values over and over, whatever it is told, and says what came of it:
 * `T place` asked, `A place` acknowledged, `V n` asked to set, `W n` set, `E code` refused, `X message` anything else.
 * Arguments: directory, rounds.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { toUtf8 } from '../../../../src/base/bytes.js';
import { VedetteError } from '../../../../src/base/errors.js';
import { createFileStateStore } from '../../../../src/node/files/file-state-store.js';
import type { JournalQueue } from '../../../../src/node/journal/journal-queue.js';
import { openJournalQueue } from '../../../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import { fileAt } from '../../../pending/plain-subjects.js';

const [dir = '', rounds = '40'] = process.argv.slice(2);
/** After a failure the journal is left alone for a second; here time passes faster. */
const system = createSystemClock();
const clock = { ...system, monotonicMs: () => system.monotonicMs() * 100 };
const states = createFileStateStore({ dir: join(dir, 'state') });

let queue: JournalQueue | undefined;
for (let round = 0; round < Number(rounds); round++) {
  await attempt(async () => {
    queue ??= await openJournalQueue({ dir: join(dir, 'pending'), clock, slackBytes: 3000, growBytes: 1500 });
  });
  await attempt(() => flag(`/place/${round}`));
  await attempt(() => setValue(round));
}
await attempt(async () => queue?.close());
say('end');

async function flag(place: string): Promise<void> {
  if (queue === undefined) {
    return;
  }
  say(`T ${place}`);
  const [answer] = await queue.enqueue([fileAt(`content of ${place}`, place)]);
  say(`${answer?.kind === 'queued' ? 'A' : 'E'} ${place}`);
}

async function setValue(value: number): Promise<void> {
  say(`V ${value}`);
  await states.set('value', toUtf8(`${value} ${'.'.repeat(2000)}`));
  say(`W ${value}`);
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    say(VedetteError.is(error) ? `E ${error.code}` : `X ${String(error)}`);
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
