/**
 * What leaves the machine: the bytes of look-ups as they stand on the wire, both ways. The ordinary run makes some hundreds;
 * LOOKUPS=10000 makes ten thousand.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8, toHex, toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, digestSubject, urlSubject, type Subject } from '../../src/base/subject.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { fileSubject } from '../../src/node/files/file-subject.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { createEngine } from '../../src/preset/portable.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { decodeQuery } from '../../src/protocol/query-message.js';
import type { Transport } from '../../src/query/transport.js';
import { createWireSource, type WirePrivacy } from '../../src/query/wire/wire-source.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { serve, type RunningServer } from '../../src/server/node/serve.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { agentPattern, contentEntry, literal, serverPattern, urlEntry } from '../support/feed.js';
import { hashesIn, httpMessages, startWireTap, type WireTap } from '../support/wire-tap.js';
import { directAnswer, serverAt, statementsFor, transportOver, trusted } from '../support/wire-fixtures.js';

const crypto = createNodeCrypto();
const lookups = Number(process.env['LOOKUPS'] ?? 600);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_402);
/** In every path, name, label, tag, content and URL of this test. */
const secret = 'q7zGeheimnisq7z';

let folder: string;
let server: RunningServer;
let tap: WireTap;

interface LookUp {
  readonly subject: Subject;
  /** What must not be on the wire. */
  readonly hash: Uint8Array;
  readonly options?: { readonly layers: 'remote' };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), secret));
  // Every hundredth of what is asked about is listed.
  const hashes = Array.from({ length: Math.ceil(lookups / 200) }, (_, i) => [
    contentEntry(`Listed.${i}`, contentOf(200 * i)),
    urlEntry(`Bad.${i}`, urlOf(200 * i + 3)),
  ]).flat();
  const now = Date.now();
  const pattern = await serverPattern({ hashes }, { generation: 5, createdAt: now, expiresAt: now + 86_400_000 });
  server = await serve({ handler: createHandler({ store: createMemoryStore(pattern, { crypto }), crypto, clock: createSystemClock(), signer: trusted }) });
  tap = await startWireTap(Number(new URL(server.url).port));
});

afterAll(async () => {
  await tap.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

function contentOf(i: number): string {
  return `content ${i} of ${secret}`;
}

function urlOf(i: number): string {
  return `http://host-${i}.example/${secret}/${i}`;
}

/** Files on disk, contents with a label, a locator and a tag, digests, and URLs with a user and a query. */
function lookUp(i: number): LookUp {
  const hash = crypto.sha256(toUtf8(contentOf(i)));
  const path = join(folder, `${secret}-${i}.bin`);
  switch (i % 5) {
    case 0:
      return { subject: bytesSubject(toUtf8(contentOf(i)), { label: path, locator: { scheme: 'test', ref: path }, tag: { secret } }), hash };
    case 1:
      writeFileSync(path, contentOf(i));
      return { subject: fileSubject(path), hash };
    case 2:
      return { subject: digestSubject(hash), hash, options: { layers: 'remote' } };
    default: {
      const url = `http://${secret}:pass@host-${i}.example/${secret}/${i}?q=${secret}#${secret}`;
      return { subject: urlSubject(i % 200 === 3 ? urlOf(i) : url), hash: crypto.sha256(toUtf8(`host-${i}.example/${secret}/${i}`)) };
    }
  }
}

describe('look-ups on the wire', () => {
  it(`show prefixes only: ${lookups} of them (seed ${seed})`, { timeout: 600_000 }, async () => {
    const now = Date.now();
    const engine = createEngine({
      servers: [{ address: tap.address, scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
      background: 'manual',
      query: { holdMs: 60_000, perServerMs: 30_000 },
      parts: {
        pattern: [await agentPattern({ signatures: [literal('Local.Marker', 'local-marker')] }, { generation: 1, createdAt: now, expiresAt: now + 86_400_000 })],
        transport: createFetchTransport(), crypto,
      },
    });
    const random = createSeededRandom(seed);
    const all = Array.from({ length: lookups }, (_, i) => lookUp(i));
    const dispositions = new Map<string, number>();
    for (let at = 0; at < all.length; ) {
      const batch = all.slice(at, (at += 1 + Math.floor(random() ** 3 * 500)));
      for (const { verdict } of await Promise.all(batch.map(({ subject, options }) => engine.check(subject, options)))) {
        const said = `${verdict.disposition} ${verdict.reason ?? ''}`.trim();
        dispositions.set(said, (dispositions.get(said) ?? 0) + 1);
      }
    }
    await engine.close();
    expect(Object.fromEntries(dispositions)).toEqual({ clean: lookups - lookups / 100, malicious: lookups / 100 });

    const conversations = tap.conversations();
    const sent = Buffer.concat(conversations.map((one) => one.sent));
    const received = Buffer.concat(conversations.map((one) => one.received));
    const requests = conversations.flatMap((one) => httpMessages(one.sent));
    const prefixes = requests.flatMap(({ body }) => decodeQuery(body).groups).reduce((sum, group) => sum + group.prefixes.length, 0);
    expect(prefixes).toBeGreaterThanOrEqual(lookups);
    expect(leaks(sent, all)).toEqual({ hashes: 0, secrets: 0 });
    // Back come full hashes of what is listed; of what is not, nothing.
    const unlisted = all.filter((_, i) => i % 200 !== 0 && i % 200 !== 3);
    expect(leaks(received, unlisted)).toEqual({ hashes: 0, secrets: 0 });
  });

  it('have one length for each size class, both ways, in whole HTTP messages', async () => {
    const source = createWireSource({
      transport: createFetchTransport(), server: serverAt(tap.address), trust: [trusted.publicKey], crypto, clock: createSystemClock(),
    });
    for (const count of [1, 2, 8, 9, 24, 25, 50, 56, 57, 100, 120, 121, 248, 249, 400, 504, 505, 999, 1000]) {
      // The first of them is listed: a find alone does not show.
      const hashes = Array.from({ length: count }, (_, i) => crypto.sha256(toUtf8(contentOf(i))).slice(0, 4));
      expect(await source.lookup({ kind: 'file', algorithm: 'sha256', hashes }, { signal: new AbortController().signal })).toMatchObject({ kind: 'answer' });
    }
    const lengths = new Map<number, Set<string>>();
    for (const { sent, received } of tap.conversations()) {
      const answers = httpMessages(received);
      httpMessages(sent).forEach((request, i) => {
        const seen = lengths.get(request.body.length) ?? new Set();
        lengths.set(request.body.length, seen.add(`${request.headBytes} ${answers[i]!.headBytes} ${answers[i]!.body.length}`));
      });
    }
    expect(lengths.size).toBe(7);
    for (const [request, seen] of lengths) {
      expect([64, 128, 256, 512, 1024, 2048, 4096]).toContain(request);
      expect(seen.size, `answers to requests of ${request} bytes`).toBe(1);
      expect([...seen][0]).toMatch(new RegExp(` ${request * 16}$`));
    }
  });

  it('sabotage: a full hash, raw or in hex, a path and a URL would be seen', () => {
    const one = lookUp(1);
    const path = toUtf8(join(folder, 'x'));
    expect(leaks(Buffer.from(concatBytes([toUtf8('ab'), one.hash, toUtf8('c')])), [one])).toEqual({ hashes: 1, secrets: 0 });
    expect(leaks(Buffer.from(toHex(one.hash).toUpperCase()), [one]).hashes).toBe(1);
    expect(leaks(Buffer.from(path), [one]).secrets).toBe(1);
    expect(leaks(Buffer.from(encodeURIComponent(urlOf(3))), [one]).secrets).toBe(1);
    expect(leaks(Buffer.from(toHex(path)), [one]).secrets).toBe(1);
    expect(leaks(Buffer.from(Buffer.from(`x${fromUtf8(path)}`).toString('base64')), [one]).secrets).toBe(1);
  });
});

/** Full hashes, and the secret in plain text, in hex, and in base64 at each of the three places that it can have there. */
function leaks(bytes: Buffer, all: readonly LookUp[]): { readonly hashes: number; readonly secrets: number } {
  const inBase64 = [0, 1, 2].map((shift) => Buffer.from('x'.repeat(shift) + secret).toString('base64').slice(shift === 0 ? 0 : 4, 16));
  const forms = [secret, secret.toLowerCase(), toHex(toUtf8(secret)), ...inBase64];
  return { hashes: hashesIn(bytes, all.map((one) => one.hash)), secrets: forms.filter((form) => bytes.includes(form)).length };
}

describe('decoys', () => {
  const prefixesOf = (body: Uint8Array): string[] => decodeQuery(body).groups.flatMap((group) => group.prefixes.map((one) => toHex(one)));
  const sourceOver = (transport: Transport, privacy: WirePrivacy): ReturnType<typeof createWireSource> =>
    createWireSource({ transport, server: serverAt('https://reputation.example'), trust: [trusted.publicKey], crypto, clock: { now: () => 1_750_000_000_000 }, privacy });
  const recording = (): { readonly bodies: Uint8Array[]; readonly transport: Transport } => {
    const bodies: Uint8Array[] = [];
    const transport = transportOver((body) => {
      bodies.push(body);
      return directAnswer(body, statementsFor(decodeQuery(body)));
    });
    return { bodies, transport };
  };
  const hashes = [Uint8Array.of(0xaa, 1, 2, 3), Uint8Array.of(0xbb, 1, 2, 3)];
  const question = { kind: 'file', algorithm: 'sha256', hashes } as const;
  const { signal } = new AbortController();

  it('are asked beside what is wanted, and their answers are nobody’s', async () => {
    const { bodies, transport } = recording();
    const reply = await sourceOver(transport, { decoys: 9 }).lookup(question, { signal });
    expect(prefixesOf(bodies[0]!)).toHaveLength(20);
    expect(prefixesOf(bodies[0]!)).toEqual(expect.arrayContaining(hashes.map((one) => toHex(one))));
    expect(reply.kind === 'answer' && reply.body.answers.map((one) => one.asked)).toEqual(expect.arrayContaining([...hashes]));
    expect(reply.kind === 'answer' && reply.body.answers).toHaveLength(2);
  });

  it('are the same each time for one prefix, and others for another source', async () => {
    const { bodies, transport } = recording();
    const source = sourceOver(transport, { decoys: 9 });
    await source.lookup(question, { signal });
    await source.lookup({ ...question, hashes: hashes.slice(0, 1) }, { signal });
    await sourceOver(transport, { decoys: 9 }).lookup(question, { signal });
    const [first, second, third] = bodies.map((body) => new Set(prefixesOf(body)));
    expect([...second!].filter((one) => first!.has(one))).toHaveLength(10);
    expect([...third!].filter((one) => first!.has(one))).toHaveLength(2);
  });

  it('make batches smaller, never larger than a request may be', () => {
    const { transport } = recording();
    expect([0, 1, 9, 99].map((decoys) => sourceOver(transport, { decoys }).maxBatch)).toEqual([1000, 500, 100, 10]);
    for (const decoys of [-1, 100, 0.5]) {
      expect(() => sourceOver(transport, { decoys })).toThrow(RangeError);
    }
  });

  it('without padding a request is as long as what it asks', async () => {
    const { bodies, transport } = recording();
    const source = sourceOver(transport, { padding: false });
    await source.lookup(question, { signal });
    await source.lookup({ ...question, hashes: hashes.slice(0, 1) }, { signal });
    expect(bodies[0]!.length - bodies[1]!.length).toBe(4);
  });
});
