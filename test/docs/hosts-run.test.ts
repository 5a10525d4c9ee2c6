/** The host sketches at work, on fakes and on a whole server in the process. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as BrowserExtension from '../../examples/hosts/browser-extension.js';
import type * as CloudflareWorker from '../../examples/hosts/cloudflare-worker.js';
import type * as MailFilter from '../../examples/hosts/mail-filter.js';
import type * as NpmProxy from '../../examples/hosts/npm-proxy.js';
import type * as PartsBenchmark from '../../examples/hosts/parts-benchmark.js';
import type * as VendorBackend from '../../examples/hosts/vendor-backend.js';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, createMemoryState } from '../../src/index.js';
import { createInProcessServer, createTestPattern, createTestSigner, fakeChecker, fileEntry, urlEntry } from '../../src/testing.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { root, writeBlocks } from './blocks.js';

const sketches = readdirSync(join(root, 'examples/hosts')).map((file) => ({
  page: 'hosts.md',
  file,
  line: 1,
  code: readFileSync(join(root, 'examples/hosts', file), 'utf8'),
}));
const folder = writeBlocks(sketches, { resolved: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load<T>(file: string): Promise<T> {
  return (await import(join(folder, 'hosts', file))) as T;
}

const never = (): AbortSignal => new AbortController().signal;

describe('the mail filter', () => {
  it('routes a message by the worst of its parts', async () => {
    const { route } = await load<typeof MailFilter>('mail-filter.ts');
    const checker = fakeChecker(
      { labels: { 'bad.doc': 'malicious', 'http://odd.example/': 'suspicious', 'far.zip': { reason: 'unreachable' } } },
      { policy: { base: 'gateway', suspicious: 'warn' } },
    );
    const message = (names: string[], links: string[] = []): MailFilter.Message => ({ id: 'm', attachments: names.map((name) => ({ name, bytes: toUtf8(name) })), links });
    expect(await route(checker, message([]), never())).toEqual({ kind: 'deliver' });
    expect(await route(checker, message(['good.doc'], ['http://good.example/']), never())).toEqual({ kind: 'deliver' });
    expect(await route(checker, message(['good.doc'], ['http://odd.example/']), never())).toEqual({ kind: 'deliver', warning: 'Fake.suspicious' });
    expect(await route(checker, message(['good.doc', 'far.zip']), never())).toMatchObject({ kind: 'hold', pending: [expect.any(String)] });
    expect(await route(checker, message(['bad.doc', 'far.zip']), never())).toEqual({ kind: 'reject', threats: ['Fake.malicious'] });
  });
});

describe('the registry proxy', () => {
  it('admits, refuses or asks to come again, with a record of why', async () => {
    const { admit } = await load<typeof NpmProxy>('npm-proxy.ts');
    const checker = fakeChecker({ labels: { 'bad@1.0.0': 'malicious', 'far@1.0.0': { reason: 'unreachable' } } }, { policy: 'gateway' });
    const fetched = (name: string): NpmProxy.FetchedPackage => ({ name, version: '1.0.0', tarball: toUtf8(name), homepage: 'http://home.example/' });
    expect(await admit(checker, fetched('good'), never())).toMatchObject({ status: 200, audit: [{ path: 'good@1.0.0', disposition: 'clean' }, { kind: 'url' }] });
    expect(await admit(checker, fetched('bad'), never())).toMatchObject({ status: 403 });
    expect(await admit(checker, fetched('far'), never())).toMatchObject({ status: 503, retryAfterSeconds: 30 });
    await expect(admit(checker, fetched('good'), AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('the vendor backend', () => {
  it('asks over the bus and its ratings, and opens a case', async () => {
    const { vendorEngine } = await load<typeof VendorBackend>('vendor-backend.ts');
    const signer = await createTestSigner();
    const server = createInProcessServer([fileEntry(toUtf8('on the bus'), { name: 'Test.Bus' })], { signer });
    const cases: string[] = [];
    const rated = new Map([[toHex(fileEntry(toUtf8('rated'), { name: 'x' }).hash), { name: 'Test.Rated', score: 10 }]]);
    let busUp = true;
    const engine = vendorEngine(
      {
        async publish(_, body, signal) {
          if (!busUp) {
            throw new Error('no bus');
          }
          const reply = await server.transport.send(body, { server: { id: 's', ...server.config }, signal, maxBytes: 1e6 });
          return reply.kind === 'answer' ? reply.body : Promise.reject(new Error(reply.kind));
        },
        rate: async () => new Map(rated),
        openCase: async (_, { label, threats }) => void cases.push(`${label}: ${threats.join()}`),
      },
      formatPublicKey(signer.publicKey),
    );
    expect((await engine.check(bytesSubject(toUtf8('on the bus'), { label: 'a' }))).verdict.threats).toMatchObject([{ name: 'Test.Bus' }]);
    busUp = false;
    expect((await engine.check(bytesSubject(toUtf8('rated'), { label: 'b' }))).verdict).toMatchObject({ disposition: 'malicious', by: 'ratings' });
    await engine.close();
  });
});

describe('the benchmark harness', () => {
  it('times what is right and names what is wrong', async () => {
    const { compare } = await load<typeof PartsBenchmark>('parts-benchmark.ts');
    const pattern = [await createTestPattern({ markers: { 'Test.Marker': 'a marker' } })];
    const cases = [
      { label: 'with', bytes: toUtf8('here is a marker'), threats: ['Test.Marker'] },
      { label: 'without', bytes: toUtf8('nothing here'), threats: [] },
    ];
    const blind = createMatcher([]);
    const measured = await compare([{ name: 'built in', parts: { pattern } }, { name: 'blind', parts: { matcher: blind } }], cases, 3);
    expect(measured).toMatchObject([
      { kind: 'timed', name: 'built in' },
      { kind: 'wrong', name: 'blind', label: 'with', found: [] },
    ]);
  });
});

describe('the browser extension', () => {
  it('warns of what a server knows, and has an alarm set', async () => {
    const { startWorker } = await load<typeof BrowserExtension>('browser-extension.ts');
    const signer = await createTestSigner();
    const server = createInProcessServer([urlEntry('http://bad.example/', { name: 'Test.Page' })], { signer });
    const real = globalThis.fetch;
    globalThis.fetch = (input, init) => server.handler(new Request(input, init));
    const warnings: string[] = [];
    const alarms: number[] = [];
    const listeners: { navigate?: (tab: number, url: string) => void; alarm?: () => void } = {};
    try {
      const engine = startWorker(
        {
          onNavigate: (listener) => void (listeners.navigate = listener),
          onAlarm: (listener) => void (listeners.alarm = listener),
          setAlarm: (at) => void alarms.push(at),
          showWarning: (_, url, threats) => void warnings.push(`${url} ${threats.join()}`),
          state: createMemoryState(),
          loadPatterns: async () => [],
        },
        [{ address: 'https://reputation.example', trust: formatPublicKey(signer.publicKey) }],
      );
      listeners.navigate?.(1, 'http://www.bad.example/login');
      await expect.poll(() => warnings).toEqual(['http://www.bad.example/login Test.Page']);
      listeners.alarm?.();
      await expect.poll(() => alarms.length).toBe(1);
      await engine.close();
    } finally {
      globalThis.fetch = real;
    }
  });
});

describe('the edge worker', () => {
  it('passes clean uploads on and refuses others', async () => {
    const { handleFetch } = await load<typeof CloudflareWorker>('cloudflare-worker.ts');
    const signer = await createTestSigner();
    const server = createInProcessServer([fileEntry(toUtf8('bad upload'), { name: 'Test.Upload' })], { signer });
    const pattern = await createTestPattern();
    const real = globalThis.fetch;
    const origin: string[] = [];
    globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith('https://reputation.example')) {
        return server.handler(request);
      }
      origin.push(await request.text());
      return new Response('stored');
    };
    const env: CloudflareWorker.WorkerEnv = {
      REPUTATION_URL: 'https://reputation.example',
      REPUTATION_KEY: formatPublicKey(signer.publicKey),
      ASSETS: { fetch: async () => new Response(new Uint8Array(pattern)) },
    };
    const work: Promise<unknown>[] = [];
    const upload = (text: string): Promise<Response> =>
      handleFetch(new Request('https://edge.example/upload', { method: 'POST', body: text }), env, { waitUntil: (one) => void work.push(one) });
    try {
      expect(await (await upload('good upload')).text()).toBe('stored');
      expect((await upload('bad upload')).status).toBe(422);
      expect(origin).toEqual(['good upload']);
      await Promise.all(work);
    } finally {
      globalThis.fetch = real;
    }
  });
});
