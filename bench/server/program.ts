/** `vedette serve --data` as a whole process, and what the system says about it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A server that listens. */
export interface RunningProgram {
  readonly url: string;
  /** From the start of the process to its first line, ms. */
  readonly listeningMs: number;
  /** Private memory (RssAnon) of the program and its workers, bytes each. */
  memory(): number[];
  close(): Promise<void>;
}

/** Starts the program. @throws Error with what it said when it does not listen. */
export async function startServer(
  program: string,
  { data, key, workers }: { readonly data: string; readonly key: string; readonly workers?: number | undefined },
): Promise<RunningProgram> {
  const started = performance.now();
  const args = ['serve', '--data', data, '--key', key, ...(workers === undefined ? [] : ['--workers', String(workers)])];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  const line = await firstLine(child);
  const listeningMs = performance.now() - started;
  const { listening } = JSON.parse(line) as { readonly listening: string };
  return {
    url: listening,
    listeningMs,
    memory: () => familyOf(child.pid ?? 0).map(privateBytes),
    async close() {
      process.off('exit', stop);
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`vedette serve ended: ${said}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => undefined);
  return line;
}

/** The process and those that it started. */
function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(statusOf(pid))?.[1] ?? 0);
}

function privateBytes(pid: number): number {
  return 1024 * Number(/^RssAnon:\s+(\d+) kB$/m.exec(statusOf(String(pid)))?.[1] ?? 0);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}
