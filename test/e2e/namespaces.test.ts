/**
 * A machine that is carried about, with real networks: an agent, local servers and global ones in three network
 * namespaces, and a cable that is pulled and plugged in elsewhere while the agent runs. Needs root on Linux.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocationsConfig } from '../../src/engine/location-config.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { selfSigned } from '../support/self-signed.js';
import type { AgentConfig, Observation } from './support/namespaces/agent.js';
import { addresses, createLab, missing, type Lab } from './support/namespaces/network.js';
import type { Listener } from './support/namespaces/servers.js';

const why = missing();
const keys = { local: generateKeyPair(), global: generateKeyPair(), reference: generateKeyPair(), hostile: generateKeyPair() };
const trust = (pair: { readonly signer: { readonly publicKey: Uint8Array } }): string[] => [formatPublicKey(pair.signer.publicKey)];
const tls = selfSigned({ addresses: addresses.globals, subject: 'vedette test authority' });

const [firstGlobal, shared] = addresses.globals.map((address) => `https://${address}:8443`) as [string, string];
const locals = addresses.locals.map((address, i) => `http://${address}:${8081 + i}`);
const global = (address: string) => ({ address, scope: 'global' as const, trust: trust(keys.global), rated: true });
const locations: LocationsConfig = {
  references: [{ address: `http://${addresses.reference}:8083`, trust: trust(keys.reference) }],
  gateways: [{ address: addresses.gateway }],
  internal: { servers: [...locals.map((address) => ({ address, scope: 'local' as const, trust: trust(keys.local), rated: true })), { ...global(shared), scope: 'local' }], unknown: { any: 'allow' } },
  external: { servers: [global(firstGlobal), global(shared)], unknown: { any: 'hold' } },
  watchMs: 250,
};

const listener = (port: number, pair: { readonly privateKeyPem: string }, rest: Partial<Listener> = {}): Listener => ({ port, privateKeyPem: pair.privateKeyPem, ...rest });
const insideServers = [
  listener(8081, keys.local, { threat: 'Test.Inside' }),
  listener(8082, keys.local, { threat: 'Test.Inside' }),
  listener(8083, keys.reference, { reference: true }),
  listener(8443, keys.global, { threat: 'Test.Shared', tls }),
];
/** The host outside answers at every address that it has been given, those of the local servers included, with a key of its own. */
const outsideServers = [
  listener(8443, keys.global, { threat: 'Test.Outside', tls }),
  listener(8081, keys.hostile),
  listener(8082, keys.hostile),
  listener(8083, keys.hostile, { reference: true }),
];

interface Talk {
  say<T>(line: string): Promise<T>;
}

async function talkTo(child: ChildProcessWithoutNullStreams): Promise<Talk> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const next = async <T>(): Promise<T> => {
    const { value, done } = (await lines.next()) as { value: string; done?: boolean };
    if (done === true) {
      throw new Error(`ended: ${errors}`);
    }
    return JSON.parse(value) as T;
  };
  expect(await next<string>()).toBe('ready');
  return {
    say: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
  };
}

/** What differs outside although only the order may. Empty when the host with the gateway's address changed nothing else. */
function differences(plain: Observation, hostile: Observation): string[] {
  const fields = ['location', 'rated', 'unknown', 'listed'] as const;
  const sameServers = [...plain.servers].sort().join() === [...hostile.servers].sort().join();
  return [...fields.filter((field) => plain[field] !== hostile[field]), ...(sameServers ? [] : ['servers'])];
}

const insideView = { location: 'internal', servers: [...locals, shared], rated: 'highly-suspicious warn', unknown: 'no-pattern allow', listed: 'malicious Test.Inside' };
const outsideView = { location: 'external', servers: [firstGlobal, shared], rated: 'highly-suspicious block', unknown: 'no-pattern hold', listed: 'malicious Test.Outside' };

describe.skipIf(why !== undefined)(`an agent in network namespaces${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: Lab;
  let bundles: Bundle[] = [];
  let outside: Talk;

  const startAgent = async (changes: Partial<AgentConfig> = {}): Promise<{ readonly talk: Talk; readonly stop: () => Promise<void> }> => {
    const config: AgentConfig = { locations, ca: tls.cert, ...changes };
    const child = lab.start('agent', bundles[1]!.path, config);
    const talk = await talkTo(child);
    return {
      talk,
      async stop() {
        child.stdin.end();
        await once(child, 'exit');
      },
    };
  };
  /** The place that the agent comes to, within 20 s. Nobody tells it that anything has happened. */
  const arrives = async (talk: Talk, location: string): Promise<void> => {
    for (let tries = 0; tries < 100; tries++) {
      const found = await talk.say<{ location: string }>('where');
      if (found.location === location) {
        return;
      }
      await pause(200);
    }
    throw new Error(`the agent never came to be ${location}`);
  };
  const observe = (talk: Talk): Promise<Observation> => talk.say('observe');
  const hostileQuestions = async (): Promise<number> => {
    const counts = await outside.say<Record<string, number>>('count');
    return counts['8081']! + counts['8082']! + counts['8083']!;
  };

  beforeAll(async () => {
    const script = (name: string): string => fileURLToPath(new URL(`support/namespaces/${name}.ts`, import.meta.url));
    bundles = await Promise.all(['servers', 'agent'].map((name) => bundleForChild(script(name))));
    lab = createLab();
    await talkTo(lab.start('inside', bundles[0]!.path, insideServers));
    outside = await talkTo(lab.start('outside', bundles[0]!.path, outsideServers));
  });

  afterAll(async () => {
    lab?.remove();
    await Promise.all(bundles.map((bundle) => bundle.remove()));
  });

  it('changes servers, level and policy with the network, without a restart', async () => {
    lab.plug('inside');
    const { talk, stop } = await startAgent();
    expect(await observe(talk)).toEqual(insideView);
    for (let round = 0; round < 2; round++) {
      lab.plug('outside');
      await arrives(talk, 'external');
      expect(await observe(talk)).toEqual(outsideView);
      lab.plug('inside');
      await arrives(talk, 'internal');
      expect(await observe(talk)).toEqual(insideView);
    }
    await stop();
  });

  it('is moved by a hostile host with the right gateway address in nothing but the order', async () => {
    lab.plug('inside');
    const { talk, stop } = await startAgent();
    await arrives(talk, 'internal');
    lab.plug('outside');
    await arrives(talk, 'external');
    const plain = await observe(talk);
    lab.plug('inside');
    await arrives(talk, 'internal');
    // Same addresses, same gateway, same MAC address at the other end of the cable; nothing here is leased anew.
    lab.plug('hostile');
    await arrives(talk, 'external');
    await pause(1_000);
    const hostile = await observe(talk);
    expect(differences(plain, hostile)).toEqual([]);
    expect([plain.servers, hostile.servers]).toEqual([[firstGlobal, shared], [shared, firstGlobal]]);
    expect(await hostileQuestions()).toBe(0);
    await stop();
  });

  it('would be moved if it believed the gateway alone (sabotage of this test)', async () => {
    lab.plug('outside');
    const { talk, stop } = await startAgent({ believesGateway: true });
    const plain = await observe(talk);
    lab.plug('hostile');
    await arrives(talk, 'internal');
    const hostile = await observe(talk);
    expect(differences(plain, hostile)).toEqual(expect.arrayContaining(['location', 'unknown', 'servers']));
    expect(await hostileQuestions()).toBeGreaterThan(0);
    await stop();
  });
});
