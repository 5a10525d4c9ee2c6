import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import type { Signer } from '../../src/base/seams.js';
import { publish } from '../../src/node/publish/publish.js';
import type { RoleKeys } from '../../src/node/publish/publishing.js';
import { createRepository, installRoot, installTargets, prepareRoot, prepareTargets, signMetadata } from '../../src/node/publish/roles/root-ceremony.js';
import { ceremonyStatus, repositoryStatus } from '../../src/node/publish/status.js';
import { createTestPattern } from '../../src/testing/test-pattern.js';
import { signerFrom } from '../pattern/fixtures.js';
import { diskOrigin, TestClient } from './publish-client.js';
import { dayMs, everyKey, filterOf, hourMs, keys, listsOf, newRepository, online, roles, startAt, temporaryRepository, tree } from './publish-scene.js';

const clients: TestClient[] = [];
const clientOf = (dir: string): TestClient => {
  const client = new TestClient(diskOrigin(dir), readFileSync(join(dir, 'metadata/1.root.json')));
  clients.push(client);
  return client;
};
const at = (now: number): void => void vi.useFakeTimers({ now, toFake: ['Date'] });
const keysOf = (signers: readonly Signer[], threshold = 1): RoleKeys => ({ keys: signers.map(({ publicKey }) => publicKey), threshold });

afterEach(() => {
  vi.useRealTimers();
  clients.splice(0).forEach((client) => client.end());
});

interface Change {
  readonly root?: RoleKeys;
  readonly targets?: RoleKeys;
  readonly snapshot?: RoleKeys;
  readonly timestamp?: RoleKeys;
}

/** The next root, signed by these one after the other, as on machines of their own. */
async function nextRoot(dir: string, change: Change, signers: readonly Signer[], now = startAt + hourMs): Promise<Uint8Array> {
  let root = await prepareRoot({ dir, now, roles: change });
  for (const signer of signers) {
    root = await signMetadata(root, [signer]);
  }
  return root;
}

const message = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', (error: unknown) => (error as Error).message);

describe('a root ceremony', () => {
  it('changes keys and thresholds three times, and a client of the first root arrives', async () => {
    const dir = await newRepository();
    const [a, b, c] = keys.root;
    const [d, e, f] = [signerFrom(31), signerFrom(32), signerFrom(33)];
    await installRoot({ dir, now: startAt + hourMs, root: await nextRoot(dir, { root: keysOf([b, c, d], 2) }, [a, b, c]) });
    await installRoot({ dir, now: startAt + hourMs, root: await nextRoot(dir, { root: keysOf([d, e, f], 3) }, [b, d, e, f]) });
    await installRoot({ dir, now: startAt + hourMs, root: await nextRoot(dir, { root: keysOf([f]) }, [d, e, f]) });
    const filter = await filterOf(1);
    await publish({ dir, components: [filter], signers: online, now: startAt + hourMs });
    at(startAt + 2 * hourMs);
    expect(toHex((await clientOf(dir).get('filter/full.vdt'))[0]!.bytes)).toBe(toHex(filter));
  });

  it('gives the same file in whatever order people sign', async () => {
    const dir = await newRepository();
    const [a, b, c] = keys.root;
    expect(toHex(await nextRoot(dir, {}, [a, b, c]))).toBe(toHex(await nextRoot(dir, {}, [c, a, b])));
  });

  const [a, b, c] = keys.root;
  const d = signerFrom(31);
  it.each<[string, Change, readonly Signer[], RegExp]>([
    ['too few keys of the root before', { root: keysOf([a, d], 2) }, [a, d], /1 of the root keys before have signed, it takes 2/],
    ['too few of its own keys', { root: keysOf([c, d], 2) }, [a, b, c], /1 of its own root keys have signed, it takes 2/],
    ['nobody', {}, [], /0 of its own root keys/],
    ['one key twice', {}, [a, a], /1 of its own root keys/],
    ['strangers', {}, [signerFrom(40), signerFrom(41)], /0 of its own root keys/],
  ])('does not take a root that is signed by %s', async (_, change, signers, expected) => {
    const dir = await newRepository();
    const before = tree(dir);
    expect(await message(installRoot({ dir, now: startAt, root: await nextRoot(dir, change, signers) }))).toMatch(expected);
    expect(tree(dir)).toEqual(before);
  });

  it('does not take a root twice, one that is over, nor one that was changed after it was signed', async () => {
    const dir = await newRepository();
    const root = await nextRoot(dir, {}, [a, b]);
    const changed = new TextEncoder().encode(new TextDecoder().decode(root).replace('"threshold":2', '"threshold":1'));
    expect(await message(installRoot({ dir, now: startAt, root: changed }))).toMatch(/0 of its own/);
    expect(await message(installRoot({ dir, now: startAt + 400 * dayMs, root }))).toMatch(/expired/);
    expect(await message(installRoot({ dir, now: startAt, root }))).toBe('done');
    expect(await message(installRoot({ dir, now: startAt, root }))).toMatch(/is version 2, the next one here is 3/);
  });

  it.each([
    ['a threshold above the number of keys', { root: keysOf([a], 2) }],
    ['a key that is there twice', { root: keysOf([a, a], 2) }],
    ['a threshold of nothing', { timestamp: keysOf([a], 0) }],
  ])('refuses %s', async (_, change) => {
    const dir = await newRepository();
    expect(await message(prepareRoot({ dir, now: startAt, roles: change }))).toMatch(/^role (root|timestamp)/);
  });

  it('needs all four roles for the first root', async () => {
    expect(await message(prepareRoot({ dir: temporaryRepository(), now: startAt, roles: { root: roles.root } }))).toMatch(/first root needs/);
  });

  it('tells who has signed and who has not', async () => {
    const dir = await newRepository();
    const root = await nextRoot(dir, { root: keysOf([b, c, d], 2) }, [b]);
    const status = await ceremonyStatus(root, { dir });
    expect(status).toMatchObject({ role: 'root', version: 2, expiresAt: startAt + hourMs + 365 * dayMs });
    expect(status.signatures.map(({ by, threshold, signed, missing }) => [by, threshold, signed.length, missing.length])).toEqual([
      ['itself', 2, 1, 2],
      ['root 1', 2, 1, 2],
    ]);
  });
});

describe('keys that change', () => {
  it('of snapshot and timestamp are followed, and the old ones are worth nothing any more', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    at(startAt + 2 * hourMs);
    const client = clientOf(dir);
    await client.get('filter/full.vdt');
    const [snapshot, timestamp] = [signerFrom(51), signerFrom(52)];
    await installRoot({ dir, now: startAt, root: await nextRoot(dir, { snapshot: keysOf([snapshot]), timestamp: keysOf([timestamp]) }, keys.root) });
    expect(await message(publish({ dir, components: [], signers: online, now: startAt + hourMs }))).toMatch(/role snapshot takes 1/);
    await expect(client.get('filter/full.vdt')).rejects.toThrow(/timestamp/);
    await publish({ dir, components: [await filterOf(2)], signers: [keys.filter, snapshot, timestamp], now: startAt + hourMs });
    expect((await client.get('filter/full.vdt'))[0]!.custom['generation']).toBe(2);
  });

  it('of a component need its file again: what others could have signed is not signed over', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1), await listsOf(1)], signers: online, now: startAt });
    const fresh = signerFrom(53);
    const draft = await prepareTargets({ dir, now: startAt, components: { filter: keysOf([fresh]) } });
    expect(await message(installTargets({ dir, now: startAt, targets: draft }))).toMatch(/0 of the targets keys/);
    await installTargets({ dir, now: startAt, targets: await signMetadata(draft, [keys.targets]) });
    expect(await message(publish({ dir, components: [], signers: [...online, fresh], now: startAt + 1 }))).toMatch(/keys of role filter have changed/);
    expect(await message(publish({ dir, components: [await filterOf(1)], signers: online, now: startAt + 1 }))).toMatch(/role filter takes 1/);
    await publish({ dir, components: [await filterOf(1)], signers: [...online, fresh], now: startAt + 1 });
    at(startAt + hourMs);
    const [filter, lists] = await clientOf(dir).get('filter/full.vdt', 'lists/full.vdt');
    expect([filter!.custom['generation'], lists!.custom['generation']]).toEqual([1, 1]);
  });

  it('of a new component come with the next publication', async () => {
    const dir = await newRepository();
    const draft = await prepareTargets({ dir, now: startAt, components: { 'agent-pattern': keysOf([keys.lists]) } });
    await installTargets({ dir, now: startAt, targets: await signMetadata(draft, [keys.targets]) });
    const agent = await createTestPattern({ signer: keys.pattern });
    await publish({ dir, components: [agent, await filterOf(1)], signers: online, now: startAt });
    at(startAt + hourMs);
    expect((await clientOf(dir).get('agent-pattern/full.vdt', 'filter/full.vdt', 'lists/full.vdt')).map((one) => one?.path)).toEqual(['agent-pattern/full.vdt', 'filter/full.vdt', undefined]);
    expect((await repositoryStatus({ dir })).components.map(({ kind, generation }) => [kind, generation])).toEqual([['agent-pattern', 1], ['filter', 1]]);
  });
});

describe('a new repository', () => {
  it('is not made over one that is there, nor with too few keys', async () => {
    const dir = await newRepository();
    expect(await message(createRepository({ dir, roles, signers: everyKey, now: startAt }))).toMatch(/is a repository already/);
    const empty = temporaryRepository();
    expect(await message(createRepository({ dir: empty, roles, signers: [keys.root[0], keys.targets, ...online], now: startAt }))).toMatch(/role root takes 2/);
    expect(tree(empty)).toEqual({});
  });
});
