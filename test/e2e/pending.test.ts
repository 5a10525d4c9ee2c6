/**
 * The pending story over separate processes: a server is away, what cannot be verified is flagged on disk; it comes
 * back, and everything flagged is judged once and treated once, whatever happened to the files meanwhile.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFeed, marker, numberedContent, numberedName, type Feed } from '../cli/support/feed.js';
import { assertBuilt, records, startServer, temporaryFolder, vedette, type Ended } from './support/cli.js';

const numbered = 40;
/** An address of this machine on which nothing listens. */
const nobody = 'http://127.0.0.1:9';
let feed: Feed;

beforeAll(async () => {
  assertBuilt();
  feed = await compileFeed(vedette, { numbered });
});

interface Scene {
  readonly tree: string;
  readonly data: string;
  file(name: string): string;
}

function scene(name: string, files: Readonly<Record<string, string>>): Scene {
  const root = temporaryFolder(name);
  const tree = join(root, 'tree');
  mkdirSync(tree);
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(tree, file), content);
  }
  return { tree, data: join(root, 'data'), file: (file) => join(tree, file) };
}

const scan = (on: Scene, ...more: string[]): Promise<Ended> =>
  vedette(['scan', on.tree, '--pattern', feed.out, '--data', on.data, '--json', ...more]);
const drain = (on: Scene, ...more: string[]): Promise<Ended> =>
  vedette(['pending', 'drain', '--data', on.data, '--pattern', feed.out, '--json', ...more]);
const entries = async (on: Scene): Promise<Record<string, unknown>[]> =>
  records(await vedette(['pending', 'list', '--data', on.data, '--json'])).slice(0, -1);
const results = (ended: Ended): Record<string, unknown>[] => records(ended).filter((line) => line['kind'] !== 'summary');
const summary = (ended: Ended): Record<string, unknown> => records(ended).at(-1) ?? {};
const here = (): string[] => ['--server-pattern', feed.serverPattern];

/** What is wrong with late results of which each is wanted once, malicious and renamed. */
function faultsOf(lines: readonly Record<string, unknown>[], wanted: readonly { readonly path: string; readonly name: string }[]): string[] {
  return wanted.flatMap(({ path, name }) => {
    const about = lines.filter((line) => line['path'] === path);
    const [line] = about;
    const isRight = line?.['disposition'] === 'malicious' && line['occasion'] === 'late' && line['remedy'] === 'rename' && line['outcome'] === 'done';
    const isNamed = (line?.['threats'] as string[] | undefined)?.join() === name;
    return about.length === 1 && isRight && isNamed ? [] : [`${path}: ${about.length} times, ${JSON.stringify(line)}`];
  });
}

describe('the check of late results', () => {
  const wanted = [{ path: 'a', name: 'A' }, { path: 'b', name: 'B' }];
  const line = (path: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
    path, disposition: 'malicious', threats: [path.toUpperCase()], occasion: 'late', remedy: 'rename', outcome: 'done', ...change,
  });

  it.each([
    ['nothing', [line('a'), line('b')], 0],
    ['one that is missing', [line('a')], 1],
    ['one that came twice', [line('a'), line('b'), line('b')], 1],
    ['one that was not treated', [line('a', { outcome: null }), line('b')], 1],
    ['one that became clean', [line('a', { disposition: 'clean', threats: [] }), line('b')], 1],
  ])('finds %s (sabotage)', (_, lines, faults) => {
    expect(faultsOf(lines, wanted)).toHaveLength(faults);
  });
});

describe('a server that goes away and comes back', () => {
  it('leaves everything flagged, and everything flagged is judged and treated once', async () => {
    const count = 30;
    const files = Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, numberedContent(n)]));
    const on = scene('story', { ...files, local: marker, clean: 'nobody lists this' });
    const away = await scan(on, '--server', nobody);
    expect(away.code).toBe(1);
    expect(summary(away)).toMatchObject({ subjects: count + 2, malicious: 1, unknown: count, pending: count });
    expect(results(away).filter((line) => line['disposition'] === 'unknown').every((line) => line['reason'] === 'unreachable' && line['access'] === 'allow' && line['pending'] === true)).toBe(true);
    expect(await entries(on)).toHaveLength(count);

    const inVain = await drain(on, '--server', nobody, '--remedy', 'rename');
    expect([inVain.code, results(inVain)]).toEqual([3, []]);
    expect(summary(inVain)).toMatchObject({ open: count });

    const server = await startServer(['--server-pattern', feed.serverPattern, '--key', feed.keyFile]);
    const back = await drain(on, '--server', server.url, '--trust', feed.publicKeyFile, '--remedy', 'rename').catch(() => undefined);
    // The patterns are unsigned: with a trusted key they are refused, and nothing is lost by that.
    expect(back?.code).toBe(2);
    const late = await drain(on, '--server', server.url, '--remedy', 'rename');
    expect(late.code).toBe(1);
    const wanted = Array.from({ length: count }, (_, n) => ({ path: on.file(`n${n}`), name: numberedName(n) }));
    expect(faultsOf(results(late), wanted)).toEqual([]);
    expect(readdirSync(on.tree).filter((name) => /^n\d+$/.test(name))).toEqual([]);
    expect(readdirSync(on.tree).filter((name) => /^n\d+./.test(name))).toHaveLength(count);
    expect(await entries(on)).toEqual([]);

    const again = await drain(on, '--server', server.url, '--remedy', 'rename', '--dead');
    expect([again.code, results(again)]).toEqual([0, []]);
    await server.stop();
  });

  it('flags a content once, with every place where it was seen', async () => {
    const on = scene('places', { a: numberedContent(1), b: numberedContent(1), c: numberedContent(1) });
    await scan(on, '--server', nobody);
    await scan(on, '--server', nobody);
    const [entry, ...others] = await entries(on);
    expect(others).toEqual([]);
    expect((entry?.['items'] as { path: string }[]).map((item) => item.path).sort()).toEqual(['a', 'b', 'c'].map((name) => on.file(name)));
    const late = await drain(on, ...here(), '--remedy', 'rename');
    expect(results(late).map((line) => [line['path'], line['outcome']]).sort()).toEqual(['a', 'b', 'c'].map((name) => [on.file(name), 'done']));
  });

  it('finds what was clean all along clean', async () => {
    const on = scene('clean', { a: 'nobody lists this' });
    const away = await vedette(['scan', on.tree, '--server', nobody, '--data', on.data, '--layers', 'remote', '--json']);
    expect(summary(away)).toMatchObject({ unknown: 1, pending: 1 });
    const late = await drain(on, ...here());
    expect([late.code, results(late)[0]]).toMatchObject([0, { disposition: 'clean', occasion: 'late', access: 'allow' }]);
  });

  it('works for URLs as well', async () => {
    const on = scene('urls', {});
    const away = await vedette(['url', 'http://malware.example/bad/file.exe', '--pattern', feed.out, '--server', nobody, '--data', on.data]);
    expect(away.code).toBe(3);
    const late = await drain(on, ...here(), '--remedy', 'rename');
    expect([late.code, results(late)[0]]).toMatchObject([1, { kind: 'url', disposition: 'malicious', remedy: 'none', outcome: 'not-needed' }]);
  });

  it('drains from another working directory', async () => {
    const on = scene('cwd', { a: numberedContent(1) });
    await vedette(['scan', 'a', '--pattern', feed.out, '--server', nobody, '--data', on.data], { cwd: on.tree });
    const late = await vedette(['pending', 'drain', '--data', on.data, '--pattern', feed.out, ...here(), '--remedy', 'rename', '--json'], { cwd: '/' });
    expect(results(late)[0]).toMatchObject({ disposition: 'malicious', outcome: 'done' });
  });
});

describe('files that something happens to while the server is away', () => {
  it('are judged as what they are now, and as what they were', async () => {
    const on = scene('changed', { appended: numberedContent(1), replaced: numberedContent(2), disinfected: numberedContent(3), moved: numberedContent(4), deleted: numberedContent(5), infected: numberedContent(6) });
    expect(summary(await scan(on, '--server', nobody))).toMatchObject({ pending: 6 });
    appendFileSync(on.file('appended'), 'and more');
    writeFileSync(on.file('replaced'), numberedContent(7));
    writeFileSync(on.file('disinfected'), 'nobody lists this');
    renameSync(on.file('moved'), on.file('elsewhere'));
    rmSync(on.file('deleted'));
    appendFileSync(on.file('infected'), marker);

    const late = await drain(on, ...here(), '--remedy', 'rename');
    const seen = (name: string): unknown[] =>
      results(late).filter((line) => line['path'] === on.file(name)).map((line) => [line['disposition'], (line['threats'] as string[]).join(), line['outcome'] === 'done']);
    // The old content was malicious, and is raised; its remedy touches nothing, since that content is not there.
    expect(seen('appended')).toEqual([['malicious', numberedName(1), false], ['clean', '', false]]);
    expect(seen('replaced')).toEqual([['malicious', numberedName(2), false], ['malicious', numberedName(7), true]]);
    expect(seen('disinfected')).toEqual([['malicious', numberedName(3), false], ['clean', '', false]]);
    expect(seen('moved')).toEqual([['malicious', numberedName(4), false]]);
    expect(seen('deleted')).toEqual([['malicious', numberedName(5), false]]);
    // The marker holds what a second signature looks for: one find is enough, whichever comes first.
    expect(seen('infected')).toEqual([['malicious', numberedName(6), false], ['malicious', expect.stringMatching(/^Test\.Local\./), true]]);
    const names = readdirSync(on.tree);
    expect(['appended', 'disinfected', 'elsewhere'].every((name) => names.includes(name))).toBe(true);
    expect(['replaced', 'infected', 'moved', 'deleted'].some((name) => names.includes(name))).toBe(false);
    expect(readFileSync(on.file('appended'), 'utf8')).toContain('and more');
    expect(await entries(on)).toEqual([]);
  });
});

describe('remedies', () => {
  it.each([
    ['none', true, false],
    ['rename', false, false],
    ['delete', false, false],
    ['quarantine', false, true],
  ])('%s does what it says, at once', async (remedy, stays, isKept) => {
    const on = scene(`remedy-${remedy}`, { bad: marker, good: 'nobody lists this' });
    const ended = await scan(on, ...here(), '--remedy', remedy);
    expect(results(ended).find((line) => line['path'] === on.file('bad'))).toMatchObject({ remedy, outcome: remedy === 'none' ? null : 'done' });
    expect(existsSync(on.file('bad'))).toBe(stays);
    expect(existsSync(on.file('good'))).toBe(true);
    expect(existsSync(join(on.data, 'vault'))).toBe(isKept);
  });
});

describe('the queue', () => {
  it('is not made by looking at it', async () => {
    const dir = join(temporaryFolder('none'), 'typo');
    for (const command of ['list', 'dead', 'drain']) {
      const ended = await vedette(['pending', command, '--data', dir, ...(command === 'drain' ? here() : [])]);
      expect([ended.code, ended.stderr]).toEqual([2, `vedette: ${dir}: no such file or directory\n`]);
    }
    expect(existsSync(dir)).toBe(false);
  });

  it('is shown to people and programs', async () => {
    const on = scene('shown', { a: numberedContent(1) });
    await scan(on, '--server', nobody);
    const [entry] = await entries(on);
    expect(Object.keys(entry ?? {})).toEqual(['kind', 'id', 'owner', 'subject', 'sha256', 'reason', 'items', 'attempts', 'failures', 'firstAt', 'notBeforeAt', 'dead', 'escalated']);
    const { code, stdout } = await vedette(['pending', 'list', '--data', on.data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}no server could be reached\n {2}.*\/a\n1 entry \(1 due, 0 set aside\)\n$/);
    expect((await vedette(['pending', 'dead', '--data', on.data])).stdout).toBe('0 entries (1 due, 0 set aside)\n');
  });
});
