import { describe, expect, it } from 'vitest';
import { createGatewayProbe, matchingGateway, type Gateway } from '../../src/location/gateway.js';
import { createReferenceProbe } from '../../src/location/reference-probe.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { meetChallenge, decodeChallenge } from '../../src/protocol/challenge.js';
import type { Reply, SendOptions, Transport } from '../../src/query/transport.js';
import { createHandler } from '../../src/server/handler.js';
import { describeLocationProbe, FakeClock } from '../../src/testing.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, stranger, trusted } from '../support/wire-fixtures.js';

const address = 'in-process:reference';
const servers = [{ address, keys: [trusted.publicKey] }];

async function reference(options: { readonly reference?: boolean } = { reference: true }): Promise<Transport> {
  return createInProcessTransport(createHandler({ store: await storeOf([]), crypto, clock: new FakeClock(), signer: trusted, ...options }));
}

function transportOf(send: (body: Uint8Array, options: SendOptions) => Promise<Reply<Uint8Array>>): Transport {
  return { schemes: { 'in-process': 'secure' }, send };
}

describeLocationProbe({ describe, it }, {
  name: 'reference server that answers',
  create: async () => createReferenceProbe({ servers, transport: await reference(), crypto, clock: createSystemClock() }),
});
describeLocationProbe({ describe, it }, {
  name: 'reference server that is silent',
  create: () => createReferenceProbe({ servers, transport: transportOf(() => new Promise(() => undefined)), crypto, clock: createSystemClock(), timeoutMs: 20 }),
});
describeLocationProbe({ describe, it }, {
  name: 'gateway',
  create: () => createGatewayProbe({ gateways: [{ address: '192.0.2.1' }], read: async () => [{ address: '192.0.2.1' }] }),
});

describe('a challenge to reference servers', () => {
  const locate = async (transport: Transport, keys = [trusted.publicKey]): Promise<string> => {
    const clock = new FakeClock();
    const probe = createReferenceProbe({ servers: [{ address, keys }], transport, crypto, clock });
    const found = await clock.run(probe.locate({}));
    expect(found.proof).toBe('challenge');
    return found.location;
  };

  it('is met by the one whose key is pinned', async () => {
    expect(await locate(await reference())).toBe('internal');
  });

  it.each<[string, () => Transport | Promise<Transport>]>([
    ['a server that is no reference', () => reference({})],
    ['nobody', () => transportOf(async () => ({ kind: 'failed', retry: true }))],
    ['a transport that throws', () => transportOf(() => Promise.reject(new Error('no way')))],
    ['a server that asks to wait', () => transportOf(async () => ({ kind: 'wait', waitMs: 1 }))],
    ['garbage', () => transportOf(async () => ({ kind: 'answer', body: new Uint8Array(78) }))],
    ['a stranger with a key of its own', () => transportOf(async (body) => ({ kind: 'answer', body: await meetChallenge(decodeChallenge(body), { signer: stranger, crypto }) }))],
    ['one that repeats an older answer', () => {
      let kept: Uint8Array | undefined;
      return transportOf(async (body) => ({ kind: 'answer', body: (kept ??= await meetChallenge({ ...decodeChallenge(body), nonce: new Uint8Array(32) }, { signer: trusted, crypto })) }));
    }],
  ])('is not met by %s', async (_, make) => {
    expect(await locate(await make())).toBe('external');
  });

  it('is not met by an answer to the last challenge', async () => {
    const answers: Uint8Array[] = [];
    const inner = await reference();
    const replaying = transportOf(async (body, how) => {
      const reply = await inner.send(body, how);
      if (reply.kind === 'answer') {
        answers.push(reply.body);
      }
      return answers.length > 1 ? { kind: 'answer', body: answers[0]! } : reply;
    });
    expect(await locate(replaying)).toBe('internal');
    expect(await locate(replaying)).toBe('external');
  });

  it('goes to the path of challenges, with 32 new random bytes each time, and nothing else', async () => {
    const seen: { readonly path: string | undefined; readonly maxBytes: number; readonly body: string }[] = [];
    const watching = transportOf(async (body, { path, maxBytes }) => {
      seen.push({ path, maxBytes, body: Buffer.from(body).toString('hex') });
      return { kind: 'failed', retry: false };
    });
    await locate(watching);
    await locate(watching);
    expect(seen.map(({ path, maxBytes }) => [path, maxBytes])).toEqual([['/v1/challenge', 128], ['/v1/challenge', 128]]);
    expect(new Set(seen.map(({ body }) => body)).size).toBe(2);
  });

  it('needs one of several servers, and waits for none of the others', async () => {
    const inner = await reference();
    const mixed = transportOf((body, how) => (how.server.address === address ? inner.send(body, how) : new Promise(() => undefined)));
    const clock = new FakeClock();
    const probe = createReferenceProbe({ servers: [{ address: 'in-process:silent', keys: [trusted.publicKey] }, ...servers], transport: mixed, crypto, clock });
    expect(await probe.locate({})).toMatchObject({ location: 'internal', by: `reference server ${address}` });
    expect(clock.sleeping).toBe(0);
  });

  it('ends after three seconds, and its requests with it', async () => {
    const clock = new FakeClock();
    let signal: AbortSignal | undefined;
    const silent = transportOf((_, how) => {
      signal = how.signal;
      return new Promise(() => undefined);
    });
    const found = createReferenceProbe({ servers, transport: silent, crypto, clock }).locate({});
    await clock.advance(2_999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect((await found).location).toBe('external');
    expect(signal?.aborted).toBe(true);
  });
});

describe('a gateway', () => {
  const seen: Gateway[] = [{ address: '192.0.2.1', mac: '02:fc:00:00:00:05' }, { address: 'fe80::1' }];
  it.each<[string, Gateway, boolean]>([
    ['the address', { address: '192.0.2.1' }, true],
    ['another spelling', { address: 'FE80:0:0:0:0:0:0:1%eth0' }, true],
    ['address and MAC address', { address: '192.0.2.1', mac: '02-FC-00-00-00-05' }, true],
    ['another MAC address', { address: '192.0.2.1', mac: '02:fc:00:00:00:06' }, false],
    ['a MAC address that the system does not know', { address: 'fe80::1', mac: '02:fc:00:00:00:05' }, false],
    ['another address', { address: '192.0.2.2' }, false],
    ['no address', { address: 'gateway.example' }, false],
  ])('is known by %s', (_, configured, known) => {
    expect(matchingGateway([configured], seen) !== undefined).toBe(known);
  });

  it('is a hint and nothing more', async () => {
    const probe = createGatewayProbe({ gateways: [{ address: '192.0.2.1' }], read: async () => seen });
    expect(await probe.locate({})).toEqual({ location: 'internal', by: 'gateway 192.0.2.1', proof: 'hint' });
  });
});
