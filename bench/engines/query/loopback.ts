/** The worker with the two servers on loopback: ours, and one that answers any request with as many bytes as it is told. */
import { Worker } from 'node:worker_threads';

/** What the worker is told. */
export interface LoopbackOrder {
  readonly seed: number;
  /** Hashes that the server lists. */
  readonly listed: number;
}

/** What the worker says when it listens. */
export interface LoopbackReport {
  /** Our server. */
  readonly url: string;
  /** The same without signatures. */
  readonly unsignedUrl: string;
  /** Key that its answers are signed with, as text. */
  readonly publicKey: string;
  /** `POST <bareUrl>/<n>` is answered with n bytes. */
  readonly bareUrl: string;
}

/** A running worker. */
export interface Loopback extends LoopbackReport {
  close(): Promise<void>;
}

/** Starts the worker; it has a thread of its own, so that client and server do not wait for each other's JavaScript. */
export async function startLoopback(script: string, order: LoopbackOrder): Promise<Loopback> {
  const worker = new Worker(script, { workerData: order });
  const report = await new Promise<LoopbackReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the loopback servers ended with code ${code}`)));
  });
  return {
    ...report,
    close: async () => {
      await worker.terminate();
    },
  };
}
