/** The queue at its bounds, and in somebody else's hands: a host on the same data directory as the program. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFeed, numberedContent, numberedName, type Feed } from '../cli/support/feed.js';
import type * as CoreEntry from '../../src/index.js';
import type * as NodeEntry from '../../src/node.js';
import { assertBuilt, projectRoot, records, temporaryFolder, vedette } from './support/cli.js';

let feed: Feed;
let node: typeof NodeEntry;
let core: typeof CoreEntry;

beforeAll(async () => {
  assertBuilt();
  const built = async (name: string): Promise<unknown> => import(pathToFileURL(join(projectRoot, 'dist', name)).href);
  node = (await built('node.js')) as typeof NodeEntry;
  core = (await built('index.js')) as typeof CoreEntry;
  feed = await compileFeed(vedette, { numbered: 10 });
});

function makeTree(count: number): { readonly tree: string; readonly data: string } {
  const root = temporaryFolder('limits');
  const tree = join(root, 'tree');
  mkdirSync(tree);
  for (let n = 0; n < count; n++) {
    writeFileSync(join(tree, `n${n}`), numberedContent(n));
  }
  return { tree, data: join(root, 'data') };
}

describe('a full queue', () => {
  it('refuses before it accepts, says so, and keeps what it accepted', async () => {
    const { tree, data } = makeTree(5);
    const engine = node.createNodeEngine(
      { dataDir: data, servers: [{ address: 'http://127.0.0.1:9', scope: 'local' }], background: 'manual', query: { holdMs: 200 } },
      { queue: () => node.openJournalQueue({ dir: join(data, 'pending'), clock: core.createSystemClock(), maxEntries: 3 }) },
    );
    const seen: string[] = [];
    for await (const result of engine.checkAll(node.walk(tree), { ordered: true })) {
      seen.push(`${result.verdict.reason ?? ''} ${result.pending.kind} ${result.decision.access}`);
    }
    await engine.close();
    expect(seen.slice().sort()).toEqual([
      'pending-full refused block', 'pending-full refused block', 'unreachable queued allow', 'unreachable queued allow', 'unreachable queued allow',
    ]);

    const late = await vedette(['pending', 'drain', '--data', data, '--pattern', feed.out, '--server-pattern', feed.serverPattern, '--json']);
    const accepted = seen.flatMap((one, n) => (one.includes('queued') ? [numberedName(n)] : []));
    expect(records(late).slice(0, -1).flatMap((line) => line['threats'] as string[]).sort()).toEqual(accepted.sort());
  });
});

describe('a queue in use by another process', () => {
  it('is not listed and not drained, in one line; a scan goes on and says what it could not do', async () => {
    const { tree, data } = makeTree(2);
    const queue = await node.openJournalQueue({ dir: join(data, 'pending'), clock: core.createSystemClock() });
    try {
      for (const args of [['list'], ['drain', '--server-pattern', feed.serverPattern]]) {
        const ended = await vedette(['pending', ...args, '--data', data]);
        expect([ended.code, ended.stdout]).toEqual([2, '']);
        expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
        expect(ended.stderr).toMatch(/wait until the other process ends/);
      }
      const scan = await vedette(['scan', tree, '--pattern', feed.out, '--server', 'http://127.0.0.1:9', '--data', data, '--json']);
      expect(scan.code).toBe(3);
      expect(scan.stderr).toMatch(/^vedette: queue: .+\n$/);
      expect(records(scan)[0]).toMatchObject({ disposition: 'unknown', reason: 'pending-full', pending: false, access: 'block' });
    } finally {
      await queue.close();
    }
    expect((await vedette(['pending', 'list', '--data', data])).stdout).toBe('0 entries (0 due, 0 set aside)\n');
  });
});
