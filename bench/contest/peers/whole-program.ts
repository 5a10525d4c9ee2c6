/**
 * Programs that are started for every pass. What they take for an empty file, with the same signatures, is taken off:
 * starting up and loading. CPU time is that of the process and its children, as the shell's `time` tells it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Unavailable } from '../../definition.js';
import type { LoadedScanner } from '../scanner.js';

/** A program with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a program did. */
export interface Ended {
  readonly cpuMs: number;
  readonly code: number;
  readonly out: string;
}

/** How a program scans. */
export interface WholeProgram {
  readonly command: (file: string) => Command;
  /** Indices of the signatures that matched. @throws Error when it failed. */
  readonly found: (ended: Ended) => number[];
  /** An empty file that it is tried on. */
  readonly emptyFile: string;
}

/** The first line of what `program --version` prints; undefined when it is not installed. */
export function versionOf(program: string, pattern: RegExp): string | undefined {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (pattern.exec(stdout)?.[0] ?? undefined) : undefined;
}

/** Ready when it has scanned an empty file. @throws Unavailable when that fails. */
export async function wholeProgram({ command, found, emptyFile }: WholeProgram): Promise<LoadedScanner> {
  writeFileSync(emptyFile, '');
  const loaded = await timed(command(emptyFile));
  try {
    found(loaded);
  } catch (error) {
    throw new Unavailable(error instanceof Error ? error.message : String(error));
  }
  return {
    setUpMs: loaded.cpuMs,
    async scan(file) {
      const [empty, ended] = [await timed(command(emptyFile)), await timed(command(file))];
      return { cpuMs: Math.max(ended.cpuMs - empty.cpuMs, 0.5), found: [...new Set(found(ended))].sort((a, b) => a - b) };
    },
    close: async () => undefined,
  };
}

/** Runs a program to its end. Needs a `bash`, whose `time` has milliseconds. */
export function timed({ program, args }: Command): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="cpu %3U %3S"; { time "$@" 2>/dev/null; } 2>&3';
    const child = spawn('bash', ['-c', script, 'bash', program, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    const texts = { out: '', time: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
    child.stdio[3]!.on('data', (bytes: Buffer) => (texts.time += bytes.toString('latin1')));
    child.once('error', () => reject(new Unavailable('needs bash')));
    child.once('close', (code) => {
      const [, user, system] = /cpu ([0-9.]+) ([0-9.]+)/.exec(texts.time) ?? [];
      resolve({ cpuMs: (Number(user) + Number(system)) * 1_000, code: code ?? 1, out: texts.out });
    });
  });
}
