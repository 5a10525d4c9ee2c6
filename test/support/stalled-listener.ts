/**
 * A port on which connecting itself does not come to an end: a thread listens with the shortest queue and then stands
 * still, the queue is filled, and what comes after that is left waiting by the system (Linux).
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const listening = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // The message leaves before the thread stands still.
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** Starts one. */
export async function startStalledListener(): Promise<{ readonly address: string; close(): Promise<unknown> }> {
  const worker = new Worker(listening, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fill: Socket[] = [];
  // One more than the queue holds; the last of them stands as the probed ones will.
  for (let i = 0; i < 6; i++) {
    fill.push(connect(port, '127.0.0.1').on('error', () => undefined));
  }
  await Promise.race([once(fill[1]!, 'connect'), once(fill[0]!, 'connect')]);
  return {
    address: `http://127.0.0.1:${port}`,
    close: () => {
      fill.forEach((socket) => socket.destroy());
      return worker.terminate();
    },
  };
}
