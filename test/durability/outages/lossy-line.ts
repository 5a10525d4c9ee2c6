/** A line to a server process: it loses a share of the answers after they were sent, and has the server killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../../../src/base/seams.js';

export interface LossyLineOptions {
  /** Bundled `server.ts` and its server pattern. */
  readonly program: string;
  readonly pattern: string;
  readonly random: Random;
  readonly lossShare: number;
  /** The server is killed in every request of this number, as long as there are kills left. */
  readonly killEvery: number;
  readonly kills: number;
}

export class LossyLine {
  readonly #options: LossyLineOptions;
  readonly #listener = createServer((socket) => this.#carry(socket));
  #server: ChildProcess | undefined;
  #port = 0;
  #starting: Promise<void> = Promise.resolve();
  #isUp = false;
  requests = 0;
  lost = 0;
  kills = 0;

  constructor(options: LossyLineOptions) {
    this.#options = options;
  }

  /** Address of the line. Nothing answers before `startServer`. */
  async open(): Promise<string> {
    await once(this.#listener.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  async startServer(): Promise<void> {
    const { program, pattern } = this.#options;
    const server = spawn(process.execPath, [program, pattern, String(this.#port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#server = server;
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    this.#port = Number(line.toString());
    this.#isUp = true;
  }

  /** Resolves when a server that was killed is back. */
  back(): Promise<void> {
    return this.#starting;
  }

  async close(): Promise<void> {
    await this.#starting;
    this.#server?.kill('SIGKILL');
    this.#listener.close();
  }

  #carry(client: Socket): void {
    client.on('error', () => undefined);
    if (!this.#isUp) {
      client.destroy();
      return;
    }
    const upstream = connect(this.#port, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.on('data', (part) => {
      upstream.write(part);
      if (part.subarray(0, 5).toString('latin1') === 'POST ') {
        this.#begun();
      }
    });
    upstream.on('data', (part) => {
      if (this.#options.random() < this.#options.lossShare) {
        this.lost++;
        client.destroy();
      } else {
        client.write(part);
      }
    });
  }

  #begun(): void {
    this.requests++;
    if (this.kills < this.#options.kills && this.requests % this.#options.killEvery === 0) {
      this.kills++;
      this.#isUp = false;
      this.#starting = this.#restart();
    }
  }

  async #restart(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    }
    await this.startServer();
  }
}
