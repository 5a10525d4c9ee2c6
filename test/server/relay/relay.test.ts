import { describe, expect, it } from 'vitest';
import type { Question } from '../../../src/base/fingerprint.js';
import { decodeAnswer, encodeAnswer } from '../../../src/protocol/answer-message.js';
import { contentType } from '../../../src/protocol/messages.js';
import { decodeQuery, encodeQuery } from '../../../src/protocol/query-message.js';
import { createHandler } from '../../../src/server/handler.js';
import { answersTo, agentBefore, never, originStore, relayScene, upstreamOver } from '../../support/relay-fixtures.js';
import { crypto, listedPrefix, listedRecord, question, stranger, trusted, unlistedPrefix } from '../../support/wire-fixtures.js';

const records = (asked: Question, reply: Parameters<typeof answersTo>[1]): unknown[] => answersTo(asked, reply).map((one) => one?.records);
const about = (...hashes: Uint8Array[]): Question => ({ ...question, hashes });
const many = (count: number): Question => about(...Array.from({ length: count }, (_, i) => Uint8Array.of(1, 0, i >> 8, i & 0xff)));

describe('a relay', () => {
  it('passes on what the origin signed, believed as a statement', async () => {
    const { ask } = relayScene();
    const reply = await ask(question);
    expect(records(question, reply)).toEqual([[listedRecord], []]);
    expect(reply).toMatchObject({ kind: 'answer', body: { strength: 3 } });
  });

  it('asks upstream for each thing once while it holds it, and only for what it does not hold', async () => {
    const { ask, upstream } = relayScene();
    const seen: number[] = [];
    const honest = upstream.handler;
    upstream.handler = async (request) => {
      seen.push(decodeQuery(new Uint8Array(await request.clone().arrayBuffer())).groups[0]!.prefixes.length);
      return honest(request);
    };
    await ask(about(listedPrefix));
    expect(records(question, await ask(question))).toEqual([[listedRecord], []]);
    expect(records(question, await ask(question))).toEqual([[listedRecord], []]);
    expect(seen).toEqual([1, 1]);
  });

  it('lets clients that ask for the same at the same time wait for one question', async () => {
    const { ask, upstream } = relayScene();
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(question)));
    expect(replies.map((one) => records(question, one))).toEqual(replies.map(() => [[listedRecord], []]));
    expect(upstream.requests).toBe(1);
  });

  it('answers a thousand prefixes through questions of 250', async () => {
    const { ask, upstream } = relayScene();
    const asked = many(1000);
    expect(answersTo(asked, await ask(asked)).filter((one) => one?.records.length === 0)).toHaveLength(1000);
    expect(upstream.requests).toBe(4);
  });

  it('works without its upstream for what it holds; the rest is unanswered, never "not listed"', async () => {
    const { ask, upstream } = relayScene();
    await ask(about(listedPrefix));
    upstream.up = false;
    const partly = await ask(question);
    expect(records(question, partly)).toEqual([[listedRecord], undefined]);
    expect(await ask(about(unlistedPrefix))).toMatchObject({ kind: 'failed', retry: true, reason: 'unreachable' });
  });

  it('tells how long an answer may be used by what is left of its life, and serves none that has expired', async () => {
    const { ask, upstream, clock } = relayScene();
    await ask(about(listedPrefix));
    upstream.up = false;
    await clock.advance(3_000_000);
    expect(answersTo(question, await ask(question))[0]?.ttlMs).toBe(600_000);
    await clock.advance(599_999);
    expect(answersTo(question, await ask(question))[0]?.ttlMs).toBe(1);
    await clock.advance(1);
    expect((await ask(about(listedPrefix))).kind).toBe('failed');
  });

  it('serves nothing of an older generation once it has seen a newer one', async () => {
    const { ask, upstream, clock } = relayScene();
    await ask(question);
    upstream.handler = createHandler({ store: originStore(6), crypto, clock, signer: trusted });
    const [newer] = many(1).hashes;
    expect(answersTo(about(newer!), await ask(about(newer!)))[0]?.generation).toBe(6);
    expect(answersTo(question, await ask(question)).map((one) => one?.generation)).toEqual([6, 6]);
    upstream.handler = createHandler({ store: originStore(5), crypto, clock, signer: trusted });
    const [, other] = many(2).hashes;
    expect((await ask(about(other!))).kind).toBe('failed');
  });

  it('keeps and passes on nothing that a trusted key did not sign, and leaves such an upstream alone for a while', async () => {
    const { ask, upstream, clock } = relayScene();
    const honest = upstream.handler;
    upstream.handler = createHandler({ store: originStore(), crypto, clock, signer: stranger });
    expect((await ask(question)).kind).toBe('failed');
    upstream.handler = honest;
    expect((await ask(question)).kind).toBe('failed');
    expect(upstream.requests).toBe(1);
    await clock.advance(1_000);
    expect(records(question, await ask(question))).toEqual([[listedRecord], []]);
  });

  it('keeps and passes on of an answer only the statements whose own signature fits', async () => {
    const { ask, upstream, clock } = relayScene();
    const honest = upstream.handler;
    const forging = (change: (signatures: readonly Uint8Array[]) => readonly Uint8Array[]): typeof honest => async (request) => {
      const asked = new Uint8Array(await request.clone().arrayBuffer());
      const response = await honest(request);
      const { proof, statements } = decodeAnswer(new Uint8Array(await response.arrayBuffer()));
      const signatures = change(proof.kind === 'statement' ? proof.signatures : []);
      return new Response(new Uint8Array(encodeAnswer({ proof: { kind: 'statement', signatures }, statements }, asked.length)), { headers: response.headers });
    };
    upstream.handler = forging((all) => [...all].reverse());
    expect((await ask(question)).kind).toBe('failed');
    await clock.advance(1_000);
    upstream.handler = forging(([first]) => [first!, first!]);
    expect(records(question, await ask(question))).toEqual([[listedRecord], undefined]);
    upstream.handler = honest;
    expect(records(question, await ask(question))).toEqual([[listedRecord], []]);
  });

  it('asks its upstream by requests that follow no redirect', async () => {
    const { ask, upstream } = relayScene();
    const honest = upstream.handler;
    const seen: string[] = [];
    upstream.handler = async (request) => {
      seen.push(request.redirect);
      return honest(request);
    };
    await ask(question);
    expect(seen).toEqual(['manual']);
  });

  it('has 64 questions under way at its upstream at most; what goes beyond is refused at once', async () => {
    const { ask, upstream, clock } = relayScene();
    upstream.handler = () => new Promise(() => undefined);
    const replies = many(65).hashes.map((prefix) => ask(about(prefix)));
    expect(await Promise.race(replies)).toMatchObject({ kind: 'failed', retry: true });
    expect(upstream.requests).toBe(64);
    await clock.advance(2_000);
    expect(new Set((await Promise.all(replies)).map((one) => one.kind))).toEqual(new Set(['failed']));
  });

  it('obeys an upstream that asks for a pause, and tells its clients', async () => {
    const { ask, upstream, clock } = relayScene();
    await ask(about(listedPrefix));
    const honest = upstream.handler;
    upstream.handler = async () => new Response(null, { status: 503, headers: { 'retry-after': '30' } });
    expect(await ask(about(unlistedPrefix))).toEqual({ kind: 'wait', waitMs: 30_000 });
    upstream.handler = honest;
    await clock.advance(29_000);
    expect(await ask(about(unlistedPrefix))).toEqual({ kind: 'wait', waitMs: 1_000 });
    expect(records(question, await ask(question))).toEqual([[listedRecord], undefined]);
    expect(upstream.requests).toBe(2);
    await clock.advance(1_000);
    expect(records(question, await ask(question))).toEqual([[listedRecord], []]);
  });

  it.each([
    ['within the hour', 30_000, 30_000],
    ['in an hour and a second', 3_601_000, 3_600_000],
    ['in ten years', 315_360_000_000, 3_600_000],
  ])('obeys a pause until a date %s, an hour at most', async (_, aheadMs, pauseMs) => {
    const { ask, upstream, clock } = relayScene();
    const headers = { 'retry-after': new Date(clock.now() + aheadMs).toUTCString() };
    upstream.handler = async () => new Response(null, { status: 503, headers });
    expect(await ask(question)).toEqual({ kind: 'wait', waitMs: pauseMs });
    await clock.advance(pauseMs - 1);
    expect(await ask(question)).toEqual({ kind: 'wait', waitMs: 1_000 });
    expect(upstream.requests).toBe(1);
  });

  it('keeps to the pause that it was told when the wall clock is set meanwhile', async () => {
    const { ask, upstream, clock } = relayScene();
    const headers = { 'retry-after': new Date(clock.now() + 30_000).toUTCString() };
    upstream.handler = async () => new Response(null, { status: 429, headers });
    await ask(question);
    clock.jumpWall(-86_400_000);
    expect(await ask(question)).toEqual({ kind: 'wait', waitMs: 30_000 });
    expect(upstream.requests).toBe(1);
  });

  it('waits for an upstream that says nothing no longer than its time, and then answers what it holds', async () => {
    const { ask, upstream, clock } = relayScene();
    await ask(about(listedPrefix));
    upstream.handler = () => new Promise(() => undefined);
    const reply = ask(question);
    await clock.advance(2_000);
    expect(records(question, await reply)).toEqual([[listedRecord], undefined]);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } })],
    ['an error page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['status 500', () => new Response(null, { status: 500 })],
    ['an empty answer', () => new Response(new Uint8Array(0), { headers: { 'content-type': contentType } })],
    ['garbage', () => new Response(new Uint8Array(1024).fill(0x91), { headers: { 'content-type': contentType } })],
    ['more than 4 MiB', () => new Response(new Uint8Array(4 * 2 ** 20 + 1), { headers: { 'content-type': contentType } })],
    ['an encoded answer', () => new Response(new Uint8Array(9), { headers: { 'content-type': contentType, 'content-encoding': 'gzip' } })],
  ])('takes nothing from an upstream that sends %s', async (_, response) => {
    const { ask, upstream } = relayScene();
    upstream.handler = async () => response();
    expect(await ask(question)).toMatchObject({ kind: 'failed', reason: 'unreachable' });
  });

  it('may stand before another relay', async () => {
    const first = relayScene();
    const second = relayScene({ fetch: first.relay });
    expect(records(question, await second.ask(question))).toEqual([[listedRecord], []]);
    first.upstream.up = false;
    const third = relayScene({ fetch: first.relay });
    expect(records(question, await third.ask(question))).toEqual([[listedRecord], []]);
  });

  it('answers clients that do not pad without padding', async () => {
    const { relay, clock } = relayScene();
    const agent = agentBefore(relay, clock, { privacy: { padding: false } });
    expect(records(question, await agent.lookup(question, { signal: never() }))).toEqual([[listedRecord], []]);
  });

  it('goes on with a store that fails, lies about times or says nothing', async () => {
    const faults: unknown[] = [];
    const onFault = (error: unknown): void => void faults.push(error);
    const broken = { get: () => Promise.reject(new Error('gone')), put: () => Promise.reject(new Error('gone')) };
    expect(records(question, await relayScene({ relay: { store: broken, onFault } }).ask(question))).toEqual([[listedRecord], []]);
    expect(faults).toHaveLength(2);
    const silent = relayScene({ relay: { store: { get: () => new Promise(() => undefined), put: () => new Promise(() => undefined) } } });
    const reply = silent.ask(question);
    await silent.clock.advance(2_000);
    expect(records(question, await reply)).toEqual([[listedRecord], []]);
  });

  it('says how it is', async () => {
    const { relay, ask } = relayScene();
    const health = async (): Promise<unknown> => (await relay(new Request('https://relay.example/healthz'))).json();
    expect(await health()).toEqual({ status: 'ok', generation: null, entries: 0, uptimeMs: 0 });
    await ask(question);
    expect(await health()).toEqual({ status: 'ok', generation: 5, entries: 2, uptimeMs: 0 });
  });

  it('refuses keys that cannot be used and times that are none', () => {
    expect(() => relayScene({ relay: { trust: [new Uint8Array(32)] } })).toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
    expect(() => relayScene({ relay: { timeoutMs: 0 } })).toThrow(RangeError);
  });
});

describe('a server that relays ask', () => {
  const nonce = new Uint8Array(16);
  const post = (count: number): Request => {
    const prefixes = many(count).hashes;
    const body = encodeQuery({ nonce, groups: [{ kind: 'file', algorithm: 'sha256', prefixes }], wants: 'statement' });
    return new Request('https://origin.example/v1/query', { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': contentType } });
  };

  it('signs so many statements for one request and leaves the rest unanswered; what it has signed it gives again', async () => {
    let signatures = 0;
    const signer = { ...trusted, sign: (message: Uint8Array) => (signatures++, trusted.sign(message)) };
    const { upstream, clock } = relayScene({ origin: { signer, limits: { maxSignatures: 100 } } });
    const statements = async (count: number): Promise<number> =>
      decodeAnswer(new Uint8Array(await (await upstream.handler(post(count))).arrayBuffer())).statements.length;
    expect([await statements(1000), signatures]).toEqual([100, 100]);
    expect([await statements(1000), signatures]).toEqual([200, 200]);
    expect([await statements(200), signatures]).toEqual([200, 200]);
    await clock.advance(1_800_000);
    expect([await statements(100), signatures]).toEqual([100, 300]);
  });

  it('gives an unsigned answer where it has no key', async () => {
    const bare = upstreamOver(createHandler({ store: originStore(), crypto, clock: relayScene().clock }));
    expect(decodeAnswer(new Uint8Array(await (await bare.fetch(post(2))).arrayBuffer())).proof.kind).toBe('none');
  });
});
