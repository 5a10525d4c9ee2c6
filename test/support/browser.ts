/** A real browser without a screen, if there is one here, and the loopback server that its pages talk to. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

/** The browser's program, or undefined where none is installed. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env['CHROMIUM'] ?? '', ...candidates].find((file) => file !== '' && isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser that runs. */
export interface Browser {
  /** Ends it as `kill -9` does, with all its processes, and waits until they are gone. */
  kill(): Promise<void>;
}

/** Shows a page; `command` may be another program that runs the browser. Without network beyond loopback: the pages ask for none, and the browser's own services are off. */
export function startChromium(command: readonly [program: string, ...more: string[]], profile: string, url: string): Browser {
  const [program, ...more] = command;
  const flags = [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--proxy-server=127.0.0.1:9', '--proxy-bypass-list=127.0.0.1'],
  ];
  // A group of its own, so that its helpers end with it.
  const child = spawn(program, [...more, ...flags, `--user-data-dir=${profile}`, url], { detached: true, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async kill() {
      killGroup(child);
      await ended;
    },
  };
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** What a page posted. */
export interface Posted {
  readonly path: string;
  readonly body: unknown;
  /** Epoch ms. */
  readonly at: number;
}

/** The server of the pages. */
export interface PageServer {
  readonly origin: string;
  /** All posts so far, oldest first. */
  readonly posts: Posted[];
  /** The next post for which this holds, from now on; rejects after so long. */
  next(holds: (posted: Posted) => boolean, timeoutMs: number): Promise<Posted>;
  close(): Promise<void>;
}

/** Serves the scripts by their names, and one page that runs `page.js`. */
export async function servePages(scripts: ReadonlyMap<string, string>): Promise<PageServer> {
  const posts: Posted[] = [];
  const waiting = new Set<(posted: Posted) => void>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method !== 'POST') {
      const script = scripts.get(pathname);
      response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? '<!doctype html><script type="module" src="/page.js"></script>');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const posted = { path: pathname, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown, at: Date.now() };
      posts.push(posted);
      waiting.forEach((tell) => tell(posted));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    next: (holds, timeoutMs) =>
      new Promise((resolve, reject) => {
        const end = setTimeout(() => {
          waiting.delete(tell);
          reject(new Error(`the page said nothing for ${timeoutMs} ms; last: ${JSON.stringify(posts.slice(-3))}`));
        }, timeoutMs);
        const tell = (posted: Posted): void => {
          if (holds(posted)) {
            clearTimeout(end);
            waiting.delete(tell);
            resolve(posted);
          }
        };
        waiting.add(tell);
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
