/** What clients see while a publication is under way, and after it was killed: the one before or the new one, whole. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { publish } from '../../src/node/publish/publish.js';
import { createRepositoryFiles, type RepositoryFiles } from '../../src/node/publish/repository-files.js';
import { applyDelta } from '../../src/update/delta/apply-delta.js';
import { crypto } from '../pattern/fixtures.js';
import { diskOrigin, TestClient } from './publish-client.js';
import { filterOf, hourMs, newRepository, online, startAt, temporaryRepository } from './publish-scene.js';

let published: string;

beforeAll(async () => {
  vi.useFakeTimers({ now: startAt + 5 * hourMs, toFake: ['Date'] });
  published = await newRepository();
  for (const generation of [1, 2, 3]) {
    await publish({ dir: published, components: [await filterOf(generation)], signers: online, now: startAt + generation * hourMs });
  }
});

afterAll(() => vi.useRealTimers());

class Killed extends Error {}

/** The same files; after so many changes nothing happens any more. */
function killedAfter(files: RepositoryFiles, changes: number): RepositoryFiles & { changes: number } {
  const counting = {
    ...files,
    changes: 0,
    replace: (path: string, bytes: Uint8Array) => counted(() => files.replace(path, bytes)),
    remove: (path: string) => counted(() => files.remove(path)),
  };
  async function counted(change: () => Promise<void>): Promise<void> {
    if (counting.changes === changes) {
      throw new Killed();
    }
    counting.changes++;
    await change();
  }
  return counting;
}

/** Sabotage: the timestamp goes first, as if nobody had thought about it. */
function timestampFirst(files: RepositoryFiles): RepositoryFiles {
  const waiting: (() => Promise<void>)[] = [];
  return {
    ...files,
    replace: async (path, bytes) => {
      if (!path.endsWith('timestamp.json')) {
        waiting.push(() => files.replace(path, bytes));
        return;
      }
      await files.replace(path, bytes);
      for (const write of waiting) {
        await write();
      }
    },
  };
}

function copyOfPublished(): string {
  const dir = temporaryRepository();
  cpSync(published, dir, { recursive: true });
  return dir;
}

/** The generation that a client gets, by the whole file and by deltas from generation 2; throws where it gets none. */
async function seenBy(client: TestClient): Promise<number> {
  const [full] = await client.get('filter/full.vdt');
  const newest = full!.custom['generation'] as number;
  let file = await filterOf(2);
  for (let generation = 2; generation < newest; ) {
    const [step] = await client.get(`filter/${generation}.vdd`);
    file = applyDelta(file, step!.bytes, { crypto });
    generation = step!.custom['generation'] as number;
  }
  expect(Buffer.from(file).equals(full!.bytes)).toBe(true);
  return newest;
}

/** What is seen when a publication is killed after each number of changes; `broken` where a client gets nothing. */
async function killedEverywhere(wrap: (files: RepositoryFiles) => RepositoryFiles = (files) => files): Promise<(number | 'broken')[]> {
  const seen: (number | 'broken')[] = [];
  for (let changes = 0; ; changes++) {
    const dir = copyOfPublished();
    const files = killedAfter(createRepositoryFiles(dir), changes);
    const outcome = await publish({ dir, files: wrap(files), components: [await filterOf(4)], signers: online, now: startAt + 4 * hourMs }).catch((error: unknown) => error);
    const isKilled = outcome instanceof Killed;
    expect(isKilled || 'version' in (outcome as object)).toBe(true);
    const client = new TestClient(diskOrigin(dir), readFileSync(join(dir, 'metadata/1.root.json')));
    seen.push(await seenBy(client).catch(() => 'broken' as const));
    if (!isKilled) {
      client.end();
      return seen;
    }
    // The next publication goes on from whatever lies there, and the same client follows.
    if (changes % 4 === 0 && seen.at(-1) !== 'broken') {
      await publish({ dir, components: [await filterOf(5)], signers: online, now: startAt + 5 * hourMs });
      expect(await seenBy(client)).toBe(5);
    }
    client.end();
  }
}

describe('a publication that is killed', () => {
  it('after any number of changes leaves the one before or the new one, and the next one goes through', { timeout: 120_000 }, async () => {
    const seen = await killedEverywhere();
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).not.toContain('broken');
    expect(seen.join()).toMatch(/^3,3,.*3,4,.*4$/);
    expect([...seen].sort()).toEqual(seen);
  });

  it('would be noticed to write the timestamp before what it names (sabotage of this test)', { timeout: 120_000 }, async () => {
    expect(await killedEverywhere(timestampFirst)).toContain('broken');
  });

  it('is no danger to a client that reads meanwhile: files of the publication before stay until the next one', async () => {
    const dir = copyOfPublished();
    const before = new Map<string, Uint8Array>();
    const origin = diskOrigin(dir);
    // Metadata are read before, files after the next publication.
    const slow = new TestClient((path) => {
      const bytes = path.startsWith('metadata/') ? (before.get(path) ?? origin(path)) : origin(path);
      if (bytes !== undefined) {
        before.set(path, bytes);
      }
      return bytes;
    }, readFileSync(join(dir, 'metadata/1.root.json')));
    await slow.get();
    await publish({ dir, components: [await filterOf(4)], signers: online, now: startAt + 4 * hourMs });
    expect(await seenBy(slow)).toBe(3);
    slow.end();
  });
});
