/** The lists of a site in the answers of its server: a file that is replaced while the server runs. */
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Signer } from '../../src/base/seams.js';
import { followSiteRules, type SiteRulesInForce } from '../../src/cli/serve/site-rules.js';
import { compileLists, type ListRuleData } from '../../src/compile.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { withSiteLists } from '../../src/server/with-site-lists.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { serverPattern } from '../support/feed.js';
import { temporaryFolder } from './support/folders.js';

const crypto = createNodeCrypto();
const { signer } = generateKeyPair();
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const blocked = (...texts: string[]): ListRuleData[] => texts.map((text) => ({ id: text, effect: 'blocked', sha256: digest(text).toString('hex') }));
const faults: string[] = [];
let file = '';
let site: SiteRulesInForce | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  file = join(temporaryFolder('lists'), 'lists.vli');
  faults.length = 0;
});

afterEach(() => {
  site?.close();
  vi.useRealTimers();
});

/** In one step, as whoever writes such files should. */
function replace(bytes: Uint8Array | string): void {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}

async function lists(generation: number, rules: readonly ListRuleData[], by: Signer = signer): Promise<Uint8Array> {
  return compileLists(rules, { generation, createdAt: Date.now(), signer: by, crypto });
}

async function follow(): Promise<SiteRulesInForce> {
  site = await followSiteRules(file, { crypto, trust: [formatPublicKey(signer.publicKey)], onFault: (error) => faults.push(String(error)) });
  return site;
}

/** The next look, until it has come to something. */
async function afterLook(holds: () => boolean): Promise<void> {
  vi.advanceTimersByTime(2_000);
  for (let turn = 0; turn < 10_000 && !holds(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(holds()).toBe(true);
}

describe('the lists that a server is given', () => {
  it('are followed while it runs, in its answers too', async () => {
    replace(await lists(1, blocked('one')));
    const inForce = await follow();
    const pattern = await serverPattern({}, { generation: 1 });
    const store = withSiteLists(createMemoryStore(pattern, { crypto }), () => inForce.rules(), new FakeClock());
    const answers = async (text: string): Promise<number> => ((await store.lookup('file', 'sha256', [new Uint8Array(digest(text).subarray(0, 4))]))[0] ?? []).length;
    expect([await answers('one'), await answers('two')]).toEqual([1, 0]);
    replace(await lists(2, blocked('two')));
    await afterLook(() => inForce.rules()[0]?.hash[0] === digest('two')[0]);
    expect([await answers('one'), await answers('two')]).toEqual([0, 1]);
    expect(faults).toEqual([]);
  });

  it.each<[string, () => Promise<Uint8Array | string>, RegExp]>([
    ['of an older generation', () => lists(4, blocked('two')), /generation 4 is older than 5/],
    ['by another key', () => lists(6, blocked('two'), generateKeyPair().signer), /trusted/],
    ['that are none', async () => 'no component', /no vedette component/],
  ])('%s are not taken: what held goes on, and somebody is told', async (_, make, expected) => {
    replace(await lists(5, blocked('one')));
    const inForce = await follow();
    const before = inForce.rules();
    replace(await make());
    await afterLook(() => faults.length > 0);
    expect(inForce.rules()).toBe(before);
    expect(faults).toEqual([expect.stringMatching(expected)]);
    replace(await lists(6, blocked('three')));
    await afterLook(() => inForce.rules() !== before);
  });

  it('have to be good at the start', async () => {
    replace('no component');
    await expect(follow()).rejects.toMatchObject({ code: 'pattern-refused' });
  });
});
