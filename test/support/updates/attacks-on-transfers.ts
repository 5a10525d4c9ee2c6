/** Attacks by how things are sent: nothing, too much, too slowly, from elsewhere. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Attack } from './attacks.js';
import { bomb, brotliBomb, nestedBomb } from './bomb.js';
import { publishGeneration, type Scene } from './scene.js';

const wholes = { timestamp: /^metadata\/timestamp\.json$/, root: /^metadata\/2\.root\.json$/, snapshot: /^metadata\/2\.snapshot\.json$/, targets: /^metadata\/2\.targets\.json$/, component: /^metadata\/2\.agent-pattern\.json$/, file: /^targets\/agent-pattern\// } as const;
type Step = keyof typeof wholes;
const steps = Object.keys(wholes) as Step[];

/** At that step of an otherwise honest update the answer is another. */
function answering(step: Step, answer: (response: ServerResponse) => void) {
  return async (scene: Scene): Promise<void> => {
    await publishGeneration(scene.repository, 2);
    scene.web.instead = (path, _, response) => {
      if (!wholes[step].test(path)) {
        return false;
      }
      answer(response);
      return true;
    };
  };
}

function endlessly(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, 0x20);
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) {
      // as much as the connection takes
    }
  };
  response.on('drain', more);
  more();
}

/** A byte every 20 ms. */
function slowly(response: ServerResponse): void {
  response.writeHead(200);
  const drip = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(drip));
}

const quick = { limits: { metadataDeadlineMs: 300, targetDeadlineMs: 300, minBytesPerSecond: 1 << 20 } };

export const transferAttacks: readonly Attack[] = [
  ...steps.filter((step) => step !== 'root' && step !== 'file').map((step): Attack => ({
    name: `404 for ${step}`,
    cause: ['http-status'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(404).end()),
  })),
  ...steps.filter((step) => step !== 'timestamp').map((step): Attack => ({
    name: `500 for ${step}`,
    cause: ['http-status'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(500).end('{}')),
  })),
  ...steps.map((step): Attack => ({ name: `endless data: ${step} never ends`, cause: ['endless-data'], isSilent: true, prepare: answering(step, endlessly) })),
  ...(['timestamp', 'file'] as const).map((step): Attack => ({
    name: `slow retrieval: ${step} comes byte by byte`,
    cause: ['slow-retrieval'],
    isSilent: true,
    host: quick,
    prepare: answering(step, slowly),
  })),
  {
    name: 'slow retrieval: nothing comes at all',
    cause: ['slow-retrieval'],
    isSilent: true,
    host: quick,
    prepare: answering('snapshot', () => undefined),
  },
  ...steps.map((step): Attack => ({
    name: `gzip bomb: ${step} unpacks to 256 MiB`,
    cause: ['endless-data'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb())),
  })),
  {
    name: 'brotli bomb: the timestamp unpacks to 256 MiB',
    cause: ['endless-data'],
    isSilent: true,
    prepare: answering('timestamp', (response) => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliBomb())),
  },
  {
    name: 'gzip bomb: the timestamp is packed eight times over',
    cause: ['endless-data', 'unreachable'],
    isSilent: true,
    prepare: answering('timestamp', (response) => response.writeHead(200, { 'content-encoding': Array.from({ length: 8 }, () => 'gzip').join(', ') }).end(nestedBomb())),
  },
  ...(['timestamp', 'file'] as const).map((step): Attack => ({
    name: `${step} is said to be packed and is not`,
    cause: ['unreachable'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not packed')),
  })),
  {
    name: 'a connection that is cut in the middle of the file',
    cause: ['unreachable', 'too-short'],
    isSilent: true,
    prepare: answering('file', (response) => {
      response.writeHead(200, { 'content-length': 400 });
      response.write('half', () => response.destroy());
    }),
  },
  ...steps.map((step): Attack => ({
    name: `a redirect for ${step}`,
    cause: ['redirect'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(step === 'file' ? 308 : 302, { location: 'http://127.0.0.1:9/' }).end()),
  })),
  ...(['root', 'snapshot', 'component'] as const).map((step): Attack => ({
    name: `an empty answer for ${step}`,
    cause: step === 'root' ? ['malformed-metadata'] : ['substituted-metadata'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(200).end()),
  })),
  ...[['of 200 kB', 'x'.repeat(200_000)], ['without an end', undefined]].map(([what, value]): Attack => ({
    name: `endless data: a header ${what!}`,
    cause: ['unreachable', 'slow-retrieval'],
    isSilent: true,
    host: quick,
    prepare: answering('timestamp', (response) => headersOnly(response.socket, value)),
  })),
  {
    name: 'endless data: early hints that never end',
    cause: ['slow-retrieval', 'unreachable'],
    isSilent: true,
    host: quick,
    prepare: answering('timestamp', ({ socket }) => {
      const more = setInterval(() => socket?.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(20)), 5);
      socket?.once('close', () => clearInterval(more));
    }),
  },
  {
    name: 'a connection that is closed without an answer',
    cause: ['unreachable'],
    isSilent: true,
    prepare: answering('component', (response) => response.destroy()),
  },
  {
    name: 'a file that says that it is longer than it is',
    cause: ['unreachable', 'endless-data'],
    isSilent: true,
    prepare: answering('file', (response) => response.writeHead(200, { 'content-length': 2 ** 40 }).end()),
  },
  ...[
    ['a rest that begins elsewhere', (rest: number) => `bytes ${rest + 1}-${rest + 9}/${rest + 9}`],
    ['a rest of another generation', (rest: number) => `bytes ${rest}-${rest + 400}/${rest + 400}`],
    ['a rest without a place', () => ''],
  ].map(([what, range]): Attack => ({
    name: `partial content: ${String(what)}`,
    cause: ['substituted-file', 'too-short', 'endless-data'],
    isSilent: true,
    prepare: (scene) => withRest(scene, range as (rest: number) => string),
  })),
  {
    name: 'a page in HTML in the place of the timestamp',
    cause: ['malformed-metadata'],
    isSilent: true,
    prepare: answering('timestamp', (response) => response.writeHead(200).end('<html>Please log in</html>')),
  },
];

/** The head of a response that goes on as long as it is let. */
function headersOnly(socket: Socket | null, value: string | undefined): void {
  socket?.write(`HTTP/1.1 200 OK\r\nx: ${value ?? ''}`);
  const more = setInterval(() => socket?.write(`\r\nx-${'y'.repeat(40)}: z`), 5);
  socket?.once('close', () => clearInterval(more));
}

/** A first look gets half of the file; of the rest the source lies ever after. */
async function withRest(scene: Scene, range: (from: number) => string): Promise<void> {
  let half = 0;
  await answering('file', (response) => response.destroy())(scene);
  scene.web.instead = (path, request, response) => {
    if (!wholes.file.test(path)) {
      return false;
    }
    const file = scene.repository.files.get(path)!;
    if (half === 0) {
      half = file.length >> 1;
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, half), () => response.destroy());
      return true;
    }
    const says = range(half);
    response.writeHead(206, says === '' || request.headers.range === undefined ? {} : { 'content-range': says }).end(Buffer.alloc(file.length - half, 0x20));
    return true;
  };
  await scene.look();
}
