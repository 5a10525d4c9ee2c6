import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Crypto } from '../../src/base/seams.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { decodeQuery } from '../../src/protocol/query-message.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply, Transport } from '../../src/query/transport.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { faults } from '../support/fault-list.js';
import { startFaultServer, type Fault, type FaultServer } from '../support/fault-server.js';
import { crypto, directAnswer, question, serverAt, startAt, statementsFor, trusted } from '../support/wire-fixtures.js';

const honest = (request: Uint8Array): Promise<Uint8Array> => directAnswer(request, statementsFor(decodeQuery(request)));
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let server: FaultServer;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await startFaultServer(honest);
});

afterAll(async () => {
  await server.close();
  process.off('unhandledRejection', onUnhandled);
});

function sourceOver(transport: Transport, address = server.address, own: Crypto = crypto): ReputationSource {
  return createWireSource({ transport, server: serverAt(address), trust: [trusted.publicKey], crypto: own, clock: { now: () => startAt } });
}

/** Asks once under the fault; where it never ends by itself, aborts as soon as the server has begun. */
async function askUnder(fault: Fault | undefined, source: ReputationSource): Promise<Reply<SourceAnswers>> {
  server.fault = fault;
  const controller = new AbortController();
  if (fault?.hangs === true) {
    void server.nextBegun().then(() => setImmediate(() => controller.abort()));
  }
  return source.lookup(question, { signal: controller.signal });
}

describe('the fetch transport under faults', () => {
  const source = (): ReputationSource => sourceOver(createFetchTransport({ clock: { now: () => startAt } }));

  it('control: without a fault the same server is believed', async () => {
    expect((await askUnder(undefined, source())).kind).toBe('answer');
    await server.allClosed();
  });

  it.each(faults.map((fault) => [fault.name, fault] as const))('takes no answer and frees the connection: %s', async (name, fault) => {
    const before = server.requests;
    const reply = await askUnder(fault, source());
    expect(reply.kind).toBe(/503|429/.test(name) ? 'wait' : 'failed');
    expect(server.requests - before).toBeLessThanOrEqual(1);
    await server.allClosed();
    expect(server.elsewhereRequests).toBe(0);
    expect(unhandled).toEqual([]);
  });

  it('works again after each of them', async () => {
    expect((await askUnder(undefined, source())).kind).toBe('answer');
    await server.allClosed();
  });

  it('frees all connections when fifty questions are aborted at once', async () => {
    server.fault = faults.find((fault) => fault.name === 'silence');
    const controller = new AbortController();
    setMaxListeners(100, controller.signal);
    const goal = server.requests + 50;
    const replies = Promise.all(Array.from({ length: 50 }, () => source().lookup(question, { signal: controller.signal })));
    while (server.requests < goal) {
      await server.nextBegun();
    }
    controller.abort();
    expect((await replies).map((one) => one.kind)).toEqual(Array.from({ length: 50 }, () => 'failed'));
    await server.allClosed();
  });

  it('fails at once where nobody listens', async () => {
    const gone = await startFaultServer(honest);
    await gone.close();
    const reply = await sourceOver(createFetchTransport(), gone.address).lookup(question, { signal: new AbortController().signal });
    expect(reply).toEqual({ kind: 'failed', retry: true, reason: 'unreachable', detail: 'fetch failed (ECONNREFUSED)' });
  });

  it('says what a server asked for and what may be tried again', async () => {
    const find = (name: string): Fault => faults.find((fault) => fault.name.includes(name))!;
    expect(await askUnder(find('429'), source())).toEqual({ kind: 'wait', waitMs: 30_000 });
    expect(await askUnder(find('503 with a date'), source())).toEqual({ kind: 'wait', waitMs: Date.UTC(2100, 11, 31, 23, 59, 59) - startAt });
    const expected: [string, boolean, string][] = [
      ['reset after the request', true, 'unreachable'], ['500', true, 'unreachable'], ['408', true, 'unreachable'],
      ['404', false, 'unreachable'], ['302 Found to another', false, 'unreachable'], ['garbage', true, 'bad-answer'],
      ['earlier request', true, 'bad-answer'], ['log-in page', false, 'bad-answer'], ['bomb', false, 'bad-answer'],
      ['over the limit', false, 'bad-answer'],
    ];
    for (const [name, retry, reason] of expected) {
      expect(await askUnder(find(name), source()), name).toMatchObject({ kind: 'failed', retry, reason });
    }
    await server.allClosed();
  });
});

describe('sabotage', () => {
  it('a transport that takes what comes, with signatures unchecked, believes several of the faults', async () => {
    const credulous: Transport = {
      schemes: { http: 'plain' },
      send: async (body, { server: { address }, signal }) => {
        const response = await fetch(`${address}/v1/query`, { method: 'POST', body: new Uint8Array(body), signal });
        return { kind: 'answer', body: new Uint8Array(await response.arrayBuffer()) };
      },
    };
    const source = sourceOver(credulous, server.address, { ...crypto, verify: () => true });
    const tried = faults.filter((fault) => fault.hangs !== true && !fault.name.includes('endless') && !fault.name.includes('10 GiB') && !fault.name.includes('without length') && !/30\d/.test(fault.name));
    let believed = 0;
    for (const fault of tried) {
      believed += (await askUnder(fault, source)).kind === 'answer' ? 1 : 0;
    }
    expect(believed).toBeGreaterThan(10);
    await server.allClosed();
  });
});
