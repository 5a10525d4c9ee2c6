/** A directory for one test file, gone afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Makes a directory now and removes it after the last test of the file. Call at the top level of a test file. */
export function tempDir(name: string): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), `vedette-${name}-`));
  // `rm` also removes paths that are too long to be named at once.
  afterAll(() => void spawnSync('rm', ['-rf', dir]));
  return dir;
}
