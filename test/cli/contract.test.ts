/** The command line as a contract: exit status, messages and the exact keys of machine output, command by command. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { records, type Ended } from './support/ended.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';
import {
  approvedContent, badUrl, compileFeed, localName, marker, md5Content, md5Name, remoteContent, remoteName, type Feed,
} from './support/feed.js';

let feed: Feed;
let signed: Feed;
let tree: string;
/** An address of this machine on which nothing listens. */
const nobody = 'http://127.0.0.1:9';

beforeAll(async () => {
  feed = await compileFeed(vedette);
  signed = await compileFeed(vedette, { signed: true });
  tree = temporaryFolder('tree');
  mkdirSync(join(tree, 'inner'));
  const files = { local: `some ${marker} text`, remote: remoteContent, md5: md5Content, approved: approvedContent, 'inner/clean': 'clean', empty: '' };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(tree, name), content);
  }
});

const oneLine = (text: string): string => {
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  return text;
};
const patterns = (): string[] => ['--pattern', feed.out, '--server-pattern', feed.serverPattern];
const byPath = (ended: Ended): Record<string, Record<string, unknown>> =>
  Object.fromEntries(records(ended).filter((one) => one['kind'] !== 'summary').map((one) => [String(one['path'] ?? one['url']), one]));

describe('the program', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['scan', '--help'], 0],
    [['scam'], 2],
    [['scan'], 2],
    [['scan', '--nope', 'x'], 2],
  ])('ends %j with status %i', async (args, code) => {
    const ended = await vedette(args);
    expect(ended.code).toBe(code);
    expect(code === 0 ? ended.stderr : ended.stdout).toBe('');
  });

  it('says its version', async () => {
    expect((await vedette(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('keeps its help within 100 columns', async () => {
    for (const command of ['compile', 'scan', 'url', 'serve', 'pending drain', 'explain', 'inspect', 'keygen']) {
      const { stdout } = await vedette([...command.split(' '), '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    }
  });
});

describe('compile', () => {
  it('writes four files and accounts for every line', () => {
    const report = JSON.parse(readFileSync(join(feed.out, 'report.json'), 'utf8')) as { sources: { file: string; lines: number; loaded: number; skipped: unknown[] }[] };
    expect(['agent.vap', 'filter.vaf', 'server.vsp'].every((name) => existsSync(join(feed.out, name)))).toBe(true);
    expect(report.sources.map(({ file, loaded, skipped }) => [file, loaded, skipped.length])).toEqual([
      ['local.ndb', 2, 0], ['remote.hsb', 1, 0], ['remote.hdb', 1, 0], ['approved.sfp', 1, 0], ['urls.txt', 1, 0],
    ]);
  });

  it('reports the line that it cannot use, and with --strict refuses and writes nothing', async () => {
    const dir = temporaryFolder('strict');
    writeFileSync(join(dir, 'bad.hsb'), 'zz:1:Bad\n');
    const out = join(dir, 'out');
    expect((await vedette(['compile', join(dir, 'bad.hsb'), '--out', out])).code).toBe(0);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as { sources: { skipped: { line: number; reason: string }[] }[] };
    expect(report.sources[0]?.skipped[0]).toMatchObject({ line: 1 });
    const strict = await vedette(['compile', join(dir, 'bad.hsb'), '--out', join(dir, 'none'), '--strict']);
    expect(strict.code).toBe(2);
    expect(oneLine(strict.stderr)).toMatch(/bad\.hsb line 1/);
    expect(existsSync(join(dir, 'none'))).toBe(false);
  });

  it('counts generations up by itself, and takes the one that it is given', async () => {
    const dir = temporaryFolder('generation');
    const generation = async (...args: string[]): Promise<number> => {
      expect((await vedette(['compile', ...feed.sources, '--out', dir, ...args])).code).toBe(0);
      const [first] = records(await vedette(['inspect', join(dir, 'agent.vap'), '--json']));
      return Number(first?.['generation']);
    };
    expect(await generation('--generation', '7')).toBe(7);
    const next = await generation();
    expect(next).toBeGreaterThan(1_700_000_000);
    expect(await generation()).toBeGreaterThan(next);
    expect(await generation('--generation', '99999999999')).toBe(99_999_999_999);
    expect(await generation()).toBe(100_000_000_000);
  });

  it.each([
    [['nowhere.ndb'], /nowhere\.ndb: no such file/],
    [['README.md'], /README\.md: expected a file, or FORMAT:FILE/],
    [['nope:README.md'], /expected a file, or FORMAT:FILE/],
    [['urls:src'], /src: illegal operation on a directory/],
  ])('refuses %j in one line', async (sources, message) => {
    const ended = await vedette(['compile', ...sources, '--out', temporaryFolder('refused')]);
    expect(ended.code).toBe(2);
    expect(oneLine(ended.stderr)).toMatch(message);
  });
});

describe('keygen', () => {
  it('makes a pair that only its owner can read, and overwrites nothing', async () => {
    const dir = join(temporaryFolder('keys'), 'new');
    expect((await vedette(['keygen', '--out', dir])).code).toBe(0);
    expect(statSync(join(dir, 'vedette.key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(dir, 'vedette.key'), 'utf8');
    const again = await vedette(['keygen', '--out', dir]);
    expect(again.code).toBe(2);
    expect(oneLine(again.stderr)).toMatch(/never overwritten/);
    expect(readFileSync(join(dir, 'vedette.key'), 'utf8')).toBe(before);
  });
});

describe('inspect', () => {
  it('has the same keys for every component', async () => {
    for (const name of ['agent.vap', 'filter.vaf', 'server.vsp']) {
      const [record] = records(await vedette(['inspect', join(signed.out, name), '--json', '--trust', signed.publicKeyFile]));
      expect(Object.keys(record ?? {})).toEqual([
        'kind', 'file', 'formatVersion', 'generation', 'createdAt', 'expiresAt', 'periodMs', 'state', 'size', 'keyId', 'verified', 'content', 'sections',
      ]);
      expect(record).toMatchObject({ verified: true, state: 'fresh' });
    }
  });

  it.each([
    ['a file that is no pattern', () => [join(feed.out, 'report.json')], /report\.json: the file is no vedette component/],
    ['a file that is not there', () => ['nowhere.vap'], /nowhere\.vap: no such file/],
    ['an unsigned file where a key is trusted', () => [join(feed.out, 'agent.vap'), '--trust', feed.publicKeyFile], /no signature/],
    ['another key', () => [join(signed.out, 'agent.vap'), '--trust', feed.publicKeyFile], /not trusted/],
  ])('refuses %s', async (_, args, message) => {
    const ended = await vedette(['inspect', ...args()]);
    expect(ended.code).toBe(2);
    expect(oneLine(ended.stderr)).toMatch(message);
  });
});

describe('scan', () => {
  it('prints one JSON line per file and a summary, with exactly these keys', async () => {
    const ended = await vedette(['scan', tree, ...patterns(), '--json']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe('');
    const lines = records(ended);
    for (const line of lines.slice(0, -1)) {
      expect(Object.keys(line)).toEqual([
        'kind', 'path', 'sha256', 'size', 'disposition', 'threats', 'source', 'by', 'reason', 'access', 'remedy', 'outcome', 'pending', 'occasion', 'generations',
      ]);
    }
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', subjects: 6, malicious: 3, suspicious: 0, unknown: 0, questions: 2, cacheHits: 0, clean: 3, pending: 0, skipped: 0 });
    expect(Object.keys(lines.at(-1) ?? {})).toEqual([
      'kind', 'subjects', 'bytes', 'malicious', 'suspicious', 'unknown', 'questions', 'cacheHits', 'seconds', 'clean', 'pending', 'skipped',
    ]);
  });

  it('says who found what', async () => {
    const found = byPath(await vedette(['scan', tree, ...patterns(), '--json']));
    const about = (name: string): unknown[] => {
      const { disposition, threats, source, remedy, outcome, pending, reason } = found[join(tree, name)] ?? {};
      return [disposition, threats, source, remedy, outcome, pending, reason];
    };
    // Which of two finds is told first is the matcher's business.
    expect(about('local')).toEqual(['malicious', [expect.stringMatching(/^Test\.Local\./)], 'scan', 'none', null, false, null]);
    expect(about('remote')).toEqual(['malicious', [remoteName], 'query', 'none', null, false, null]);
    expect(about('md5')).toEqual(['malicious', [md5Name], 'query', 'none', null, false, null]);
    expect(about('approved')).toEqual(['clean', [], 'scan', 'none', null, false, null]);
    expect(about('inner/clean')).toEqual(['clean', [], 'filter', 'none', null, false, null]);
    expect(about('empty')).toEqual(['clean', [], 'filter', 'none', null, false, null]);
  });

  it('lists every match on request, sorted', async () => {
    const [first] = records(await vedette(['scan', join(tree, 'local'), ...patterns(), '--json', '--all-matches']));
    expect(first?.['threats']).toEqual([localName, 'Test.Local.Second']);
  });

  it.each([
    ['everything clean', () => [join(tree, 'inner'), ...patterns()], 0],
    ['a find', () => [tree, ...patterns()], 1],
    ['only something unknown', () => [join(tree, 'remote'), '--pattern', feed.out, '--server', nobody], 3],
    ['a find beside something unknown', () => [tree, '--pattern', feed.out, '--server', nobody], 1],
    ['local layers only, where the server might know', () => [join(tree, 'remote'), '--pattern', feed.out, '--layers', 'local'], 3],
    ['local layers only, where it surely does not', () => [join(tree, 'inner'), '--pattern', feed.out, '--layers', 'local'], 0],
    ['remote layers only', () => [join(tree, 'remote'), '--server-pattern', feed.serverPattern, '--layers', 'remote'], 1],
    ['patterns signed by a trusted key', () => [tree, '--pattern', signed.out, '--server-pattern', signed.serverPattern, '--trust', signed.publicKeyFile], 1],
  ])('with %s ends as it should', async (_, args, code) => {
    const ended = await vedette(['scan', ...args()]);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(code);
  });

  it.each([
    ['a path that is not there', () => ['nowhere', ...patterns()], /nowhere: no such file/],
    ['nothing to check against', () => [tree], /give --pattern, --server, --server-pattern or --data/],
    ['a pattern that is not there', () => [tree, '--pattern', 'nowhere'], /nowhere: no such file/],
    ['a folder without patterns', () => [tree, '--pattern', tree], /expected agent\.vap or filter\.vaf/],
    ['a pattern that is none', () => [tree, '--pattern', join(feed.out, 'report.json')], /report\.json: the file is no vedette component/],
    ['a server pattern in the wrong place', () => [tree, '--pattern', feed.serverPattern], /--server-pattern/],
    ['an agent pattern in the wrong place', () => [tree, '--server-pattern', join(feed.out, 'agent.vap')], /expected a server-pattern/],
    ['an unsigned pattern where a key is trusted', () => [tree, '--pattern', feed.out, '--trust', feed.publicKeyFile], /no signature/],
    ['a pattern by another key', () => [tree, '--pattern', signed.out, '--trust', feed.publicKeyFile], /not trusted/],
    ['a server elsewhere without a key', () => [tree, '--pattern', feed.out, '--server', 'http://192.0.2.1:80'], /--trust/],
    ['a name that leads to loopback', () => [tree, '--pattern', feed.out, '--server', 'http://localhost:80'], /--trust/],
    ['a server that is no address', () => [tree, '--pattern', feed.out, '--server', 'example'], /expected an address with a scheme/],
    ['a key that is none', () => [tree, ...patterns(), '--trust', 'README.md'], /README\.md: public key/],
    ['quarantine without a place', () => [tree, ...patterns(), '--remedy', 'quarantine'], /needs --data DIR/],
    ['a remedy for a policy that treats nothing', () => [tree, ...patterns(), '--remedy', 'delete', '--policy', 'report'], /treats nothing/],
    ['a place for SARIF that cannot be written', () => [tree, ...patterns(), '--sarif', join(tree, 'no', 'x')], /no\/x: no such file/],
    ['a policy that is none', () => [tree, ...patterns(), '--policy', 'nope'], /endpoint, gateway, report/],
  ])('refuses %s in one line that says what to do', async (_, args, message) => {
    const ended = await vedette(['scan', ...args()]);
    expect(oneLine(ended.stderr)).toMatch(message);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
  });

  it('decides by the policy that is named', async () => {
    const access = async (policy: string, name: string): Promise<unknown> => {
      const server = ['--pattern', feed.out, '--server', nobody];
      return records(await vedette(['scan', join(tree, name), ...server, '--policy', policy, '--json']))[0]?.['access'];
    };
    expect(await Promise.all(['endpoint', 'gateway', 'report'].map((policy) => access(policy, 'local')))).toEqual(['block', 'block', 'allow']);
    expect(await Promise.all(['endpoint', 'gateway', 'report'].map((policy) => access(policy, 'remote')))).toEqual(['allow', 'hold', 'allow']);
  });

  it('writes SARIF beside its output', async () => {
    const file = join(temporaryFolder('sarif'), 'out.sarif');
    expect((await vedette(['scan', tree, ...patterns(), '--sarif', file])).code).toBe(1);
    const log = JSON.parse(readFileSync(file, 'utf8')) as { runs: { results: { ruleId: string }[] }[] };
    expect(log.runs[0]?.results.map((result) => result.ruleId.replace('Local.Second', 'Local.Marker')).sort()).toEqual([localName, md5Name, remoteName].sort());
  });

  it('shows people what was found and what was named, within 100 columns', async () => {
    const ended = await vedette(['scan', join(tree, 'local'), join(tree, 'empty'), ...patterns()]);
    expect(ended.stdout).toMatch(/^malicious {3}.*local$/m);
    expect(ended.stdout).toMatch(/^clean {7}.*empty$/m);
    expect(ended.stdout).toMatch(/^checked {2}2 files/m);
    expect(ended.stdout).not.toContain('\u001b');
  });
});

describe('url', () => {
  it('prints one JSON line per URL in order, with exactly these keys', async () => {
    const ended = await vedette(['url', badUrl, 'https://good.example/', ...patterns(), '--json']);
    expect(ended.code).toBe(1);
    const [bad, good, summary] = records(ended);
    expect(Object.keys(bad ?? {})).toEqual([
      'kind', 'url', 'canonical', 'score', 'class', 'categories', 'expression', 'sha256', 'disposition', 'threats', 'source', 'by', 'reason', 'access', 'remedy', 'outcome', 'pending', 'occasion', 'generations',
    ]);
    expect(bad).toMatchObject({ kind: 'url', url: badUrl, disposition: 'malicious', source: 'query' });
    expect(good).toMatchObject({ url: 'https://good.example/', disposition: 'clean', source: 'filter' });
    expect(summary).toMatchObject({ kind: 'summary', subjects: 2, malicious: 1 });
  });

  it('takes a list beside the arguments', async () => {
    const list = join(temporaryFolder('list'), 'urls');
    writeFileSync(list, `# comment\r\n${badUrl}\r\n\r\n  https://good.example/  \n`);
    const ended = await vedette(['url', '--file', list, ...patterns(), '--json']);
    expect(records(ended).map((one) => one['url'] ?? one['kind'])).toEqual([badUrl, 'https://good.example/', 'summary']);
  });

  it('takes standard input, alone or between others, and cares not where it is cut', async () => {
    const pieces = ['# com', `ment\n${badUrl.slice(0, 5)}`, `${badUrl.slice(5)}\r\nhttps://b\u00fccher.exam`, 'ple/\nhttp://last.example/'];
    const args = [...patterns(), '--json'];
    const urls = (ended: Ended): unknown[] => records(ended).map((one) => one['url'] ?? one['kind']);
    const all = [badUrl, 'https://b\u00fccher.example/', 'http://last.example/'];
    expect(urls(await vedette(['url', '-', ...args], pieces))).toEqual([...all, 'summary']);
    expect(urls(await vedette(['url', '--file', '-', ...args], pieces))).toEqual([...all, 'summary']);
    expect(urls(await vedette(['url', 'http://first.example/', '-', 'http://z.example/', ...args], pieces))).toEqual(['http://first.example/', ...all, 'http://z.example/', 'summary']);
    const twice = await vedette(['url', '-', '--file', '-', ...args], pieces);
    expect([twice.code, oneLine(twice.stderr)]).toEqual([2, 'vedette: standard input can be read only once: one - is enough\n']);
  });

  it('takes no line for the beginning of one that is too long, and keeps little of it', async () => {
    const long = Array.from({ length: 300 }, () => 'x'.repeat(65_536));
    const ended = await vedette(['url', '-', ...patterns(), '--json'], ['http://bad.example/', ...long, '\nhttp://next.example/\n']);
    const [first, next] = records(ended);
    expect(first).toMatchObject({ disposition: 'unknown', reason: 'unsupported' });
    expect(String(first?.['url']).length).toBe(65_537);
    expect(next).toMatchObject({ url: 'http://next.example/', disposition: 'clean' });
  });

  it('names a list that is not there', async () => {
    const ended = await vedette(['url', '--file', '/nowhere/urls', ...patterns()]);
    expect([ended.code, oneLine(ended.stderr)]).toEqual([2, 'vedette: /nowhere/urls: no such file or directory\n']);
  });

  it('tells ratings with their class and categories, and what is blocked by them', async () => {
    const dir = temporaryFolder('ratings');
    writeFileSync(join(dir, 'r.csv'), 'bad.example,20,spam;new\nfair.example,60\nnew.example,untested\ngood.example,95,news\n');
    await vedette(['compile', `ratings:${join(dir, 'r.csv')}`, '--out', dir]);
    const from = ['--server-pattern', join(dir, 'server.vsp'), '--pattern', dir];
    const urls = ['http://bad.example/x', 'http://fair.example/', 'http://new.example/', 'http://good.example/'];
    const run = async (...more: string[]): Promise<unknown[]> =>
      records(await vedette(['url', ...urls, ...from, '--json', ...more])).slice(0, 4).map((one) => [one['score'], one['class'], one['access']]);
    expect(await run()).toEqual([[20, 'dangerous', 'block'], [60, 'highly-suspicious', 'block'], [71, 'untested', 'allow'], [95, 'safe', 'allow']]);
    expect(await run('--level', 'low')).toEqual([[20, 'dangerous', 'block'], [60, 'highly-suspicious', 'warn'], [71, 'untested', 'allow'], [95, 'safe', 'allow']]);
    // The only server is a local one: what it has not rated is not blocked.
    expect((await run('--block-untested'))[2]).toEqual([71, 'untested', 'allow']);
    const shown = await vedette(['url', ...urls, ...from]);
    expect(shown.stdout).toContain('score 20 (dangerous)');
    expect(shown.stdout).toContain('filed under new, spam');
    expect(shown.stdout).toContain('listed as bad.example/');
    expect(shown.code).toBe(1);
  });

  it('shows canonical forms without checking anything', async () => {
    const ended = await vedette(['url', '--canonical', 'HTTP://Example.COM:80/a/../b?c#d', 'http://']);
    expect(ended.code).toBe(0);
    expect(records(ended)).toEqual([
      { url: 'HTTP://Example.COM:80/a/../b?c#d', canonical: 'http://example.com/b?c', expressions: ['example.com/b?c', 'example.com/b', 'example.com/'] },
      { url: 'http://', canonical: null, reason: expect.any(String) as string },
    ]);
  });

  it('wants a URL', async () => {
    const ended = await vedette(['url', ...patterns()]);
    expect([ended.code, oneLine(ended.stderr)]).toEqual([2, 'vedette: nothing to check: give URLs, a list of them with --file, or - for standard input\n']);
  });
});

describe('explain', () => {
  it('tells every step and changes nothing', async () => {
    const ended = await vedette(['explain', join(tree, 'remote'), ...patterns()]);
    expect(ended.code).toBe(1);
    for (const layer of ['subject', 'lists', 'scan', 'filter', 'cache', 'query', 'verdict', 'decision']) {
      expect(ended.stdout).toMatch(new RegExp(`^  ${layer} `, 'm'));
    }
    expect(ended.stdout).toContain(remoteName);
    expect(ended.stdout.split('\n').slice(1).filter((line) => line.length > 100)).toEqual([]);
  });

  it('takes a URL, and prints JSON on request', async () => {
    const [record] = records(await vedette(['explain', badUrl, ...patterns(), '--json']));
    expect(record).toMatchObject({ kind: 'url', disposition: 'malicious', trace: expect.arrayContaining([expect.objectContaining({ layer: 'query' })]) as unknown });
  });

  it.each([
    ['a directory', () => [tree, ...patterns()], /is a directory/],
    ['what is not there', () => ['nowhere', ...patterns()], /nowhere: no such file/],
  ])('refuses %s', async (_, args, message) => {
    const ended = await vedette(['explain', ...args()]);
    expect(ended.code).toBe(2);
    expect(oneLine(ended.stderr)).toMatch(message);
  });
});
