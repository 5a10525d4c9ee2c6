import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { bytesSubject, digestSubject, urlSubject } from '../../src/base/subject.js';
import type { Subject } from '../../src/base/subject.js';
import { createEngine } from '../../src/preset/portable.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';
import {
  createInProcessServer,
  createScriptedSource,
  createScriptedTransport,
  createTestPattern,
  createTestSigner,
  fakeChecker,
  FakeClock,
  fileEntry,
  urlEntry,
} from '../../src/testing.js';

const sha256 = (bytes: Uint8Array): Uint8Array => createPortableCrypto().sha256(bytes);
const content = toUtf8('a harmless marker');
const never = (): AbortSignal => new AbortController().signal;

async function all<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of sequence) {
    list.push(one);
  }
  return list;
}

describe('fakeChecker', () => {
  it('answers by SHA-256, URL and label, in this order, else clean', async () => {
    const checker = fakeChecker({
      sha256: { [toHex(sha256(content))]: 'malicious' },
      urls: { 'http://bad.example/': { disposition: 'suspicious', score: 60 } },
      labels: { 'a.txt': 'clean', 'b.txt': { reason: 'unreadable' } },
    });
    const subjects: Subject[] = [
      bytesSubject(content, { label: 'a.txt' }),
      digestSubject(sha256(content)),
      urlSubject('http://bad.example/'),
      bytesSubject(toUtf8('other'), { label: 'b.txt' }),
      urlSubject('http://good.example/'),
    ];
    const results = await checker.checkMany(subjects);
    expect(results.map((one) => one.verdict.disposition)).toEqual(['malicious', 'malicious', 'suspicious', 'unknown', 'clean']);
    expect(results[2]?.verdict.score).toBe(60);
    expect(results[0]).toMatchObject({ sha256: toHex(sha256(content)), size: content.length, subject: { kind: 'file', label: 'a.txt' } });
    expect(checker.results).toEqual(results);
  });

  it('keeps the rules of verdicts: a find has a threat, what is unknown a reason and a place in the queue', async () => {
    const checker = fakeChecker({ labels: { bad: 'malicious', far: 'unknown', locked: { reason: 'encrypted' } } });
    const [bad, far, locked] = await checker.checkMany(['bad', 'far', 'locked'].map((label) => bytesSubject(content, { label })));
    expect(bad?.verdict.threats).toHaveLength(1);
    expect(bad?.decision.access).toBe('block');
    expect(far).toMatchObject({ verdict: { reason: 'unreachable' }, pending: { kind: 'queued' }, decision: { access: 'allow' } });
    expect(locked).toMatchObject({ verdict: { reason: 'encrypted' }, pending: { kind: 'none' } });
    const [unflagged] = await checker.checkMany([bytesSubject(content, { label: 'far' })], { pending: false });
    expect(unflagged?.pending).toEqual({ kind: 'none' });
  });

  it('decides by the policy that it is given', async () => {
    const checker = fakeChecker({ otherwise: 'unknown' }, { policy: 'gateway' });
    expect((await checker.check(bytesSubject(content))).decision.access).toBe('hold');
  });

  it('rejects on the caller’s abort, and turns what cannot be read into unknown', async () => {
    const checker = fakeChecker({});
    await expect(checker.check(bytesSubject(content), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    const broken: Subject = { kind: 'file', open: () => Promise.reject(new Error('EIO')) };
    const gone: Subject = { kind: 'file', open: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' })) };
    expect((await checker.checkMany([broken, gone])).map((one) => one.verdict.reason)).toEqual(['unreadable', 'gone']);
  });

  it('judges URLs at once, streams at their end and sequences as they come', async () => {
    const checker = fakeChecker({ urls: { 'http://bad.example/': 'malicious' }, labels: { upload: 'malicious' } });
    expect(checker.checkLocal('http://bad.example/').disposition).toBe('malicious');
    const receiver = checker.receive({ label: 'upload' });
    await receiver.write(content.subarray(0, 5));
    await receiver.write(content.subarray(5));
    expect(await receiver.end({ trace: true })).toMatchObject({ size: content.length, verdict: { disposition: 'malicious' }, trace: [{ layer: 'fake' }] });
    const results = await all(checker.checkAll([urlSubject('http://bad.example/'), urlSubject('http://good.example/')]));
    expect(results.map((one) => one.verdict.disposition)).toEqual(['malicious', 'clean']);
  });

  it('ends a receiver that was aborted', async () => {
    const receiver = fakeChecker({}).receive({});
    receiver.abort();
    await expect(receiver.write(content)).rejects.toMatchObject({ code: 'aborted' });
    await expect(receiver.end()).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('createScriptedTransport', () => {
  const server = { id: 's', address: 'http://127.0.0.1/', scope: 'local' } as const;
  const options = { server, maxBytes: 10 };

  it('follows its script and records the requests', async () => {
    const transport = createScriptedTransport();
    transport.script({ kind: 'answer', body: content.subarray(0, 10) }, { kind: 'wait', waitMs: 5 }, { kind: 'throw', error: new Error('boom') });
    transport.script({ kind: 'call', reply: (request) => ({ kind: 'answer', body: request }) }, { kind: 'answer', body: content });
    expect(await transport.send(Uint8Array.of(1), { ...options, signal: never() })).toEqual({ kind: 'answer', body: content.subarray(0, 10) });
    expect(await transport.send(Uint8Array.of(2), { ...options, signal: never() })).toEqual({ kind: 'wait', waitMs: 5 });
    await expect(transport.send(Uint8Array.of(3), { ...options, signal: never() })).rejects.toThrow('boom');
    expect(await transport.send(Uint8Array.of(4), { ...options, signal: never() })).toEqual({ kind: 'answer', body: Uint8Array.of(4) });
    expect(await transport.send(Uint8Array.of(5), { ...options, signal: never() })).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
    expect(await transport.send(Uint8Array.of(6), { ...options, signal: never() })).toMatchObject({ kind: 'failed', retry: false });
    expect(transport.requests.map((one) => one.body[0])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(transport.open()).toBe(0);
    await transport.close?.();
    expect(transport.closed).toBe(true);
  });

  it('hangs until it is aborted', async () => {
    const transport = createScriptedTransport({ otherwise: { kind: 'hang' } });
    const controller = new AbortController();
    const sent = transport.send(content, { ...options, signal: controller.signal });
    expect(transport.open()).toBe(1);
    controller.abort();
    await expect(sent).rejects.toMatchObject({ code: 'aborted' });
    expect(transport.open()).toBe(0);
  });
});

describe('createScriptedSource', () => {
  const entry = fileEntry(content, { name: 'Test.Marker' });
  const question = { kind: 'file', algorithm: 'sha256', hashes: [entry.hash.slice(0, 4), Uint8Array.of(1, 2, 3, 4)] } as const;

  it('goes through its modes', async () => {
    const clock = new FakeClock();
    const source = createScriptedSource({ entries: [entry], generation: 3, clock });
    const ask = (signal = never()): ReturnType<typeof source.lookup> => source.lookup(question, { signal });
    expect(await ask()).toMatchObject({ kind: 'answer', body: { answers: [{ generation: 3, records: [{ threats: [{ name: 'Test.Marker' }] }] }, { records: [] }] } });
    source.mode = { kind: 'partial', answered: 1 };
    expect(await ask()).toMatchObject({ body: { answers: { length: 1 } } });
    source.mode = { kind: 'down' };
    expect(await ask()).toEqual({ kind: 'failed', retry: true, reason: 'unreachable' });
    source.mode = { kind: 'wait', waitMs: 7 };
    expect(await ask()).toEqual({ kind: 'wait', waitMs: 7 });
    source.mode = { kind: 'slow', delayMs: 500 };
    expect(await clock.run(ask())).toMatchObject({ kind: 'answer' });
    expect(clock.monotonicMs()).toBe(500);
    source.mode = { kind: 'hang' };
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    expect([source.questions.length, source.open()]).toEqual([6, 0]);
  });

  it('puts the threats of one hash into one record, and sizes apart', async () => {
    const twice = [entry, fileEntry(content, { name: 'Test.Second' }), fileEntry(content, { name: 'Test.Sized', size: 5 })];
    const reply = await createScriptedSource({ entries: twice }).lookup(question, { signal: never() });
    const records = reply.kind === 'answer' ? reply.body.answers[0]?.records : [];
    expect(records?.map((one) => [one.size, one.threats.map((threat) => threat.name)])).toEqual([
      [undefined, ['Test.Marker', 'Test.Second']],
      [5, ['Test.Sized']],
    ]);
  });
});

describe('entries', () => {
  it('are made from contents, digests and URLs in any spelling', () => {
    expect(fileEntry(toHex(sha256(content)), { name: 'x' }).hash).toEqual(fileEntry(content, { name: 'x' }).hash);
    expect(urlEntry('HTTP://Example.com/a/../b', { name: 'x' }).hash).toEqual(sha256(toUtf8('example.com/b')));
    expect(urlEntry('http://example.com/', { name: 'x', disposition: 'suspicious', score: 55 })).toMatchObject({ kind: 'url', disposition: 'suspicious', score: 55, threat: { type: 'phishing' } });
    expect(() => fileEntry('abc', { name: 'x' })).toThrow(TypeError);
    expect(() => urlEntry('http://', { name: 'x' })).toThrow(TypeError);
  });
});

describe('createInProcessServer', () => {
  const entries = [fileEntry(content, { name: 'Test.Marker' }), urlEntry('http://bad.example/', { name: 'Test.Page' })];

  it('serves an engine over the real protocol, unsigned and signed', async () => {
    for (const signer of [undefined, await createTestSigner()]) {
      const server = createInProcessServer(entries, signer === undefined ? {} : { signer });
      const pattern = [await createTestPattern({ markers: { 'Test.Bytes': 'marker in the middle' } })];
      const engine = createEngine({ servers: [server.config], background: 'manual', parts: { transport: server.transport, pattern } });
      const results = await engine.checkMany([bytesSubject(content), bytesSubject(toUtf8('clean')), bytesSubject(toUtf8('a marker in the middle of it')), urlSubject('http://www.bad.example/x')]);
      expect(results.map((one) => [one.verdict.disposition, one.verdict.threats.map((threat) => threat.name)])).toEqual([
        ['malicious', ['Test.Marker']],
        ['clean', []],
        ['malicious', ['Test.Bytes']],
        ['malicious', ['Test.Page']],
      ]);
      expect(server.requests).toBeGreaterThan(0);
      await engine.close();
    }
  });

  it('can be down and come back knowing more', async () => {
    const clock = new FakeClock();
    const server = createInProcessServer([], { clock });
    const engine = createEngine({ servers: [server.config], background: 'manual', parts: { transport: server.transport, clock } });
    server.up = false;
    const first = await clock.run(engine.check(bytesSubject(content, { label: 'x' })));
    expect(first).toMatchObject({ verdict: { disposition: 'unknown', reason: 'unreachable' }, pending: { kind: 'queued' } });
    server.up = true;
    server.publish(entries);
    await clock.advance(600_000);
    const again = await clock.run(engine.check(bytesSubject(content, { label: 'y' })));
    expect(again.verdict).toMatchObject({ disposition: 'malicious', generations: { server: 2 } });
    await engine.close();
  });

  it('refuses bytes that are no server pattern', () => {
    expect(() => createInProcessServer(Uint8Array.of(1, 2, 3))).toThrow(VedetteError);
  });
});

describe('createTestSigner', () => {
  it('is the same for the same number and signs what verifies', async () => {
    const crypto = createPortableCrypto();
    const [one, again, other] = [await createTestSigner(1), await createTestSigner(1), await createTestSigner(2)];
    expect(toHex(one.publicKey)).toBe(toHex(again.publicKey));
    expect(toHex(one.publicKey)).not.toBe(toHex(other.publicKey));
    const signature = await one.sign(content);
    expect(await crypto.verify(one.publicKey, content, signature)).toBe(true);
    expect(await crypto.verify(other.publicKey, content, signature)).toBe(false);
  });
});
