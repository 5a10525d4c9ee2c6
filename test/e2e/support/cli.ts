/** The built program in other processes: run to the end, or started and watched. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ended } from '../../cli/support/ended.js';

export { records, type Ended } from '../../cli/support/ended.js';
export { temporaryFolder } from '../../cli/support/folders.js';

export const projectRoot: string = fileURLToPath(new URL('../../..', import.meta.url));
const program = join(projectRoot, 'dist/cli.js');

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[];
}

/** Throws where there is nothing to test: `npm test` builds first. */
export function assertBuilt(): void {
  if (!existsSync(program)) {
    throw new Error('dist/cli.js is not there: run `npm run build`, or `npm test`, which does');
  }
}

/** A started `vedette`, with the output so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The next line on standard output. */
  line(): Promise<string>;
}

export function start(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd ?? projectRoot,
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  let taken = 0;
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, stdout, stderr }));
  return {
    child,
    ended,
    line: async () => {
      for (let end = stdout.indexOf('\n', taken); ; end = stdout.indexOf('\n', taken)) {
        if (end >= 0) {
          const line = stdout.slice(taken, end);
          taken = end + 1;
          return line;
        }
        const next = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
        if (next === undefined && !stdout.includes('\n', taken)) {
          throw new Error(`the program ended early: ${stderr}`);
        }
      }
    },
  };
}

/** `vedette ARGS`, to its end. */
export function vedette(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** A running `vedette serve`. */
export interface TestServer {
  readonly url: string;
  readonly port: string;
  readonly running: Running;
  stop(): Promise<Ended>;
}

export async function startServer(args: readonly string[]): Promise<TestServer> {
  const running = start(['serve', ...args]);
  const head = JSON.parse(await running.line()) as { listening: string };
  return {
    url: head.listening,
    port: new URL(head.listening).port,
    running,
    stop: () => {
      running.child.kill('SIGTERM');
      return running.ended;
    },
  };
}
