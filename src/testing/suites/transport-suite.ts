/** What every `Transport` promises: bytes there and back, one exchange, under a limit, ended at once when told to. */
import { contentType } from '../../protocol/messages.js';
import type { Reply, Server, Transport } from '../../query/transport.js';
import { assertEqual, assertTrue, fail, outcomeOf, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';
import { createScriptedServer } from '../doubles/scripted-server.js';
import type { ScriptedServer, ServerStep } from '../doubles/scripted-server.js';

/** A transport and the address under which it reaches the scripted server. */
export interface ConnectedTransport {
  readonly transport: Transport;
  readonly server: Server;
}

/**
 * What `create` is told: the scripted server that the transport must lead to. Over HTTP every request is given to
 * `handle`, on other ways to `respond`; where these reject, the connection is to be cut.
 */
export interface TransportContext {
  readonly far: Pick<ScriptedServer, 'handle' | 'respond'>;
}

/** Options of `describeTransport`. */
export interface TransportSuiteOptions extends SuiteOptions<ConnectedTransport, TransportContext> {
  /** `http`: what HTTP servers do besides answering is tested as well. */
  readonly speaks: 'http' | 'other';
}

interface Fixture extends ConnectedTransport {
  readonly far: ScriptedServer;
  readonly disposeAll: () => Promise<void>;
}

/** Registers the conformance suite of the transport. */
export function describeTransport(runner: TestRunner, options: TransportSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `Transport: ${options.name}`,
    tests: options.speaks === 'http' ? { ...tests, ...httpTests } : tests,
    skip: options.skip,
    open: async () => {
      const far = createScriptedServer();
      const maker = createPartMaker(options);
      return { ...(await maker.make({ far })), far, disposeAll: () => maker.disposeAll() };
    },
    close: (fixture) => fixture.disposeAll(),
  });
}

const tests: SuiteTests<Fixture> = {
  'it names its schemes, and the server’s is among them': ({ transport, server }) => {
    for (const [scheme, secrecy] of Object.entries(transport.schemes)) {
      assertTrue(`scheme ${scheme} is written in lower case without colon`, /^[a-z][a-z0-9+.-]*$/.test(scheme));
      assertTrue(`scheme ${scheme}: ${secrecy}`, secrecy === 'plain' || secrecy === 'secure');
    }
    const scheme = server.address.slice(0, server.address.indexOf(':'));
    assertTrue(`scheme of ${server.address} is one of ${show(transport.schemes)}`, Object.hasOwn(transport.schemes, scheme));
  },
  'bytes go there and come back unchanged': async (fixture) => {
    fixture.far.script({ kind: 'answer', body: everyByte });
    const reply = await send(fixture, Uint8Array.from(everyByte).reverse());
    assertEqual('received', fixture.far.received.map((one) => one.body), [Uint8Array.from(everyByte).reverse()]);
    assertEqual('reply', reply, { kind: 'answer', body: everyByte });
  },
  'a large answer comes back whole': async (fixture) => {
    const large = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);
    fixture.far.script({ kind: 'answer', body: large });
    const reply = await send(fixture, Uint8Array.of(1));
    assertTrue('the answer is whole', reply.kind === 'answer' && reply.body.length === large.length && reply.body.every((byte, i) => byte === large[i]));
  },
  'an empty answer is an answer': async (fixture) => {
    fixture.far.script({ kind: 'answer', body: new Uint8Array(0) });
    assertEqual('reply', await send(fixture, Uint8Array.of(1)), { kind: 'answer', body: new Uint8Array(0) });
  },
  'of a view only its own bytes are sent, and they are left as they were': async (fixture) => {
    const buffer = Uint8Array.from(everyByte);
    await send(fixture, buffer.subarray(10, 20));
    assertEqual('received', fixture.far.received[0]?.body, everyByte.slice(10, 20));
    assertEqual('buffer', buffer, everyByte);
  },
  'an answer of exactly maxBytes is taken, one byte more is a failure': async (fixture) => {
    fixture.far.script({ kind: 'answer', body: new Uint8Array(1_000) }, { kind: 'answer', body: new Uint8Array(1_001) });
    assertEqual('reply of 1000 bytes', (await send(fixture, Uint8Array.of(1), { maxBytes: 1_000 })).kind, 'answer');
    assertEqual('reply of 1001 bytes', (await send(fixture, Uint8Array.of(1), { maxBytes: 1_000 })).kind, 'failed');
  },
  'a server that asks to wait is understood, with its time and without': async (fixture) => {
    fixture.far.script({ kind: 'wait', waitMs: 7_000 }, { kind: 'wait' });
    assertEqual('with a time', await send(fixture, Uint8Array.of(1)), { kind: 'wait', waitMs: 7_000 });
    assertEqual('without', await send(fixture, Uint8Array.of(1)), { kind: 'wait' });
  },
  'what a server cannot answer is a failure, asked once, and the next exchange works': async (fixture) => {
    for (const step of [{ kind: 'fail' }, { kind: 'reset' }] as const) {
      const before = fixture.far.received.length;
      fixture.far.script(step);
      assertEqual(`reply to ${step.kind}`, (await send(fixture, Uint8Array.of(1))).kind, 'failed');
      assertEqual('requests', fixture.far.received.length - before, 1);
      assertEqual('next reply', await send(fixture, Uint8Array.of(2)), { kind: 'answer', body: Uint8Array.of(2) });
    }
  },
  'exchanges that overlap in time get their own answers': async (fixture) => {
    const bodies = Array.from({ length: 20 }, (_, i) => Uint8Array.of(i, 255 - i));
    const replies = await Promise.all(bodies.map((body) => send(fixture, body)));
    assertEqual('replies', replies, bodies.map((body) => ({ kind: 'answer', body })));
  },
  'a hanging exchange ends at once on abort and lets go of the server': async (fixture) => {
    fixture.far.script({ kind: 'hang' });
    await abortWhileOpen(fixture);
    assertEqual('next reply', (await send(fixture, Uint8Array.of(2))).kind, 'answer');
  },
  'an abort of one exchange does not touch another': async (fixture) => {
    fixture.far.script({ kind: 'hang' });
    const aborted = abortWhileOpen(fixture, () => send(fixture, Uint8Array.of(7)));
    assertEqual('the other', await aborted, { kind: 'answer', body: Uint8Array.of(7) });
  },
  'a signal that has already fired sends nothing': async (fixture) => {
    const outcome = await within('aborted send', 2_000, outcomeOf(() => exchange(fixture, Uint8Array.of(1), AbortSignal.abort())));
    assertTrue(`outcome: expected a failure, got ${show(outcome)}`, outcome.kind === 'rejected' || outcome.value.kind === 'failed');
    await passTime(50);
    assertEqual('requests', fixture.far.received.length, 0);
  },
};

const httpTests: SuiteTests<Fixture> = {
  'a request is a POST that carries nothing about the sender': async (fixture) => {
    await send(fixture, Uint8Array.of(1));
    const request = fixture.far.received[0];
    assertEqual('method', request?.method, 'POST');
    for (const header of ['cookie', 'authorization', 'referer', 'origin']) {
      assertEqual(header, request?.headers[header], undefined);
    }
  },
  'redirects are not followed': async (fixture) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const before = fixture.far.received.length;
      fixture.far.script({ kind: 'status', status, headers: { location: '/elsewhere' } });
      assertEqual(`reply to ${status}`, (await send(fixture, Uint8Array.of(1))).kind, 'failed');
      assertEqual('requests', fixture.far.received.length - before, 1);
    }
  },
  'no other status than 200 is an answer': async (fixture) => {
    for (const status of [201, 204, 400, 401, 403, 404, 408, 500, 502, 504]) {
      const head: ServerStep = { kind: 'status', status, headers: { 'content-type': contentType } };
      fixture.far.script(status === 204 ? head : { ...head, body: Uint8Array.of(1) });
      assertEqual(`reply to ${status}`, (await send(fixture, Uint8Array.of(1))).kind, 'failed');
    }
  },
  'too many requests is a request to wait': async (fixture) => {
    fixture.far.script({ kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    assertEqual('reply', await send(fixture, Uint8Array.of(1)), { kind: 'wait', waitMs: 30_000 });
  },
  'a page of another type is no answer': async (fixture) => {
    fixture.far.script({ kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: everyByte });
    const reply = await send(fixture, Uint8Array.of(1));
    assertEqual('reply', [reply.kind, reply.kind === 'failed' ? reply.reason : ''], ['failed', 'bad-answer']);
  },
  'half a body is no answer': async (fixture) => {
    fixture.far.script({ kind: 'body', bytes: everyByte, then: 'break' });
    assertEqual('reply', (await send(fixture, Uint8Array.of(1))).kind, 'failed');
  },
  'an endless body is read to the limit and no further': async (fixture) => {
    fixture.far.script({ kind: 'body', bytes: everyByte, then: 'endless' });
    assertEqual('reply', (await send(fixture, Uint8Array.of(1), { maxBytes: 100_000 })).kind, 'failed');
    await eventually('the body is cut', () => fixture.far.open() === 0);
    // What lies in the buffers of two sockets and of the streams over them was handed out as well.
    assertTrue(`bytes handed out: ${fixture.far.bytesHandedOut}`, fixture.far.bytesHandedOut < 16 * 1024 * 1024);
  },
  'a body that stops coming ends at once on abort': async (fixture) => {
    fixture.far.script({ kind: 'body', bytes: everyByte, then: 'hang' });
    await abortWhileOpen(fixture);
  },
};

const everyByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => i);

function exchange({ transport, server }: ConnectedTransport, body: Uint8Array, signal: AbortSignal, maxBytes = 1_000_000): Promise<Reply<Uint8Array>> {
  return transport.send(body, { server, signal, maxBytes });
}

async function send(connected: ConnectedTransport, body: Uint8Array, options: { readonly maxBytes?: number } = {}): Promise<Reply<Uint8Array>> {
  return within('exchange', 5_000, exchange(connected, body, new AbortController().signal, options.maxBytes));
}

/** Sends, waits until the server has the request, aborts while `beside` is under way, and expects the end on both sides. */
async function abortWhileOpen<T>(fixture: Fixture, beside?: () => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const before = fixture.far.received.length;
  const outcome = outcomeOf(() => exchange(fixture, Uint8Array.of(1), controller.signal));
  await eventually('the server has the request', () => fixture.far.received.length > before && fixture.far.open() > 0);
  const other = beside?.();
  controller.abort();
  const ended = await within('aborted exchange', 1_000, outcome);
  assertTrue(`outcome: expected a failure, got ${show(ended)}`, ended.kind === 'rejected' || ended.value.kind === 'failed');
  await eventually('the server is let go', () => fixture.far.open() === 0);
  return other;
}

/** Waits in real time: the far side may be another process or the other end of a socket. */
async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    if (condition()) {
      return;
    }
    await passTime(5);
  }
  fail(`${what}: not within two seconds`);
}

function passTime(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
