import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { readReply } from '../../src/preset/http/http-reply.js';
import { contentType } from '../../src/protocol/messages.js';
import { serverAt } from '../support/wire-fixtures.js';

const now = Date.UTC(2025, 0, 1);
const signal = new AbortController().signal;
const options = { maxBytes: 100, signal, clock: { now: () => now } };

function response(status: number, headers: Record<string, string> = {}, body: BodyInit | null = 'x'): Response {
  return new Response([204, 304].includes(status) ? null : body, { status, headers: { 'content-type': contentType, ...headers } });
}

describe('what a response means', () => {
  it.each([
    [200, {}, { kind: 'answer' }],
    [200, { 'content-type': `${contentType.toUpperCase()}; charset=x` }, { kind: 'answer' }],
    [200, { 'content-encoding': 'identity' }, { kind: 'answer' }],
    [200, { 'content-encoding': 'br' }, { kind: 'failed', retry: false, reason: 'bad-answer' }],
    [200, { 'content-type': 'application/msgpack' }, { kind: 'failed', retry: false, reason: 'bad-answer' }],
    [200, { 'content-length': '101' }, { kind: 'failed', retry: false, reason: 'bad-answer' }],
    [202, {}, { kind: 'failed', retry: false, reason: 'bad-answer' }],
    [204, {}, { kind: 'failed', retry: false, reason: 'bad-answer' }],
    [301, {}, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [304, {}, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [400, {}, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [408, {}, { kind: 'failed', retry: true, reason: 'unreachable' }],
    [413, {}, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [429, {}, { kind: 'wait' }],
    [429, { 'retry-after': '0' }, { kind: 'wait', waitMs: 0 }],
    [503, { 'retry-after': '120' }, { kind: 'wait', waitMs: 120_000 }],
    [503, { 'retry-after': 'Wed, 01 Jan 2025 00:02:00 GMT' }, { kind: 'wait', waitMs: 120_000 }],
    [503, { 'retry-after': 'soon' }, { kind: 'wait' }],
    [500, {}, { kind: 'failed', retry: true, reason: 'unreachable' }],
    [599, {}, { kind: 'failed', retry: true, reason: 'unreachable' }],
  ])('status %i with %o', async (status, headers, expected) => {
    const reply = await readReply(response(status, headers), options);
    expect(reply).toMatchObject(expected);
    expect('waitMs' in reply).toBe('waitMs' in expected);
  });

  it('is failure for the status 0 by which browsers show a redirect', async () => {
    const opaque = Object.create(response(200), { status: { value: 0 }, type: { value: 'opaqueredirect' }, body: { value: null } }) as Response;
    expect(await readReply(opaque, options)).toMatchObject({ kind: 'failed', retry: false });
  });

  it('holds the limit to the byte, and cancels what it does not read', async () => {
    expect((await readReply(response(200, {}, new Uint8Array(100)), options)).kind).toBe('answer');
    expect((await readReply(response(200, {}, new Uint8Array(101)), options)).kind).toBe('failed');
    for (const status of [200, 404]) {
      let cancelled = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(50)),
        cancel: () => void cancelled++,
      });
      expect((await readReply(response(status, {}, stream), options)).kind).toBe('failed');
      expect(cancelled).toBe(1);
    }
  });

  it('does not wait for a body that stops coming once the signal fires', async () => {
    const controller = new AbortController();
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: () => new Promise(() => undefined),
      cancel: () => {
        cancelled = true;
        return new Promise(() => undefined);
      },
    });
    const reading = readReply(response(200, {}, stream), { ...options, signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toSatisfy((error) => VedetteError.is(error) && error.code === 'aborted');
    expect(cancelled).toBe(true);
  });
});

describe('the fetch transport', () => {
  it('asks without cookies, cache, referrer or redirects', async () => {
    const seen: [string, RequestInit][] = [];
    const stub: typeof fetch = async (input, init) => {
      seen.push([input as string, init!]);
      return response(200);
    };
    const transport = createFetchTransport({ fetch: stub });
    await transport.send(Uint8Array.of(1), { server: serverAt('https://r.example/base//'), signal, maxBytes: 10 });
    expect(seen[0]![0]).toBe('https://r.example/base/v1/query');
    expect(seen[0]![1]).toMatchObject({ method: 'POST', redirect: 'manual', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
    expect(seen[0]![1].headers).toEqual({ 'content-type': contentType, accept: contentType, 'accept-encoding': 'identity' });
  });

  it('ends on abort though its fetch does not, and lets the late response go', async () => {
    const controller = new AbortController();
    let arrive: (response: Response) => void = () => undefined;
    const stub: typeof fetch = () => new Promise((resolve) => (arrive = resolve));
    const sending = createFetchTransport({ fetch: stub }).send(Uint8Array.of(1), { server: serverAt('http://127.0.0.1'), signal: controller.signal, maxBytes: 10 });
    controller.abort();
    expect(await sending).toMatchObject({ kind: 'failed', retry: true, reason: 'unreachable' });
    const cancelled = new Promise<void>((resolve) => arrive(response(200, {}, new ReadableStream({ cancel: () => resolve() }))));
    await cancelled;
  });

  it('leaves no listener on a signal that outlives the exchange', async () => {
    const { signal: lasting } = new AbortController();
    const stub: typeof fetch = async (_, init) => {
      new Request('http://127.0.0.1', init);
      return response(200);
    };
    const transport = createFetchTransport({ fetch: stub });
    for (let round = 0; round < 3; round++) {
      await transport.send(Uint8Array.of(1), { server: serverAt('http://127.0.0.1'), signal: lasting, maxBytes: 10 });
    }
    expect(getEventListeners(lasting, 'abort').length).toBe(0);
    new Request('http://127.0.0.1', { signal: lasting });
    expect(getEventListeners(lasting, 'abort').length).toBe(1);
  });

  it('takes a fetch that throws for a failure', async () => {
    const stub: typeof fetch = () => {
      throw new TypeError('not today');
    };
    const reply = await createFetchTransport({ fetch: stub }).send(Uint8Array.of(1), { server: serverAt('http://127.0.0.1'), signal, maxBytes: 10 });
    expect(reply).toEqual({ kind: 'failed', retry: true, reason: 'unreachable', detail: 'not today' });
  });
});
