import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { publish } from '../../src/node/publish/publish.js';
import { applyDelta } from '../../src/update/delta/apply-delta.js';
import { crypto, signerFrom } from '../pattern/fixtures.js';
import { diskOrigin, TestClient } from './publish-client.js';
import { dayMs, filterOf, has, hourMs, keys, listsOf, metadata, newRepository, online, startAt, temporaryRepository, tree } from './publish-scene.js';

const clients: TestClient[] = [];
const clientOf = (dir: string): TestClient => {
  const client = new TestClient(diskOrigin(dir), readFileSync(join(dir, 'metadata/1.root.json')));
  clients.push(client);
  return client;
};

// tuf-js reads the clock of the process; no timer is waited for.
const at = (now: number): void => void vi.useFakeTimers({ now, toFake: ['Date'] });

afterEach(() => {
  vi.useRealTimers();
  clients.splice(0).forEach((client) => client.end());
});

describe('a publication', () => {
  it('is a repository that a TUF client walks from the first root to the file', async () => {
    const dir = await newRepository();
    const filter = await filterOf(1);
    const report = await publish({ dir, components: [filter], signers: online, now: startAt });
    expect(report).toEqual({ version: 2, components: [{ kind: 'filter', generation: 1, fullBytes: filter.length, deltas: 0 }], pruned: expect.any(Number) as number });
    at(startAt + hourMs);
    const [full] = await clientOf(dir).get('filter/full.vdt');
    expect(toHex(full!.bytes)).toBe(toHex(filter));
    expect(full!.custom).toEqual({ component: 'filter', generation: 1 });
  });

  it('has deltas from the fourteen generations before, step by step to the newest file', async () => {
    const dir = await newRepository();
    for (let generation = 1; generation <= 20; generation++) {
      const report = await publish({ dir, components: [await filterOf(generation)], signers: online, now: startAt + generation * hourMs });
      expect(report.components[0]?.deltas).toBe(Math.min(generation - 1, 14));
    }
    at(startAt + 21 * hourMs);
    const client = clientOf(dir);
    let file = await filterOf(6);
    for (let generation = 6; generation < 20; ) {
      const [step] = await client.get(`filter/${generation}.vdd`);
      file = applyDelta(file, step!.bytes, { crypto });
      expect(step!.custom).toEqual({ component: 'filter', from: generation, generation: generation + 1 });
      generation = step!.custom['generation'] as number;
    }
    expect(toHex(file)).toBe(toHex(await filterOf(20)));
    expect(await client.get('filter/5.vdd')).toEqual([undefined]);
  });

  it('lets a client that keeps up read one delta and the metadata that lead to it, and nothing of the past', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1), await listsOf(1)], signers: online, now: startAt });
    at(startAt + hourMs);
    const client = clientOf(dir);
    await client.get('filter/full.vdt');
    await publish({ dir, components: [await filterOf(2)], signers: online, now: startAt + hourMs });
    client.read.length = 0;
    await client.get('filter/1.vdd');
    expect(client.read.map(({ path }) => path.replace(/[0-9a-f]{64}/, 'SHA256'))).toEqual(['metadata/timestamp.json', 'metadata/3.snapshot.json', 'metadata/3.filter.json', 'targets/filter/SHA256.1.vdd']);
  });

  it('gives the same bytes for the same components, keys and times', async () => {
    const published = async (): Promise<Record<string, string>> => {
      const dir = await newRepository();
      for (const generation of [1, 2, 3]) {
        await publish({ dir, components: [await listsOf(generation), await filterOf(generation)], signers: [...online].reverse(), now: startAt + generation });
      }
      return tree(dir);
    };
    expect(await published()).toEqual(await published());
  });

  it('has gzip forms of files where they are smaller, and of all metadata', async () => {
    const dir = await newRepository();
    const lists = await listsOf(1);
    await publish({ dir, components: [await filterOf(1), lists], signers: online, now: startAt });
    at(startAt + hourMs);
    const [full, packed, none] = await clientOf(dir).get('lists/full.vdt', 'lists/full.vdt.gz', 'filter/full.vdt.gz');
    expect(full!.custom).toEqual({ component: 'lists', generation: 1, gzip: true });
    expect(packed!.custom).toEqual({ component: 'lists', generation: 1, encoding: 'gzip' });
    expect(packed!.bytes.length).toBeLessThan(0.2 * lists.length);
    expect(toHex(gunzipSync(packed!.bytes))).toBe(toHex(lists));
    expect(none).toBeUndefined();
    for (const name of Object.keys(tree(join(dir, 'metadata'))).filter((one) => one.endsWith('.json'))) {
      expect(toHex(gunzipSync(readFileSync(join(dir, 'metadata', `${name}.gz`))))).toBe(toHex(readFileSync(join(dir, 'metadata', name))));
    }
  });

  it('leaves no file that neither this nor the publication before names', async () => {
    const dir = await newRepository();
    for (let generation = 1; generation <= 18; generation++) {
      await publish({ dir, components: [await filterOf(generation)], signers: online, now: startAt + generation * hourMs });
    }
    const names = Object.keys(tree(dir));
    expect(names.filter((name) => name.startsWith('targets/filter/') && name.endsWith('.full.vdt'))).toHaveLength(2);
    expect(names.filter((name) => name.endsWith('.vdd'))).toHaveLength(15);
    expect(names.filter((name) => /\d+\.filter\.json$/.test(name))).toHaveLength(2);
    expect(names.filter((name) => name.includes('.part') || name.includes('lock'))).toEqual([]);
    expect(names).toContain('metadata/1.root.json');
  });

  it('leaves files alone that it did not name itself', async () => {
    const dir = await newRepository();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(dir, 'metadata/README.txt'), 'ours');
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    expect(has(dir, 'metadata/README.txt')).toBe(true);
  });

  it('renews timestamp and, after half of their lives, snapshot and roles when there is nothing new', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    const snapshotVersion = metadata(dir, 'timestamp.json').signed['meta'];
    await publish({ dir, components: [], signers: online, now: startAt + dayMs });
    expect(metadata(dir, 'timestamp.json').signed).toMatchObject({ version: 3, meta: snapshotVersion });
    await publish({ dir, components: [], signers: online, now: startAt + 4 * dayMs });
    expect(metadata(dir, 'timestamp.json').signed['meta']).toMatchObject({ 'snapshot.json': { version: 3 } });
    await publish({ dir, components: [], signers: online, now: startAt + 16 * dayMs });
    expect(metadata(dir, '3.filter.json').signed).toMatchObject({ version: 3, expires: new Date(startAt + 46 * dayMs).toISOString().slice(0, 19) + 'Z' });
    at(startAt + 16 * dayMs);
    expect((await clientOf(dir).get('filter/full.vdt'))[0]).toBeDefined();
  });

  it('changes nothing but the timestamp when the same file is published again', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    const before = tree(dir);
    const report = await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt + 1000 });
    expect(report.components).toEqual([]);
    const after = tree(dir);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['metadata/timestamp.json', 'metadata/timestamp.json.gz']);
  });
});

describe('publishing refuses', () => {
  const refusal = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'published', (error: unknown) => ({ ...(error as object), message: (error as Error).message }));

  it.each([
    ['an older generation', () => filterOf(4), { code: 'pattern-refused', detail: { cause: 'older', generation: 4, published: 5 } }],
    ['another file of the same generation', () => filterOf(5, { count: 5 }), { code: 'pattern-refused', detail: { cause: 'older' } }],
    ['an unsigned component', () => filterOf(6, { signer: undefined }), { code: 'pattern-refused', detail: { cause: 'unsigned' } }],
    ['an expired component', () => filterOf(6, { expiresAt: startAt }), { code: 'pattern-refused', detail: { cause: 'expired' } }],
    ['a damaged component', async () => (await filterOf(6)).map((byte, i) => (i === 500 ? byte ^ 1 : byte)), { code: 'pattern-refused', detail: { cause: 'altered' } }],
  ])('%s, and leaves everything as it was', async (_, component, expected) => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(5)], signers: online, now: startAt });
    const before = tree(dir);
    expect(await refusal(publish({ dir, components: [await component()], signers: online, now: startAt + 1 }))).toMatchObject(expected);
    expect(tree(dir)).toEqual(before);
  });

  it.each([
    ['the component', [keys.snapshot, keys.timestamp], 'filter'],
    ['the snapshot', [keys.filter, keys.timestamp], 'snapshot'],
    ['the timestamp', [keys.filter, keys.snapshot], 'timestamp'],
  ])('to sign without the keys of %s', async (_, signers, role) => {
    const dir = await newRepository();
    const before = tree(dir);
    expect(await refusal(publish({ dir, components: [await filterOf(1)], signers, now: startAt }))).toMatchObject({ code: 'config-invalid', detail: { role } });
    expect(tree(dir)).toEqual(before);
  });

  it('a component that nobody speaks for, two of a kind, and a place without repository', async () => {
    const dir = await newRepository();
    const { createTestPattern } = await import('../../src/testing/test-pattern.js');
    const agent = await createTestPattern({ signer: keys.pattern });
    expect(await refusal(publish({ dir, components: [agent], signers: online, now: startAt }))).toMatchObject({ code: 'config-invalid', detail: { role: 'agent-pattern' } });
    expect(await refusal(publish({ dir, components: [await filterOf(1), await filterOf(2)], signers: online, now: startAt }))).toMatchObject({ code: 'config-invalid' });
    expect(await refusal(publish({ dir: temporaryRepository(), components: [], signers: online, now: startAt }))).toMatchObject({ code: 'config-invalid' });
  });

  it.each([
    ['timestamp.json', 'metadata/timestamp.json'],
    ['2.snapshot.json', 'metadata/2.snapshot.json'],
    ['1.root.json', 'metadata/1.root.json'],
    ['1.targets.json', 'metadata/1.targets.json'],
  ])('to go on from a %s that somebody has changed on the web server', async (name, path) => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    const { writeFileSync } = await import('node:fs');
    const file = join(dir, 'metadata', name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"expires":"2(\d+)/, '"expires":"3$1'));
    expect(await refusal(publish({ dir, components: [await filterOf(2)], signers: online, now: startAt + 1 }))).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(path) as string,
    });
  });

  it('to sign what somebody put into a role of the repository: its keys have not said so', async () => {
    const dir = await newRepository();
    await publish({ dir, components: [await filterOf(1)], signers: online, now: startAt });
    const { writeFileSync } = await import('node:fs');
    const file = join(dir, 'metadata/2.filter.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"length":', '"length":1'));
    expect(await refusal(publish({ dir, components: [], signers: online, now: startAt + 20 * dayMs }))).toMatchObject({ code: 'config-invalid', detail: { role: 'filter' } });
  });

  it('an old root: clients would not follow it', async () => {
    const dir = await newRepository();
    expect(await refusal(publish({ dir, components: [], signers: online, now: startAt + 366 * dayMs }))).toMatchObject({ code: 'config-invalid', detail: { role: 'root' } });
  });

  it('two publications at a time: the second one is told', async () => {
    const dir = await newRepository();
    const component = await filterOf(1);
    const both = await Promise.all([1, 2].map(() => refusal(publish({ dir, components: [component], signers: online, now: startAt }))));
    expect(both.filter((one) => (one as { code?: string }).code === 'store-busy').length).toBeLessThanOrEqual(1);
    expect(both.some((one) => one === 'published')).toBe(true);
  });

  it('keys that are not in the repository (they sign nothing)', async () => {
    const dir = await newRepository();
    const strangers = [signerFrom(99), signerFrom(98)];
    expect(await refusal(publish({ dir, components: [await filterOf(1)], signers: strangers, now: startAt }))).toMatchObject({ code: 'config-invalid' });
  });
});
