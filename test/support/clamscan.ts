/** clamscan as an oracle, for tests that run only where it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True when there is a clamscan to ask. */
export function hasClamscan(): boolean {
  return spawnSync('clamscan', ['--version'], { timeout: 30_000 }).status === 0;
}

/** The names that clamscan reports for each content, or undefined when it refuses one of the lines. */
export function clamscan(lines: readonly string[], contents: readonly Uint8Array[]): string[][] | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-'));
  try {
    writeFileSync(join(dir, 'set.ndb'), `${lines.join('\n')}\n`);
    mkdirSync(join(dir, 'files'));
    contents.forEach((content, i) => writeFileSync(join(dir, 'files', String(i)), content));
    const run = spawnSync('clamscan', ['-d', join(dir, 'set.ndb'), '--allmatch', '--no-summary', '-r', join(dir, 'files')], { encoding: 'latin1', maxBuffer: 2 ** 28 });
    return run.status === 2 ? undefined : namesByFile(run.stdout, contents.length);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function namesByFile(output: string, count: number): string[][] {
  const names = Array.from({ length: count }, () => new Set<string>());
  for (const [, file, name] of output.matchAll(/\/(\d+): (.+?)(?:\.UNOFFICIAL)? FOUND$/gm)) {
    names[Number(file)]!.add(name!);
  }
  return names.map((set) => [...set].sort());
}
