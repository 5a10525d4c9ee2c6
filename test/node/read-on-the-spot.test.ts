/**
 * A tree whose small files are read on the spot = one whose files are opened one by one over the thread pool, which is
 * the clear version: the same results, over random trees of files of all kinds, with and without a data directory.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comesInBatches, inBatches, type BatchOptions } from '../../src/base/found-files.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { compile } from '../../src/compile.js';
import type { Engine } from '../../src/engine/checker.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { walk, type WalkOptions } from '../../src/node/walk/walk.js';
import { crypto } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('on-the-spot');
let trees = 0;

const createdAt = Date.now();
const head = { generation: 1, createdAt, expiresAt: createdAt + 86_400_000, hostRule: 'labels5', crypto } as const;
const sources = [
  { name: 'a.ndb', format: 'ndb', text: `Local.Any:0:*:${Buffer.from('a body in any file').toString('hex')}\nLocal.Elf:6:*:${Buffer.from('a body in programs').toString('hex')}\nLocal.Text:7:*:${Buffer.from('a body in texts').toString('hex')}\n` },
  { name: 'b.ldb', format: 'ldb', text: `Local.Both;Engine:51-255,Target:0;0&1;${Buffer.from('first half').toString('hex')};${Buffer.from('other half').toString('hex')}\n` },
  { name: 'c.hsb', format: 'hsb', text: `${digest('listed by the server')}:*:Remote.Listed:73\n` },
] as const;
const { agent, filter } = await compile(sources, head);

function digest(text: string): string {
  return Buffer.from(crypto.sha256(Buffer.from(text))).toString('hex');
}

const elf = (text: string): Buffer => Buffer.concat([Buffer.from('7f454c4602010100000000000000000002003e0001000000', 'hex'), Buffer.alloc(200), Buffer.from(text)]);
const contents: readonly (string | Buffer)[] = [
  '', 'x', 'ordinary text\n'.repeat(9), 'a body in any file', 'A  Body In\tTexts', 'first half, other half', 'listed by the server',
  elf('nothing'), elf('a body in programs'), Buffer.alloc(70_000, 'ab '), Buffer.concat([Buffer.alloc(300_000), Buffer.from('a body in any file')]),
  '<html><body>a body in texts</body></html>', Buffer.from([0xff, 0xfe, 0, 1, 2]),
];

const name = fc.constantFrom('a', 'b', 'ä', 'z z', '-rf', '\xff', 'new\nline', '.hidden', '日');
const entry = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('file' as const), content: fc.nat(contents.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pipe' as const, 'link' as const, 'loop' as const) }) },
);
const tree = fc.uniqueArray(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), entry), { maxLength: 20, selector: ([parts]) => parts.join('/') });

function makeTree(entries: readonly (readonly [readonly string[], { readonly kind: string; readonly content?: number }])[]): string {
  const base = join(root, `tree ${trees++}`);
  mkdirSync(base);
  for (const [parts, { kind, content = 0 }] of entries) {
    const bytes = parts.map((part) => (part === '\xff' ? Buffer.from([0xff]) : Buffer.from(part)));
    const at = (count: number): Buffer => Buffer.concat([Buffer.from(base), ...bytes.slice(0, count).flatMap((one) => [Buffer.from('/'), one])]);
    try {
      mkdirSync(at(parts.length - 1), { recursive: true });
      if (kind === 'file') {
        writeFileSync(at(parts.length), contents[content]!);
      } else if (kind === 'pipe' && !parts.includes('\xff')) {
        spawnSync('mkfifo', [at(parts.length).toString()]);
      } else {
        symlinkSync(kind === 'loop' ? '.' : '/dev/zero', at(parts.length));
      }
    } catch {
      // A directory where the file was to be, or the other way round.
    }
  }
  return base;
}

/** Results by label, without what differs from one check to the next. */
async function resultsOf(engine: Engine, base: string, how: { readonly walk: WalkOptions; readonly allMatches: boolean; readonly layers: 'all' | 'local' }): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const { walk: walking, ...options } = how;
  for await (const result of engine.checkAll(walk(base, walking), options)) {
    found[result.subject.label ?? ''] = comparable(result);
  }
  return found;
}

function comparable({ id: _, verdict, ...rest }: CheckResult): unknown {
  // Of two files with one content, one may find the answer of the other.
  return { ...rest, pending: rest.pending.kind, verdict: { ...verdict, source: verdict.source === 'cache' ? 'query' : verdict.source } };
}

function engineIn(dataDir: string | undefined): Engine {
  return createNodeEngine({ background: 'manual', ...(dataDir === undefined ? {} : { dataDir }) }, { pattern: [agent, filter] });
}

describe('files that are read on the spot', () => {
  it('have the results of files that are opened one by one, and are counted alike', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.boolean(), fc.boolean(), fc.constantFrom('all' as const, 'local' as const), async (entries, allMatches, keeps, layers) => {
        const base = makeTree(entries);
        const quick = engineIn(keeps ? join(root, `data ${trees}`) : undefined);
        const slow = engineIn(undefined);
        const how = { allMatches, layers };
        const expected = await resultsOf(slow, base, { ...how, walk: { blocking: false } });
        expect(await resultsOf(quick, base, { ...how, walk: {} })).toEqual(expected);
        const counted = ({ questions: _, cacheHits: __, ...rest }: Readonly<Record<string, number>>): unknown => rest;
        expect(counted(quick.stats())).toEqual(counted(slow.stats()));
        expect(await resultsOf(quick, base, { ...how, walk: { blocking: true } })).toEqual(expected);
        await Promise.all([quick.close(), slow.close()]);
      }),
      { numRuns: Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 4) },
    );
  });

  it('are told of by events and limits like all others', async () => {
    const base = makeTree([[['a'], { kind: 'file', content: 2 }], [['b'], { kind: 'file', content: 3 }], [['c'], { kind: 'file', content: 9 }]]);
    const engine = createNodeEngine({ background: 'manual', limits: { maxFileBytes: 1_000 } }, { pattern: [agent, filter] });
    const seen: string[] = [];
    engine.on('checked', ({ verdict, tookMs }) => seen.push(`${verdict.disposition} ${tookMs >= 0}`));
    const found = await resultsOf(engine, base, { allMatches: false, layers: 'all', walk: {} });
    expect(seen.sort()).toEqual(['clean true', 'malicious true', 'unknown true']);
    expect(found[join(base, 'c')]).toMatchObject({ verdict: { disposition: 'unknown', reason: 'limit' }, size: 70_000 });
    await engine.close();
  });

  it('that are written to between the look and the reading are read by the story, which sees them as they are', async () => {
    const base = makeTree([[['a'], { kind: 'file', content: 2 }]]);
    const engine = engineIn(join(root, 'data changing'));
    const files = walk(base);
    const late = Object.assign(walk(base), {
      async *[inBatches](options: BatchOptions) {
        for await (const batch of comesInBatches(files) ? files[inBatches](options) : []) {
          writeFileSync(join(base, 'a'), 'a body in any file');
          yield batch;
        }
      },
    });
    for await (const { verdict, sha256 } of engine.checkAll(late)) {
      expect(verdict).toMatchObject({ disposition: 'malicious', threats: [{ name: 'Local.Any' }] });
      expect(sha256).toBe(digest('a body in any file'));
    }
    await engine.close();
  });
});
