/** What the processes of the server bench are told, and what they say. Plain data. */
import { fork } from 'node:child_process';
import { lowerPriority, lowestPriority } from '../../src/node/own-priority.js';

/** One piece of work. */
export type ServerRequest =
  | { readonly kind: 'delta'; readonly dir: string; readonly delta: string }
  | { readonly kind: 'lookups'; readonly dir: string; readonly records: number; readonly listedShare: number; readonly batches: number };

/** How it went. */
export type ServerAnswer =
  | { readonly kind: 'applied'; readonly ms: number; readonly peakBytes: number }
  | { readonly kind: 'looked-up'; readonly perSecond: number; readonly foundShare: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Does it in a process of its own. @throws Error when it failed. */
export function inChild<Kind extends 'applied' | 'looked-up'>(script: string, request: ServerRequest, kind: Kind): Promise<Extract<ServerAnswer, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
    if (request.kind === 'delta') {
      // As whoever starts an updater beside a server does. Threads that it makes later are of the same priority.
      child.once('spawn', () => lowerPriority(child.pid ?? 0, lowestPriority));
    }
    child.once('message', (message) => {
      const answer = message as ServerAnswer;
      child.kill('SIGKILL');
      if (answer.kind === kind) {
        resolve(answer as Extract<ServerAnswer, { kind: Kind }>);
      } else {
        reject(new Error(answer.kind === 'failed' ? answer.reason : `expected ${kind}`));
      }
    });
    child.once('exit', (code, signal) => reject(new Error(`its process ended with ${signal ?? `code ${code}`}`)));
    child.send(request);
  });
}
