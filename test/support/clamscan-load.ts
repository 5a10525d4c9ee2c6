/** What clamscan makes of one signature line: an oracle for readers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `refused`: a malformed database. `passed-over`: not for this engine, or not understood. */
export type LoadOutcome = 'loaded' | 'passed-over' | 'refused';

/** Loads a database of this one line. */
export function clamscanLoad(format: string, line: string): LoadOutcome {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-'));
  try {
    const [set, file] = [join(dir, `set.${format}`), join(dir, 'file')];
    writeFileSync(set, `${line}\n`);
    writeFileSync(file, 'nothing to be found');
    const run = spawnSync('clamscan', ['-d', set, '--no-summary', '--debug', file], { encoding: 'latin1', maxBuffer: 2 ** 26 });
    if (run.status === 2) {
      return 'refused';
    }
    return /not loaded|skipping$/m.test(run.stderr) ? 'passed-over' : 'loaded';
  } finally {
    rmSync(dir, { recursive: true });
  }
}
