/**
 * Attacks on updates, by name, against a repository that a second implementation makes: nothing is accepted, the last
 * good generation keeps deciding, and the refusal has the name of the attack.
 */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { attacks } from '../support/updates/attacks.js';
import { checklist } from '../support/updates/checklist.js';
import { makeKey } from '../support/updates/repository.js';
import { containersOf, createScene, publishGeneration, type Scene } from '../support/updates/scene.js';
import { trust } from '../support/updates/trusting-client.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('update-attacks');
let scenes = 0;
let scene: Scene | undefined;

async function begin(...change: Parameters<typeof createScene> extends [string, ...infer R] ? R : never): Promise<Scene> {
  scene = await createScene(join(root, `scene-${scenes++}`), ...change);
  expect(await scene.look()).toMatchObject({ kind: 'updated' });
  return scene;
}

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

describe(`an update under attack (${attacks.length} attacks)`, () => {
  it('is tried in at least 150 ways, each under a name of its own', () => {
    expect(new Set(attacks.map((attack) => attack.name)).size).toBe(attacks.length);
    expect(attacks.length).toBeGreaterThanOrEqual(150);
  });

  it.each(checklist)('has the case %s of the checklist', (_, names) => {
    const known = attacks.map((attack) => attack.name);
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it.each(attacks.map((attack) => [attack.name, attack] as const))('is refused by its name: %s', async (_, attack) => {
    const attacked = await begin(attack.host);
    const told: string[] = [];
    attacked.engine.on('pattern', ({ change }) => told.push(change));
    await attack.prepare(attacked);
    const report = await attacked.look();
    const stays = attack.stays ?? 1;
    expect(report.kind).toBe('failed');
    expect(report.refused.map((one) => one.cause).filter((cause) => attack.cause.includes(cause)), JSON.stringify(report.refused)).not.toEqual([]);
    expect(attacked.engine.status().generations.agent).toBe(stays);
    expect(await attacked.finds()).toBe(stays);
    expect((await attacked.store.generations()).components['agent-pattern']?.current.generation).toBe(stays);
  });

  it('ends with the attack: the honest repository is believed again', async () => {
    for (const name of ['freeze: timestamp has expired', 'wrong key: timestamp is signed by a key that nobody trusts', 'a target with one byte more', 'endless data: timestamp never ends']) {
      const attacked = await begin();
      await attacks.find((attack) => attack.name === name)!.prepare(attacked);
      expect(await attacked.look()).toMatchObject({ kind: 'failed' });
      attacked.web.instead = undefined;
      await publishGeneration(attacked.repository, 3);
      expect(await attacked.look(), name).toMatchObject({ kind: 'updated', refused: [] });
      expect(await attacked.finds()).toBe(3);
      await attacked.close();
    }
    scene = undefined;
  });
});

describe('fast_forward_recovery', () => {
  it.each(['timestamp', 'snapshot', 'targets'])('lowers the version of %s again once its keys were replaced, and not before', async (role) => {
    const { repository, look, finds } = await begin();
    repository.versions[role] = 1_000_000;
    await publishGeneration(repository, 2);
    expect(await look()).toMatchObject({ kind: 'updated' });
    repository.versions[role] = 5;
    await publishGeneration(repository, 3);
    expect(await look()).toMatchObject({ kind: 'failed', refused: [{ cause: 'rollback' }] });
    // Of targets the snapshot is the witness: its keys are the ones to replace.
    const witness = role === 'targets' ? 'snapshot' : role;
    repository.keys = { ...repository.keys, [witness]: [makeKey()], ...(witness === 'snapshot' ? { timestamp: [makeKey()] } : {}) };
    repository.publishRoot();
    await publishGeneration(repository, 3);
    expect(await look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await finds()).toBe(3);
  });
});

describe('root_rotations', () => {
  it('brings hosts that are one to three roots behind to the newest one', async () => {
    const { repository, look, finds } = await begin();
    for (let rotation = 0; rotation < 3; rotation++) {
      const before = repository.keys['root']!;
      repository.keys = { ...repository.keys, root: [makeKey(), makeKey(), makeKey()], timestamp: [makeKey()] };
      repository.thresholds['root'] = rotation + 1;
      repository.publishRoot({}, before);
      if (rotation === 0 || rotation === 2) {
        await publishGeneration(repository, 2 + rotation);
        expect(await look()).toMatchObject({ kind: 'updated', refused: [] });
      }
    }
    expect(await finds()).toBe(4);
  });
});

describe('the attacks themselves (check of these tests)', () => {
  it('work on a client that checks nothing', async () => {
    const loud = attacks.filter((attack) => attack.isSilent !== true);
    const harmless: string[] = [];
    for (const attack of loud) {
      const attacked = await createScene(join(root, `scene-${scenes++}`), attack.host);
      await attacked.look();
      await attack.prepare(attacked);
      const good = await Promise.all([1, 2].map(async (generation) => Buffer.from((await containersOf(generation))['agent-pattern'])));
      const taken = await trust(attacked.web.url);
      if (taken === 'nothing' || (attack.stays === undefined && good[0]!.equals(taken))) {
        harmless.push(attack.name);
      }
      await attacked.close();
    }
    // What is left is refused by every parser, or is not there to be taken.
    expect(loud.length - harmless.length, harmless.join('\n')).toBeGreaterThanOrEqual(30);
  });

  it('are noticed when the host forgets the metadata, does not ask for newer generations and believes any file (sabotage)', async () => {
    const forgetful = await begin();
    await publishGeneration(forgetful.repository, 2);
    await forgetful.look();
    const taken: number[] = [];
    const sabotaged = {
      ...forgetful.store,
      downloads: (waitMs: number) => forgetful.store.downloads(waitMs),
      metadata: async () => undefined,
      keepMetadata: async () => undefined,
      keepLook: async () => undefined,
      generations: async () => ({ sequence: 0, components: {} }),
    };
    const { createUpdater } = await import('../../src/node/update/updater.js');
    const { createSystemClock } = await import('../../src/preset/system-seams.js');
    const updater = createUpdater({ store: sabotaged, root: forgetful.repository.root, sources: [{ url: forgetful.web.url, scope: 'customer' }], clock: createSystemClock() });
    await publishGeneration(forgetful.repository, 1);
    await updater.look({ components: ['agent-pattern'], install: async (containers) => taken.push(containers.length) });
    expect(taken).toEqual([1]);
  });
});
