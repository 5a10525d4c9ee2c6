/**
 * A directory over HTTP, as any web server or CDN would host it, with byte ranges. The first part of a path is the name of
 * whoever asks (`/agent-1/metadata/timestamp.json`), so that what each of them downloaded can be told.
 */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export async function serveDirectory(dir) {
  const asked = [];
  const shutOut = new Set();
  const server = createServer((request, response) => {
    const [, who, path] = /^\/([a-z0-9-]+)\/([A-Za-z0-9._/-]+)$/.exec(request.url ?? '') ?? [];
    if (shutOut.has(who)) {
      request.destroy();
      return;
    }
    const bytes = path === undefined || path.includes('..') ? undefined : readIfThere(join(dir, path));
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    asked.push({ who, path, bytes: bytes.length });
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const part = from === undefined ? bytes : bytes.subarray(Number(from));
    const range = from === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length, ...range }).end(part);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    /** The address for one of those who ask. */
    for: (who) => `http://127.0.0.1:${server.address().port}/${who}`,
    /** From now on whoever goes by this name does not get through. */
    shutOut: (who) => shutOut.add(who),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
