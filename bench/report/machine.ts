/** What a record says about where it was made. No host name, no path, no user. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { peerVersion } from '../peers.js';

/** A machine as records know it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly arch: string;
}

/** This machine. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // The number alone: what follows it may name a distribution's or a host's own build.
    os: `${type()} ${/^[0-9.]+/.exec(release())?.[0] ?? ''}`.trim(),
    arch: arch(),
  };
}

/** Node, V8, vedette and the packages that it is compared with. */
export function theseVersions(benchDir: string): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node, v8: process.versions.v8 };
  versions['vedette'] = packageOf(join(benchDir, '..')).version ?? 'unknown';
  for (const peer of Object.keys(packageOf(benchDir).dependencies ?? {})) {
    versions[peer] = peerVersion(peer) ?? 'not installed';
  }
  return versions;
}

/** Short hash of the commit, `+` behind it when files of the project were changed since; `unknown` without git. */
export function thisCommit(folder: string): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const isChanged = git('status', '--porcelain', '--', ':/src', ':/bench', ':!/bench/record') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

function packageOf(folder: string): { readonly version?: string; readonly dependencies?: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof packageOf>;
}
