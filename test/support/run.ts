/** Other programs, run to their end under a time limit. */
import { execFile } from 'node:child_process';

/** What became of a program. */
export interface Ran {
  /** Undefined when it was ended by a signal: its time was over. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunProgramOptions {
  readonly cwd: string;
  /** Instead of this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program without a shell. Never rejects: a program that cannot be started has code 127. */
export function run(file: string, args: readonly string[], options: RunProgramOptions): Promise<Ran> {
  const { cwd, env = process.env, timeoutMs = 120_000 } = options;
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ code: typeof code === 'string' ? 127 : (code ?? undefined), stdout, stderr });
    });
  });
}

/** The same for programs that have to succeed: their output is in the error otherwise. */
export async function runOrFail(file: string, args: readonly string[], options: RunProgramOptions): Promise<Ran> {
  const ran = await run(file, args, options);
  if (ran.code !== 0) {
    throw new Error(`${file} ${args.join(' ')}: status ${String(ran.code)}\n${ran.stdout}\n${ran.stderr}`);
  }
  return ran;
}
