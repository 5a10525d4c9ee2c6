/**
 * The other side of the attacks on updates: what is unusual and right succeeds, and what is signed by somebody who has no say
 * in it weighs nothing. Named like the cases of the tests of other TUF clients.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createUpdater, type UpdateReport } from '../../src/node/update/updater.js';
import { tempDir } from '../support/temp-dir.js';
import { hostileDeltas } from '../support/updates/hostile-deltas.js';
import { envelopeOf, makeKey, type Signed } from '../support/updates/repository.js';
import { components, containersOf, createScene, publishGeneration, type Scene } from '../support/updates/scene.js';

const root = tempDir('update-cases');
const dayMs = 86_400_000;
let scenes = 0;
let scene: Scene | undefined;

async function begin(): Promise<Scene> {
  scene = await createScene(join(root, `scene-${scenes++}`, 'data'));
  return scene;
}

afterEach(async () => {
  vi.useRealTimers();
  await scene?.close();
  scene = undefined;
});

/** A look by a host that was given another root. */
function lookFrom({ repository: _, ...here }: Scene, rootText: string): Promise<UpdateReport> {
  const updater = createUpdater({ store: here.store, root: rootText, sources: [{ url: here.web.url, scope: 'customer' }], clock: here.clock });
  return updater.look({ components, install: (containers) => here.engine.install(containers) });
}

describe('invalid_initial_root', () => {
  const wrong: readonly (readonly [string, (scene: Scene) => string])[] = [
    ['nothing', () => ''],
    ['no JSON', () => 'root'],
    ['a list', () => '[]'],
    ['one that nobody has signed', ({ repository }) => JSON.stringify({ ...repository.envelope('metadata/1.root.json'), signatures: [] })],
    ['one that another key has signed', ({ repository }) => JSON.stringify(envelopeOf(repository.envelope('metadata/1.root.json').signed, [makeKey()]))],
    ['the timestamp', ({ repository }) => repository.text('metadata/timestamp.json')],
    ['one without roles', ({ repository }) => JSON.stringify(envelopeOf({ ...repository.envelope('metadata/1.root.json').signed, roles: {} }, repository.keys['root']!))],
    ['one that counts a key twice', ({ repository }) => {
      const { signed } = repository.envelope('metadata/1.root.json');
      const roles = signed['roles'] as Record<string, Signed>;
      const ids = roles['timestamp']!['keyids'] as readonly string[];
      return JSON.stringify(envelopeOf({ ...signed, roles: { ...roles, timestamp: { keyids: [...ids, ...ids], threshold: 2 } } }, repository.keys['root']!));
    }],
  ];

  it.each(wrong)('is refused: %s', async (_, text) => {
    const here = await begin();
    expect(await lookFrom(here, text(here))).toMatchObject({ kind: 'failed', updated: [] });
    expect((await here.store.generations()).components).toEqual({});
  });
});

describe('expired_local_root', () => {
  it('still leads to a newer one, and to nothing else', async () => {
    const here = await begin();
    const { repository } = here;
    const expired = JSON.stringify(envelopeOf({ ...repository.envelope('metadata/1.root.json').signed, expires: '2020-01-01T00:00:00Z' }, repository.keys['root']!));
    expect(await lookFrom(here, expired)).toMatchObject({ kind: 'failed', refused: [{ cause: 'expired-metadata' }] });
    repository.publishRoot();
    expect(await lookFrom(here, expired)).toMatchObject({ kind: 'updated', refused: [] });
  });
});

describe('expired_local_timestamp', () => {
  it('still refuses an older one, and a newer one is taken', async () => {
    const here = await begin();
    const first = here.repository.text('metadata/timestamp.json');
    await publishGeneration(here.repository, 2);
    expect(await here.look()).toMatchObject({ kind: 'updated' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * dayMs });
    here.repository.put('metadata/timestamp.json', first);
    expect(await here.look()).toMatchObject({ kind: 'failed', refused: [{ cause: 'rollback' }] });
    here.repository.now += 2 * dayMs;
    await publishGeneration(here.repository, 3);
    expect(await here.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await here.finds()).toBe(3);
  });
});

describe('invalid_sig_in_valid_metadata', () => {
  it('does no harm beside enough valid ones', async () => {
    const here = await begin();
    const others = [makeKey(), makeKey()];
    for (const role of ['timestamp', 'snapshot', 'targets', 'filter']) {
      const own = here.repository.keys[role] ?? here.repository.keys['components']!;
      await publishGeneration(here.repository, 2);
      here.repository.publish({ signers: { [role]: [others[0]!, ...own, others[1]!] } });
      const report = await here.look();
      expect(report.refused, role).toEqual([]);
    }
    expect(await here.finds()).toBe(2);
  });
});

describe('non_root_rotations', () => {
  it.each(['timestamp', 'snapshot', 'targets', 'components'])('goes on with new keys of %s', async (role) => {
    const here = await begin();
    await here.look();
    here.repository.keys = { ...here.repository.keys, [role]: [makeKey(), makeKey()] };
    here.repository.thresholds[role] = 2;
    here.repository.publishRoot();
    await publishGeneration(here.repository, 2);
    expect(await here.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await here.finds()).toBe(2);
  });
});

describe('unusual_role_name', () => {
  const names = ['../../evil', 'a b?c#d%2f', 'quote"\\', 'nul\0', '__proto__', 'constructor', '.', 'filter.json', 'é', 'x'.repeat(60)];

  it.each(names)('is a name like any other: %j', async (name) => {
    const here = await begin();
    await here.look();
    const { repository } = here;
    await publishGeneration(repository, 2);
    const file = await unusualRole(here, name);
    const before = readdirSync(join(root, `scene-${scenes - 1}`), { recursive: true }).length;
    expect(await here.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await here.look()).toMatchObject({ kind: 'current', refused: [] });
    expect(await here.finds()).toBe(2);
    expect(here.web.asked.includes(file) || ['__proto__', 'constructor'].includes(name)).toBe(true);
    expect(readdirSync(join(root, `scene-${scenes - 1}`))).toEqual(['data']);
    expect(readdirSync(join(root, `scene-${scenes - 1}`), { recursive: true }).length).toBeLessThan(before + 8);
  });
});

/** A role of that name stands before all others that may speak for the agent pattern. Resolves to its file. */
async function unusualRole({ repository }: Scene, name: string): Promise<string> {
  const version = repository.versions['timestamp']! + 1;
  const signed: Signed = { _type: 'targets', spec_version: '1.0.31', version, expires: '2099-01-01T00:00:00Z', targets: {} };
  const file = `metadata/${version}.${name}.json`;
  repository.put(file, JSON.stringify(envelopeOf(signed, repository.keys['components']!)));
  repository.publish({
    edit: {
      targets: (targets) => {
        const delegations = targets['delegations'] as { readonly keys: Signed; readonly roles: Signed[] };
        delegations.roles.unshift({ ...delegations.roles[0]!, name, paths: ['agent-pattern/*'] });
      },
      snapshot: (snapshot) => void (snapshot['meta'] = { ...(snapshot['meta'] as Signed), [`${name}.json`]: { version } }),
    },
  });
  return file;
}

describe('delegation graphs', () => {
  it('let nobody speak for a component but its own role', async () => {
    const here = await begin();
    await here.look();
    const { 'agent-pattern': evil } = await containersOf(9);
    await publishGeneration(here.repository, 2);
    here.repository.components.set('agent-pattern', { generation: 9, bytes: evil });
    here.repository.publish();
    const target = (here.repository.envelope('metadata/3.agent-pattern.json').signed['targets'] as Signed)['agent-pattern/full.vdt']!;
    await publishGeneration(here.repository, 2);
    here.repository.publish({ edit: { filter: (signed) => void (signed['targets'] = { ...(signed['targets'] as Signed), 'agent-pattern/full.vdt': target }) } });
    expect(await here.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await here.finds()).toBe(2);
  });

  it('that lead in a circle end', async () => {
    const here = await begin();
    await publishGeneration(here.repository, 2);
    const { keys } = here.repository;
    here.repository.publish({
      edit: {
        filter: (signed) => void (signed['delegations'] = {
          keys: Object.fromEntries(keys['components']!.map((key) => [key.id, key.json])),
          roles: ['filter', 'agent-pattern'].map((name) => ({ name, keyids: keys['components']!.map((key) => key.id), threshold: 1, terminating: false, paths: ['filter/*'] })),
        }),
      },
    });
    expect(await here.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await here.finds()).toBe(2);
  });
});

describe('deltas that lie', () => {
  it.each(hostileDeltas)('are passed over for the whole file: %s', async (_, make) => {
    const here = await begin();
    await here.look();
    const containers = await containersOf(2);
    for (const component of ['agent-pattern', 'filter'] as const) {
      const deltas = [{ from: 1, generation: 2, bytes: await make(component) }];
      here.repository.components.set(component, { generation: 2, bytes: containers[component], deltas });
    }
    here.repository.publish();
    const report = await here.look();
    expect(report).toMatchObject({ kind: 'updated', refused: [] });
    expect(report.updated.map(({ component, by }) => [component, by])).toEqual([['agent-pattern', 'full'], ['filter', 'full']]);
    expect(report.targets.some((path) => path.endsWith('.vdd'))).toBe(true);
    expect(await here.finds()).toBe(2);
  });
});

describe('one generation, two files', () => {
  it('keeps the one that was taken first', async () => {
    const here = await begin();
    await here.look();
    const { 'agent-pattern': other } = await containersOf(1, { createdAt: Date.now() });
    here.repository.components.set('agent-pattern', { generation: 1, bytes: other });
    here.repository.publish();
    expect(await here.look()).toMatchObject({ kind: 'current', updated: [] });
  });
});
