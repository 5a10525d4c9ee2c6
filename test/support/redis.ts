/** A real redis-server for tests: on a socket of its own, without a disk, ended with the process that made it. */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Why there is none, or undefined where there is one. */
export const redisMissing: string | undefined =
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : 'redis-server is not installed';

/** A running server. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts one. `cluster`: alone it serves all slots of a cluster. */
export async function startRedis(options: { readonly cluster?: boolean; readonly dir: string }): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', options.dir];
  const child = spawn('redis-server', options.cluster === true ? [...args, '--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const cli = (...words: string[]): string => spawnSync('redis-cli', ['-p', `${port}`, ...words], { encoding: 'utf8' }).stdout;
  for (let tries = 0; tries < 200 && !cli('ping').includes('PONG'); tries++) {
    await wait(25);
  }
  if (options.cluster === true) {
    cli('cluster', 'addslotsrange', '0', '16383');
    for (let tries = 0; tries < 200 && !cli('cluster', 'info').includes('cluster_state:ok'); tries++) {
      await wait(25);
    }
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      // A node of a cluster listens 10,000 above its port as well.
      server.close(() => resolve(port > 55_000 ? port - 20_000 : port));
    });
  });
}
