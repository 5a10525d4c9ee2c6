/** hashlookup over HTTPS: one hash by `GET /lookup`, several of MD5 or SHA-1 by `POST /bulk`. */
import type { Reply } from '../../query/transport.js';
import type { AskedHash, Found } from '../foreign/hash-source.js';
import { badAnswer } from '../foreign/http-json.js';
import { asObject } from '../foreign/json.js';
import type { Service } from '../foreign/options.js';
import { readKnownFile } from './known-file.js';
import type { Judge } from './source.js';

/** What a question goes with. */
export interface HttpQuestion {
  readonly service: Service;
  readonly judge: Judge;
  readonly signal: AbortSignal;
}

/** 200 has the entry, 404 is "not known"; 400 says that the hash is none, which ours are. */
export async function askSingle(asked: AskedHash, { service, judge, signal }: HttpQuestion): Promise<Reply<Found>> {
  const url = `${service.address}/lookup/${asked.algorithm}/${asked.hex}`;
  const reply = await service.request({ url, method: 'GET', headers: {}, alsoRead: [404], signal });
  if (reply.kind !== 'answer') {
    return reply;
  }
  const { status, value } = reply.body;
  if (status === 404) {
    // The service says it in JSON; a page that some proxy has put in the way does not.
    return asObject(value) === undefined ? badAnswer('a 404 that is not hashlookup’s') : { kind: 'answer', body: judge(asked, undefined) };
  }
  const file = readKnownFile(value, asked);
  return file === undefined ? badAnswer('no entry of the hash') : { kind: 'answer', body: judge(asked, file) };
}

/** A list of entries; a hash without one is not known. An entry of a hash that was not asked spoils the whole. */
export async function askBulk(asked: readonly AskedHash[], { service, judge, signal }: HttpQuestion): Promise<Reply<ReadonlyMap<string, Found>>> {
  const body = JSON.stringify({ hashes: asked.map(({ hex }) => hex.toUpperCase()) });
  const url = `${service.address}/bulk/${asked[0]?.algorithm ?? 'md5'}`;
  const reply = await service.request({ url, method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
  if (reply.kind !== 'answer') {
    return reply;
  }
  const { value } = reply.body;
  if (!Array.isArray(value) || value.length > asked.length) {
    return badAnswer('no list of entries');
  }
  const found = new Map<string, Found>();
  for (const entry of value as unknown[]) {
    const one = asked.find((candidate) => readKnownFile(entry, candidate) !== undefined);
    const file = one === undefined ? undefined : readKnownFile(entry, one);
    if (one === undefined || file === undefined || found.has(one.hex)) {
      return badAnswer('an entry that was not asked for');
    }
    found.set(one.hex, judge(one, file));
  }
  asked.filter(({ hex }) => !found.has(hex)).forEach((one) => found.set(one.hex, judge(one, undefined)));
  return { kind: 'answer', body: found };
}
