/**
 * The second process of the races: swaps a file, and the directory that it is in, for symbolic links to what lies
 * outside, and back, as fast as it can, and says how often. Ends when it is told to, with everything swapped back.
 */
import { existsSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const [live, outside] = process.argv.slice(2);
let swaps = 0;
let stopping = false;

const quietly = (act) => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

function swapFile() {
  const file = join(live, 'file');
  const away = join(live, '.away');
  if (quietly(() => renameSync(file, away))) {
    swaps += quietly(() => symlinkSync(join(outside, 'file'), file)) ? 1 : 0;
    quietly(() => unlinkSync(file));
    quietly(() => renameSync(away, file));
  }
}

function swapDirectory() {
  const away = `${live}.away`;
  if (quietly(() => renameSync(live, away))) {
    swaps += quietly(() => symlinkSync(outside, live)) ? 1 : 0;
    quietly(() => unlinkSync(live));
    quietly(() => renameSync(away, live));
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A few swaps, then a rest of changing length: what is always a link is never raced. */
function turn() {
  for (let count = 0; count < 3; count++) {
    swapFile();
    swapDirectory();
  }
  Atomics.wait(pause, 0, 0, (swaps % 7) / 2);
  if (stopping) {
    process.send({ swaps, isBack: existsSync(live) }, () => process.disconnect());
    return;
  }
  process.send(swaps);
  setImmediate(turn);
}

process.on('message', () => {
  stopping = true;
});
// Nobody is left to tell it to stop.
process.on('disconnect', () => process.exit());
process.send('ready');
turn();
