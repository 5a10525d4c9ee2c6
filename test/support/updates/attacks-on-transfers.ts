/** Attacks by how things are sent: nothing, too much, too slowly, from elsewhere. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Attack } from './attacks.js';
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
  {
    name: 'endless data: a timestamp that unpacks to 200 MiB',
    cause: ['endless-data'],
    isSilent: true,
    prepare: answering('timestamp', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb())),
  },
  {
    name: 'a connection that is cut in the middle of the file',
    cause: ['unreachable', 'too-short'],
    isSilent: true,
    prepare: answering('file', (response) => {
      response.writeHead(200, { 'content-length': 400 });
      response.write('half', () => response.destroy());
    }),
  },
  ...(['timestamp', 'file'] as const).map((step): Attack => ({
    name: `a redirect for ${step}`,
    cause: ['redirect'],
    isSilent: true,
    prepare: answering(step, (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()),
  })),
  {
    name: 'a page in HTML in the place of the timestamp',
    cause: ['malformed-metadata'],
    isSilent: true,
    prepare: answering('timestamp', (response) => response.writeHead(200).end('<html>Please log in</html>')),
  },
];

let packed: Buffer | undefined;

function bomb(): Buffer {
  packed ??= gzipSync(Buffer.alloc(200 * 1024 * 1024));
  return packed;
}
