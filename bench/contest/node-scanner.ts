/** An engine in a Node process of its own, spoken to by messages. */
import { fork } from 'node:child_process';
import { Unavailable } from '../definition.js';
import type { ChildAnswer, ChildRequest } from './in-process.js';
import type { LoadedScanner, SetFiles } from './scanner.js';

/** How the process is started. */
export interface NodeScannerOptions {
  /** Name of the engine in `engines/index.ts`. */
  readonly engine: string;
  /** The bundled contest-child. */
  readonly script: string;
  /** Folder of the corpus. */
  readonly folder: string;
  /** The engine reads YARA rules. */
  readonly takesRules?: boolean;
  readonly hostFile?: string;
  /** An engine that has not built its tables by then is out. */
  readonly setUpLimitMs?: number;
}

/** @throws Unavailable when the engine says so, or is not ready in time. */
export async function loadNodeScanner(set: SetFiles, options: NodeScannerOptions): Promise<LoadedScanner> {
  const child = fork(options.script, [], { execArgv: ['--expose-gc', '--max-old-space-size=8192'], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  const ask = (request: ChildRequest, limitMs: number): Promise<ChildAnswer> =>
    new Promise((resolve) => {
      const end = (answer: ChildAnswer): void => {
        clearTimeout(limit);
        child.removeAllListeners();
        resolve(answer);
      };
      const limit = setTimeout(() => end({ kind: 'unavailable', reason: `not done after ${limitMs / 1_000} s` }), limitMs);
      child.once('message', (answer) => end(answer as ChildAnswer));
      child.once('exit', (code, signal) => end({ kind: 'failed', reason: `its process ended with ${signal ?? `code ${code}`}` }));
      child.send(request);
    });
  const { engine, folder, hostFile } = options;
  const rules = options.takesRules === true ? { rules: set.yara() } : {};
  const loaded = await ask(
    { kind: 'load', engine, choice: set.choice, folder, ...rules, ...(hostFile === undefined ? {} : { hostFile }) },
    options.setUpLimitMs ?? 60_000,
  );
  if (loaded.kind !== 'loaded') {
    child.kill('SIGKILL');
    throw refusal(loaded);
  }
  return {
    setUpMs: loaded.setUpMs,
    async scan(file, minMs) {
      const answer = await ask({ kind: 'scan', file, minMs }, 120_000);
      if (answer.kind !== 'scanned') {
        throw refusal(answer);
      }
      return answer;
    },
    close: async () => void child.kill('SIGKILL'),
  };
}

function refusal(answer: ChildAnswer): Error {
  const reason = answer.kind === 'failed' || answer.kind === 'unavailable' ? answer.reason : `unexpected answer ${answer.kind}`;
  return answer.kind === 'unavailable' ? new Unavailable(reason) : new Error(reason);
}
