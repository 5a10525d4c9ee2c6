/** Looks for updates against a repository that a second implementation makes, over a web server on loopback. */
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { tempDir } from '../../support/temp-dir.js';
import { createScene, containersOf, publishGeneration, type Scene } from '../../support/updates/scene.js';
import { makeDelta } from '../../../src/update/delta/make-delta.js';
import { crypto } from '../../support/feed.js';

const root = tempDir('updater');
let scenes = 0;
let scene: Scene;

async function begin(): Promise<Scene> {
  scene = await createScene(join(root, `scene-${scenes++}`));
  return scene;
}

afterEach(() => scene.close());

describe('a look for updates', () => {
  it('brings the first generation, and then only what is newer', async () => {
    const { look, finds, repository } = await begin();
    const first = await look();
    expect(first.refused).toEqual([]);
    expect(first).toMatchObject({ kind: 'updated', updated: [{ component: 'agent-pattern', to: 1, by: 'full' }, { component: 'filter', to: 1 }] });
    expect(await finds()).toBe(1);
    expect(await look()).toMatchObject({ kind: 'current', updated: [], targets: [] });
    await publishGeneration(repository, 2);
    expect(await look()).toMatchObject({ kind: 'updated', updated: [{ component: 'agent-pattern', from: 1, to: 2 }, { component: 'filter', from: 1, to: 2 }] });
    expect(await finds()).toBe(2);
    expect(scene.engine.status().generations).toMatchObject({ agent: 2, filter: 2 });
  });

  it('takes a chain of deltas where it is small, and the full file where a delta does not fit', async () => {
    const { look, finds, repository } = await begin();
    await look();
    const [one, two, three] = await Promise.all([1, 2, 3].map((generation) => containersOf(generation)));
    const deltas = [
      { from: 1, generation: 2, bytes: makeDelta(one!['agent-pattern'], two!['agent-pattern'], { crypto }) },
      { from: 2, generation: 3, bytes: makeDelta(two!['agent-pattern'], three!['agent-pattern'], { crypto }) },
    ];
    repository.components.set('agent-pattern', { generation: 3, bytes: three!['agent-pattern'], deltas });
    repository.publish();
    const report = await look();
    expect(report).toMatchObject({ kind: 'updated' });
    expect(await finds()).toBe(3);
  });

  it('leaves nothing behind but what is kept', async () => {
    const { look, repository } = await begin();
    await look();
    await publishGeneration(repository, 2);
    await look();
    const names = readdirSync(join(root, `scene-${scenes - 1}`, 'patterns')).sort();
    expect(names.filter((name) => !/^c-[0-9a-f]{64}$|\.value$/.test(name))).toEqual([]);
    expect(names.filter((name) => name.startsWith('c-'))).toHaveLength(4);
  });
});
