/**
 * An engine on a machine that is carried about: a network inside with two local servers and a reference, one outside with
 * a global server, one outside whose host has the gateway's address and the addresses of the local servers, and none.
 */
import './loaded.js';
import { createHash } from 'node:crypto';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, urlSubject } from '../../src/base/subject.js';
import type { Signer } from '../../src/base/seams.js';
import type { Engine } from '../../src/engine/checker.js';
import type { EngineEvent } from '../../src/engine/events.js';
import type { LocationsConfig } from '../../src/engine/location-config.js';
import type { EngineConfig } from '../../src/engine/options.js';
import type { Gateway } from '../../src/location/gateway.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import type { GivenParts } from '../../src/preset/parts.js';
import { createEngineWith } from '../../src/preset/portable.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import type { Transport } from '../../src/query/transport.js';
import { createHandler } from '../../src/server/handler.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
// Loaded with the first look: under a clock that does not wait for files it has to be there before.
import '../../src/location/gateway.js';
import '../../src/location/reference-probe.js';
import { agentPattern } from './feed.js';
import { storeOf } from './server-fixtures.js';
import { crypto } from './wire-fixtures.js';

export type Network = 'inside' | 'outside' | 'hostile' | 'none';

export const localKey = generateKeyPair().signer;
export const globalKey = generateKeyPair().signer;
export const referenceKey = generateKeyPair().signer;
const hostileKey = generateKeyPair().signer;

export const gateway: Gateway = { address: '10.1.0.1', mac: '02:00:00:00:01:01' };
export const locals = ['http://10.1.0.11:8080', 'https://10.1.0.12:8443'] as const;
export const globalAddress = 'https://global.example';
export const referenceAddress = 'http://10.1.0.13:8080';

export const badText = 'what the servers know';
export const ratedUrl = 'http://rated.example/';
const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());
const entries: readonly HashEntry[] = [
  { kind: 'file', algorithm: 'sha256', hash: sha256(badText), disposition: 'malicious', threat: { name: 'Test.Bad', type: 'trojan' } },
  { kind: 'url', algorithm: 'sha256', hash: sha256('rated.example/'), disposition: 'clean', score: 60, threat: { name: 'Test.Rated', type: 'malicious-url' } },
];

const local = (address: string) => ({ address, scope: 'local' as const, trust: [formatPublicKey(localKey.publicKey)], rated: true });
const global = (address: string) => ({ address, scope: 'global' as const, trust: [formatPublicKey(globalKey.publicKey)], rated: true });

/** What tells the locations apart, and what holds in them. */
export const locations: LocationsConfig = {
  references: [{ address: referenceAddress, trust: [formatPublicKey(referenceKey.publicKey)] }],
  gateways: [gateway],
  internal: { servers: locals.map(local), unknown: { any: 'allow' } },
  // The second local server can be reached from outside as well, by HTTPS and as a global one.
  external: { servers: [global(globalAddress), global(locals[1])], unknown: { any: 'hold' } },
};

export interface Places {
  readonly engine: Engine;
  readonly clock: FakeClock;
  readonly events: EngineEvent[];
  /** Addresses that were asked or challenged since the last look. */
  asked(): string[];
  /** Carries the machine to another network; nobody tells the engine. */
  move(network: Network): void;
  /** The access that the engine gives to what is not listed while nobody answers, to the listed file, and to the rated URL. */
  readonly file: (text?: string) => Promise<[disposition: string, access: string]>;
  readonly url: () => Promise<[disposition: string, access: string]>;
}

/** Which networks show themselves as which. */
function reachable(network: Network): ReadonlyMap<string, Signer> {
  switch (network) {
    case 'inside':
      return new Map([[locals[0], localKey], [locals[1], localKey], [referenceAddress, referenceKey]]);
    case 'outside':
      return new Map([[globalAddress, globalKey]]);
    case 'hostile':
      return new Map([[globalAddress, globalKey], [locals[0], hostileKey], [locals[1], hostileKey], [referenceAddress, hostileKey]]);
    case 'none':
      return new Map();
  }
}

export async function createPlaces(start: Network, how: { readonly config?: Partial<EngineConfig>; readonly parts?: GivenParts; readonly networkMark?: () => string } = {}): Promise<Places> {
  const clock = new FakeClock();
  const events: EngineEvent[] = [];
  const store = await storeOf(entries);
  let network = start;
  let asked: string[] = [];
  const transport: Transport = {
    schemes: { http: 'plain', https: 'secure' },
    async send(body, options) {
      const { address } = options.server;
      asked.push(address);
      const signer = reachable(network).get(address);
      if (signer === undefined) {
        return { kind: 'failed', retry: true, reason: 'unreachable' };
      }
      const handler = createHandler({ store, crypto, clock, signer, reference: address === referenceAddress });
      return createInProcessTransport(handler, { clock }).send(body, options);
    },
  };
  const isKnown = (): boolean => network === 'inside' || network === 'hostile';
  const readGateways = async (): Promise<readonly Gateway[]> => (network === 'none' ? [] : [isKnown() ? gateway : { address: '192.0.2.1' }]);
  const engine = createEngineWith(
    { background: 'manual', locations, ...how.config },
    { clock, crypto, random: createSeededRandom(1), transport, pattern: [await agentPattern({}, { generation: 1 })], events: (event) => events.push(event), ...how.parts },
    { readGateways, networkMark: how.networkMark ?? (() => network) },
  );
  const access = async (subject: Parameters<Engine['check']>[0]): Promise<[string, string]> => {
    const { verdict, decision } = await clock.run(engine.check(subject));
    return [verdict.disposition, decision.access];
  };
  return {
    engine,
    clock,
    events,
    asked() {
      const since = [...new Set(asked)].sort();
      asked = [];
      return since;
    },
    move(to) {
      network = to;
    },
    file: (text = badText) => access(bytesSubject(toUtf8(text))),
    url: () => access(urlSubject(ratedUrl)),
  };
}

/** In steps: what is loaded from files on the way needs turns of the real loop. */
export async function pass(made: Places, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    await made.clock.advance(Math.min(left, 5_000));
  }
}

/** Entries in the queue; those that were set aside count a hundred. */
export async function flagged(made: Places): Promise<number> {
  let count = 0;
  for await (const entry of made.engine.pending.list()) {
    count += entry.dead ? 100 : 1;
  }
  return count;
}
