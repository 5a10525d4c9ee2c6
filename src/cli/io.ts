/**
 * Where a command writes and what can end it: lines on standard output with back-pressure, notes on standard error,
 * one signal for Ctrl-C, SIGTERM and a reader that has gone away.
 */
import { setMaxListeners } from 'node:events';
import { VedetteError } from '../base/errors.js';
import { lowerOwnPriority } from '../node/own-priority.js';
import { coloursFor, type Colours } from './output/colours.js';
import { printable } from './output/text.js';

/** The outside of a command. */
export interface Io {
  /** One line to standard output, as it is. Resolves when more may be written. */
  line(text: string): Promise<void>;
  /** What stands on standard input, once. */
  stdin(): AsyncIterable<Uint8Array>;
  /** One line to standard error, control characters made visible. */
  note(text: string): void;
  readonly colours: Colours;
  /** Columns that human output may use. */
  readonly width: number;
  /** The terminal of standard error, where there is one: only a person is shown progress. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Fires on SIGINT and SIGTERM (`interrupted`), and when nobody reads standard output any more (`unread`). */
  readonly signal: AbortSignal;
  /** Lowers the priority of the process to 0 to 19, never raises it. Absent where the process is not the program's own. */
  lowerPriority?(to: number): void;
  /** Why the signal fired. */
  stopped(): 'no' | 'interrupted' | 'unread';
}

const defaultColumns = 100;

/** The outside of this process. A second SIGINT ends the process at once, as without us. */
export function createProcessIo(): Io {
  const { stdout, stderr, env } = process;
  const stopping = new AbortController();
  let stopped: ReturnType<Io['stopped']> = 'no';
  // Every check under way listens: Node takes more than ten for a leak, and says so.
  setMaxListeners(0, stopping.signal);

  function stop(why: 'interrupted' | 'unread', message: string): void {
    if (stopped === 'no') {
      stopped = why;
      stopping.abort(new VedetteError('aborted', message));
    }
  }

  // Whoever read our output may leave when he has seen enough: `vedette … | head` is no fault.
  stdout.on('error', () => stop('unread', 'standard output was closed'));
  stderr.on('error', () => undefined);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stop('interrupted', `interrupted by ${name}`));
  }
  return {
    line: (text) =>
      new Promise((resolve) => {
        if (stopped === 'unread' || stdout.write(`${text}\n`)) {
          resolve();
          return;
        }
        const go = (): void => {
          stdout.off('drain', go).off('close', go);
          stopping.signal.removeEventListener('abort', go);
          resolve();
        };
        stdout.once('drain', go).once('close', go);
        stopping.signal.addEventListener('abort', go, { once: true });
      }),
    stdin() {
      const { stdin } = process;
      // A pipe that nobody closes must not keep a stopped program alive.
      stopping.signal.addEventListener('abort', () => stdin.destroy(), { once: true });
      return stdin;
    },
    note: (text) => void stderr.write(`${printable(text)}\n`),
    colours: coloursFor(stdout.isTTY === true, env),
    width: stdout.isTTY === true ? Math.max(40, Math.min(stdout.columns ?? defaultColumns, 120)) : defaultColumns,
    terminal: stderr.isTTY === true ? stderr : undefined,
    signal: stopping.signal,
    lowerPriority: lowerOwnPriority,
    stopped: () => stopped,
  };
}
