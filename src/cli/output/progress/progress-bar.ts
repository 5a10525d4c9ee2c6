/** The progress bar on standard error, for a person at a terminal. It never goes where a program reads. */
import { SingleBar } from 'cli-progress';
import type { Progress } from './progress.js';
import { printable } from '../text.js';

const clearLine = '\r\u001b[2K';
const nameColumns = 40;

/** A bar on the terminal. `total` grows while the tree is still being counted. */
export function createProgress(terminal: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} · {found} found · {name}',
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: terminal,
    fps: 8,
    clearOnComplete: true,
    // Signals are answered in one place, and that is not here.
    gracefulExit: false,
    hideCursor: null,
    linewrap: null,
  });
  let total = 0;
  let value = 0;
  bar.start(0, 0, { found: 0, name: '' });
  return {
    isShown: true,
    expect: () => bar.setTotal(++total),
    advance(name, found) {
      value++;
      if (value > total) {
        total = value;
        bar.setTotal(total);
      }
      bar.update(value, { found, name: tail(printable(name)) });
    },
    async around(write) {
      terminal.write(clearLine);
      await write();
    },
    stop: () => bar.stop(),
  };
}

/** The end of a name: that is where names differ. */
function tail(name: string): string {
  return name.length <= nameColumns ? name : `…${name.slice(1 - nameColumns)}`;
}
