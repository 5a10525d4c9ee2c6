/** Reputation servers as processes that can be killed and started again on their ports. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** One server. */
export class ServerProcess {
  readonly #program: string;
  readonly #pattern: string;
  #child: ChildProcess | undefined;
  #port = 0;

  /** `program` is the bundle of `test/durability/outages/server.ts`. */
  constructor(program: string, pattern: string) {
    this.#program = program;
    this.#pattern = pattern;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it listens: on the port that it had before, if any. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program, this.#pattern, String(this.#port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    this.#port = Number(line.toString());
  }

  /** Kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }
}

/** So many servers that listen. */
export async function startServers(count: number, of: { readonly program: string; readonly pattern: string }): Promise<ServerProcess[]> {
  const servers = Array.from({ length: count }, () => new ServerProcess(of.program, of.pattern));
  await Promise.all(servers.map((server) => server.start()));
  return servers;
}
