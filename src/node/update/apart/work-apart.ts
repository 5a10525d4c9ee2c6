/**
 * The work of an update in a process of its own: one for each task, so that no answer of the server waits for it, its memory
 * goes back to the system, and it has a lower priority than those who answer.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { throwIfAborted, VedetteError } from '../../../base/errors.js';
import { lowerPriority } from '../../own-priority.js';
import type { ServerWork, ServerWorkOptions } from './server-work.js';
import { errorOf, stopOrder, type UpdateOrders, type UpdateWord } from './update-orders.js';

/** How the process is started. */
export interface ApartOptions {
  /**
   * A file that calls `runUpdateProcess` of `vedette/node`. Default: this package's own. A program that this package was bundled
   * into names one; without, it updates in its own process.
   */
  readonly program?: string | undefined;
  /** 0 to 19, as in `os.setPriority`. Default 19, the lowest. It is never raised. */
  readonly priority?: number | undefined;
}

/** After an abort the process has this long to end by itself. */
const killMs = 5000;

/** Arguments of node that start the process; undefined where there is nothing to start: this package is part of a bundle. */
export function programOf({ program }: ApartOptions): readonly string[] | undefined {
  if (program !== undefined) {
    return [program];
  }
  const own = ownAddress();
  return own === undefined ? undefined : ['--input-type=module', '--eval', `await (await import(${JSON.stringify(own)})).runUpdateProcess()`];
}

/** The entry `vedette/node`, if this is the package that has it: its files lie beside each other. */
function ownAddress(): string | undefined {
  const beside = new URL('./node.js', import.meta.url);
  try {
    const entry = createRequire(import.meta.url).resolve('vedette/node');
    return entry === fileURLToPath(beside) ? pathToFileURL(entry).href : undefined;
  } catch {
    return undefined;
  }
}

/** Work by processes that are started so. */
export function createWorkApart(options: ServerWorkOptions, how: { readonly args: readonly string[]; readonly priority: number }): ServerWork {
  const { clock, onFault, ...plain } = options;
  const run = (task: UpdateOrders['task'], signal: AbortSignal | undefined): Promise<UpdateWord> =>
    runOne({ ...plain, task, priority: how.priority, aheadMs: clock.now() - Date.now() }, { args: how.args, onFault, signal });
  return {
    async look(look, signal) {
      const word = await run({ kind: 'look', look }, signal);
      if (word.kind !== 'looked') {
        throw unexpected(word);
      }
      return word.report;
    },
    async serve(signal) {
      const word = await run({ kind: 'serve' }, signal);
      if (word.kind !== 'served') {
        throw unexpected(word);
      }
    },
  };
}

function unexpected(word: UpdateWord): Error {
  return word.kind === 'failed' ? errorOf(word) : new Error(`the update process said ${word.kind}`);
}

interface RunOptions {
  readonly args: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onFault: (error: unknown) => void;
}

/** The last word of a process; it has ended then. */
async function runOne(orders: UpdateOrders, { args, onFault, signal }: RunOptions): Promise<UpdateWord> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  let last: UpdateWord | undefined;
  child.on('message', (message) => {
    const word = message as UpdateWord;
    if (word.kind === 'fault') {
      onFault(new Error(word.message));
    } else {
      last = word;
    }
  });
  child.once('spawn', () => {
    lowerPriority(child.pid ?? 0, orders.priority);
    child.send(orders, () => undefined);
  });
  const stop = stopping(child);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) {
    stop();
  }
  const end = await endOf(child).finally(() => signal?.removeEventListener('abort', stop));
  throwIfAborted(signal);
  if (last === undefined) {
    throw new Error(`the update process ended (${end}) before it had said how the update went`);
  }
  return last;
}

/** How a process ended. @throws VedetteError `config-invalid` where it did not begin. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('close', (code, killedBy) => resolve(killedBy ?? `status ${code}`));
    child.once('error', (error) => {
      reject(new VedetteError('config-invalid', `the update process cannot be started: ${error.message}`, { detail: { what: 'program' }, cause: error }));
    });
  });
}

/** Ends a process in order, and if that takes too long at once. */
function stopping(child: ChildProcess): () => void {
  return () => {
    const late = setTimeout(() => child.kill('SIGKILL'), killMs);
    child.once('close', () => clearTimeout(late));
    // Not `disconnect`: Node tells of no `close` after it.
    child.send(stopOrder, () => undefined);
  };
}
