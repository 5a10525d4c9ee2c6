/** Trees as they are in the wild: thousands of files, names that mean harm, things that are no files, early ends. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFeed, marker, numberedContent, type Feed } from '../cli/support/feed.js';
import { assertBuilt, records, start, temporaryFolder, vedette, type Ended } from './support/cli.js';

const files = 3_000;
const localFinds = 20;
const remoteFinds = 30;

let feed: Feed;
let tree: string;

beforeAll(async () => {
  assertBuilt();
  feed = await compileFeed(vedette, { numbered: remoteFinds });
  tree = temporaryFolder('many');
  for (let n = 0; n < files; n++) {
    const dir = join(tree, `d${n % 60}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `f${n}`), contentOf(n));
  }
});

function contentOf(n: number): string {
  if (n < localFinds) {
    return `${'x'.repeat(n * 100)}${marker}`;
  }
  return n < localFinds + remoteFinds ? numberedContent(n - localFinds) : `ordinary file ${n}\n`.repeat(n % 200);
}

const patterns = (): string[] => ['--pattern', feed.out, '--server-pattern', feed.serverPattern];
const printsMemory = ['--import', "data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS='+process.resourceUsage().maxRSS))"];
const kilobytesOf = (ended: Pick<Ended, 'stderr'>): number => Number(/maxRSS=(\d+)/.exec(ended.stderr)?.[1]);
const maxKilobytes = 300_000;
/** Nothing in it that a terminal obeys, line ends aside. */
const isHarmless = (text: string): boolean => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\n', ''));

describe('a tree of a few thousand files', () => {
  it('is checked to the last file, in bounded memory', async () => {
    const ended = await vedette(['scan', tree, ...patterns(), '--json'], { nodeArgs: printsMemory });
    const lines = records(ended);
    expect(ended.code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ subjects: files, malicious: localFinds + remoteFinds, unknown: 0, questions: remoteFinds, skipped: 0 });
    expect(new Set(lines.slice(0, -1).map((line) => line['path'])).size).toBe(files);
    expect(lines.filter((line) => line['source'] === 'scan').map((line) => line['threats'])).toEqual(Array.from({ length: localFinds }, () => [expect.stringMatching(/^Test\.Local\./) as string]));
    expect(kilobytesOf(ended)).toBeLessThan(maxKilobytes);
  });

  it('would be seen to use more (sabotage of the measure)', () => {
    const ended = spawnSync(process.execPath, [...printsMemory, '-e', 'Buffer.alloc(400e6, 1)'], { encoding: 'utf8' });
    expect(kilobytesOf(ended)).toBeGreaterThan(maxKilobytes);
  });

  it('says the same with one job and with many', async () => {
    const run = async (jobs: string): Promise<string[]> => {
      const lines = records(await vedette(['scan', join(tree, 'd1'), join(tree, 'd21'), ...patterns(), '--json', '--jobs', jobs]));
      return lines.slice(0, -1).map((line) => `${String(line['path'])} ${String(line['disposition'])}`).sort();
    };
    expect(await run('64')).toEqual(await run('1'));
  });

  it('ends in order on SIGINT: a summary that says so, and status 2', async () => {
    const running = start(['scan', tree, ...patterns(), '--json', '--jobs', '1']);
    await running.line();
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(2);
    expect(ended.stderr).toBe('');
    const summary = records(ended).at(-1);
    expect(summary).toMatchObject({ kind: 'summary', interrupted: true });
    expect(Number(summary?.['subjects'])).toBeLessThan(files);
  });

  it('does not mind when nobody reads any more', async () => {
    const running = start(['scan', tree, ...patterns(), '--json', '--jobs', '1']);
    await running.line();
    running.child.stdout?.destroy();
    const ended = await running.ended;
    expect([ended.code, ended.stderr]).toEqual([2, '']);
  });
});

describe('names that mean harm', () => {
  const hostile = ['new\nline', '\u001b[31mred\u001b[2J', 'gpj.\u202eexe', '-rf', "quote'\"`$(id)", ' leading space', 'n'.repeat(255), 'ünïcödé', 'zero\u200bwidth'];

  it('reach programs unchanged and people harmless', async () => {
    const dir = temporaryFolder('hostile');
    hostile.forEach((name) => writeFileSync(join(dir, name), `${name} ${marker}`));
    const lines = records(await vedette(['scan', dir, ...patterns(), '--json'])).slice(0, -1);
    expect(lines.map((line) => line['path']).sort()).toEqual(hostile.map((name) => join(dir, name)).sort());
    expect(lines.every((line) => line['disposition'] === 'malicious')).toBe(true);
    const { stdout } = await vedette(['scan', dir, ...patterns()]);
    expect(isHarmless(stdout)).toBe(true);
    expect(stdout.match(/^malicious /gm)).toHaveLength(hostile.length);
  });

  it('would be noticed where they are printed as they are (sabotage of the check)', () => {
    expect(hostile.filter((name) => !isHarmless(name))).toEqual(['\u001b[31mred\u001b[2J', 'gpj.\u202eexe', 'zero\u200bwidth']);
  });

  it.skipIf(process.platform !== 'linux')('may be bytes that are no text', async () => {
    const dir = temporaryFolder('bytes');
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/latin-`), Buffer.from([0xe9, 0xff])]), marker);
    const [line] = records(await vedette(['scan', dir, ...patterns(), '--json']));
    expect(line).toMatchObject({ disposition: 'malicious', path: `${dir}/latin-\\xe9\\xff` });
  });

  it('may begin with a dash, after --', async () => {
    const dir = temporaryFolder('dash');
    writeFileSync(join(dir, '--json'), marker);
    const ended = await vedette(['scan', ...patterns(), '--', '--json'], { cwd: dir });
    expect(ended.stdout).toMatch(/^malicious {3}--json$/m);
  });
});

describe.skipIf(process.platform === 'win32')('things that are no files', () => {
  it('are counted and never opened, loops do not loop', async () => {
    const dir = temporaryFolder('special');
    writeFileSync(join(dir, 'file'), 'x');
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    symlinkSync(dir, join(dir, 'loop'));
    symlinkSync('/nowhere', join(dir, 'dangling'));
    const socket = createServer().listen(join(dir, 'socket'));
    try {
      const ended = await vedette(['scan', dir, ...patterns(), '--json']);
      expect(ended.code).toBe(0);
      expect(records(ended).at(-1)).toMatchObject({ subjects: 1, skipped: 4 });
      expect((await vedette(['scan', dir, ...patterns()])).stdout).toMatch(/^skipped {2}.*2 symbolic links/m);
    } finally {
      socket.close();
    }
  });

  it('are unknown where they were named, and that is no clean bill', async () => {
    const dir = temporaryFolder('named');
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    const ended = await vedette(['scan', join(dir, 'pipe'), ...patterns(), '--json']);
    expect(ended.code).toBe(3);
    expect(records(ended)[0]).toMatchObject({ path: join(dir, 'pipe'), disposition: 'unknown', reason: 'unsupported', pending: false });
  });

  it.skipIf(process.getuid?.() === 0)('a folder that may not be read is unknown, not empty (not as root: root may read everything)', async () => {
    const dir = temporaryFolder('closed');
    mkdirSync(join(dir, 'closed'), { mode: 0o000 });
    const ended = await vedette(['scan', dir, ...patterns(), '--json']);
    expect(ended.code).toBe(3);
    expect(records(ended)[0]).toMatchObject({ path: join(dir, 'closed'), disposition: 'unknown', reason: 'unreadable' });
  });

  it('a link that was named is followed', async () => {
    const dir = temporaryFolder('link');
    writeFileSync(join(dir, 'file'), marker);
    symlinkSync(join(dir, 'file'), join(dir, 'link'));
    expect(records(await vedette(['scan', join(dir, 'link'), ...patterns(), '--json']))[0]).toMatchObject({ path: join(dir, 'link'), disposition: 'malicious' });
  });
});
