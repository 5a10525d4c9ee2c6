/** Conversations that are captured and replayed: what stands in a capture, and what a hostile one can do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLatin1, toUtf8 } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { decodeCapture, encodeCapture, maxCapturedExchanges, type CapturedExchange } from '../../src/testing/capture/capture.js';
import { createRecordingTransport } from '../../src/testing/capture/recording-transport.js';
import { createReplayTransport, type ReplayTransport } from '../../src/testing/capture/replay-transport.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { directAnswer, question, serverAt, startAt, statementsFor, transportOver, trusted, unlistedPrefix } from '../support/wire-fixtures.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import type { Crypto } from '../../src/base/seams.js';
import type { Server, Transport } from '../../src/query/transport.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const crypto = createNodeCrypto();
const signal = new AbortController().signal;
const honest = transportOver((request) => directAnswer(request, statementsFor(decodeQuery(request))));
const server: Server = { id: 'https://reputation.example/private', address: 'https://reputation.example/private', scope: 'local' };

const sourceOver = (transport: Transport, by: Crypto = crypto, now = startAt) =>
  createWireSource({ transport, server, trust: [trusted.publicKey], crypto: by, clock: { now: () => now } });

async function captured(): Promise<{ readonly bytes: Uint8Array; readonly replies: readonly unknown[] }> {
  const clock = new FakeClock(startAt);
  let call = 0;
  const transport = createRecordingTransport(
    transportOver(async (request) => {
      await clock.sleep(40, signal);
      call++;
      return call === 2 ? { kind: 'wait', waitMs: 5_000 } : call === 3 ? { kind: 'failed', retry: true, detail: 'connect /home/somebody' } : directAnswer(request, statementsFor(decodeQuery(request)));
    }),
    { clock },
  );
  const source = sourceOver(transport);
  const replies: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    replies.push(await clock.run(source.lookup(question, { signal })));
  }
  return { bytes: transport.capture(), replies };
}

async function replayed(replay: ReplayTransport, by: Crypto = replay.crypto(crypto)): Promise<unknown[]> {
  const source = sourceOver(replay, by, replay.startedAt);
  const replies: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    replies.push(await source.lookup(question, { signal }));
  }
  return replies;
}

describe('a capture', () => {
  it('is replayed as it was, signatures, waits and failures included', async () => {
    const { bytes, replies } = await captured();
    expect(replies).toMatchObject([{ kind: 'answer', body: { strength: 4 } }, { kind: 'wait', waitMs: 5_000 }, { kind: 'failed', retry: true }, { kind: 'answer' }]);
    const replay = createReplayTransport(bytes);
    const again = await replayed(replay);
    expect(again[0]).toEqual(replies[0]);
    expect(again[1]).toEqual(replies[1]);
    expect(again[2]).toMatchObject({ kind: 'failed', retry: true, reason: 'unreachable' });
    expect(again[3]).toEqual(replies[3]);
    expect([replay.remaining(), replay.missed, replay.startedAt]).toEqual([0, 0, startAt]);
  });

  it('takes the time that it took where there is a clock, and ends at once on abort', async () => {
    const { bytes } = await captured();
    const clock = new FakeClock(startAt);
    const replay = createReplayTransport(bytes, { clock });
    await clock.run(sourceOver(replay, replay.crypto(crypto)).lookup(question, { signal }));
    expect(clock.monotonicMs()).toBe(40);
    const caller = new AbortController();
    const ended = expect(replay.send(decodeCapture(bytes).exchanges[1]!.request, { server, signal: caller.signal, maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'aborted' });
    caller.abort();
    await ended;
  });

  it('is not believed for another nonce: a replay is an attack elsewhere', async () => {
    const { bytes } = await captured();
    expect((await replayed(createReplayTransport(bytes), crypto))[0]).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
  });

  it('fails for what was not asked, and no longer than for an answer that fits', async () => {
    const replay = createReplayTransport((await captured()).bytes);
    const source = sourceOver(replay);
    expect(await source.lookup({ ...question, hashes: [unlistedPrefix] }, { signal })).toMatchObject({ kind: 'failed', retry: false });
    expect(replay.missed).toBe(1);
    expect(await replay.send(decodeCapture((await captured()).bytes).exchanges[0]!.request, { server, signal, maxBytes: 1 })).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
  });

  it('holds prefixes, nonces and answers: no address, no detail, no time of day but its beginning', async () => {
    const text = toLatin1((await captured()).bytes);
    for (const secret of ['reputation.example', 'secret', 'somebody', 'private']) {
      expect(text).not.toContain(secret);
    }
    expect(decodeCapture((await captured()).bytes).exchanges.map((one) => one.server)).toEqual(['local 1', 'local 1', 'local 1', 'local 1']);
  });

  it('leaves out what is no question by prefixes, and what rides in the padding', async () => {
    const transport = createRecordingTransport(honest, { clock: new FakeClock() });
    const how = { server: serverAt('https://a.example'), signal, maxBytes: 1_000_000 };
    await transport.send(toUtf8(`{"sha256":"${'ab'.repeat(32)}"}`), how).catch(() => undefined);
    await transport.send(encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: [unlistedPrefix] }] }), { ...how, path: '/v1/challenge' });
    expect(transport.skipped).toBe(2);
    const padded = encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: [unlistedPrefix] }], wants: 'direct' });
    padded.set(toUtf8('C:\\secret'), padded.length - 9);
    await transport.send(padded, how);
    expect(decodeCapture(transport.capture()).exchanges).toHaveLength(1);
    expect(toLatin1(transport.capture())).not.toContain('secret');
  });

  it('has as many exchanges as it may, and not one more', () => {
    const request = encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: [unlistedPrefix] }] });
    const exchange: CapturedExchange = { server: 'a', afterMs: 1, tookMs: 1, request, reply: { kind: 'wait' } };
    const of = (count: number): Uint8Array => encodeCapture({ startedAt: 0, exchanges: new Array<CapturedExchange>(count).fill(exchange) });
    expect(decodeCapture(of(maxCapturedExchanges)).exchanges).toHaveLength(maxCapturedExchanges);
    expect(() => decodeCapture(of(maxCapturedExchanges + 1))).toThrow(VedetteError);
  });
});

describe('a hostile capture', () => {
  it('is refused as one, whatever was done to it, or replays what nobody believes', async () => {
    const { bytes, replies } = await captured();
    const random = createSeededRandom(6);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'repeat'), async (at, change, how) => {
        const mutated = how === 'flip' ? bytes.map((byte, n) => (n === at ? byte ^ change : byte)) : how === 'cut' ? bytes.slice(0, at) : Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(Math.floor(random() * at))]);
        let replay: ReplayTransport;
        try {
          replay = createReplayTransport(mutated);
        } catch (error) {
          expect(VedetteError.is(error)).toBe(true);
          return;
        }
        const known = replies.map((reply) => JSON.stringify(reply));
        const source = sourceOver(replay, replay.crypto(crypto));
        const reply = await source.lookup(question, { signal });
        if (reply.kind === 'answer') {
          expect(known).toContain(JSON.stringify(reply));
        }
      }),
      runs,
    );
  });

  it('of arbitrary bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeCapture(bytes)).toThrow(VedetteError);
      }),
      runs,
    );
  });
});
