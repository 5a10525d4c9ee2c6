/** clamscan with databases of several formats at once, one signature set for many small contents. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lines by format. */
export interface ClamscanLines {
  readonly ndb?: readonly string[];
  readonly ldb?: readonly string[];
}

/** The names that clamscan reports for each content, sorted, or undefined when it refuses one of the lines. */
export function clamscanSet(lines: ClamscanLines, contents: readonly Uint8Array[]): string[][] | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-'));
  try {
    mkdirSync(join(dir, 'db'));
    for (const [format, text] of Object.entries({ ndb: lines.ndb ?? [], ldb: lines.ldb ?? [] })) {
      if (text.length > 0) {
        writeFileSync(join(dir, 'db', `set.${format}`), `${text.join('\n')}\n`, 'latin1');
      }
    }
    mkdirSync(join(dir, 'files'));
    contents.forEach((content, i) => writeFileSync(join(dir, 'files', String(i)), content));
    const args = ['-d', join(dir, 'db'), '--allmatch', '--no-summary', '-r', join(dir, 'files')];
    const run = spawnSync('clamscan', args, { encoding: 'latin1', maxBuffer: 2 ** 28, timeout: 60_000 });
    return run.status === 2 || run.status === null ? undefined : namesByFile(run.stdout, contents.length);
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
