/** Imports in a process of its own, so that none of its memory stays with the server and no answer waits for it. */
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { VedetteError } from '../../base/errors.js';
import type { Io } from '../io.js';

/** The lowest priority of the system: who asks goes first. */
const idle = 19;

/** Runs `vedette import`. @throws VedetteError `config-invalid` when it fails; it has said why. */
export function importInChild(of: { readonly file: string; readonly data: string; readonly trust: readonly string[] }, io: Io): Promise<void> {
  const [script = ''] = process.argv.slice(1);
  const args = ['import', of.file, '--data', of.data, ...of.trust.flatMap((key) => ['--trust', key])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, script, ...args], { stdio: ['ignore', 'ignore', 'inherit'], signal: io.signal });
    child.once('error', reject);
    child.once('spawn', () => {
      try {
        setPriority(child.pid ?? 0, idle);
      } catch {
        // Where priorities cannot be set the import takes its share.
      }
    });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new VedetteError('config-invalid', `${of.file} was not imported`))));
  });
}
