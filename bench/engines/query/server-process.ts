/** Our servers in a process of their own, so that client and server have a core each. */
import { fork } from 'node:child_process';
import type { Loopback, LoopbackOrder, LoopbackReport } from './loopback.js';

/** Starts the process; it ends with this one. */
export async function startServerProcess(script: string, order: LoopbackOrder): Promise<Loopback> {
  const child = fork(script, [JSON.stringify(order)], { execArgv: [] });
  const report = await new Promise<LoopbackReport>((resolve, reject) => {
    child.once('message', (message) => resolve(message as LoopbackReport));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server process ended with code ${code}`)));
  });
  return {
    ...report,
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}
