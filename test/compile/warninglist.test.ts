/** Warning lists keep false positives out of what other sources list, and every entry that is left out is told. */
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { compile, type CompileSource, type SourceReport } from '../../src/compile.js';
import { readers } from '../../src/compile/readers/index.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { contextOf } from './context.js';

const options = { generation: 1, createdAt: Date.UTC(2025, 0, 1) };
const warning = (content: object): CompileSource => ({ name: 'top.json', format: 'warninglist', text: JSON.stringify({ name: 'Top sites', ...content }) });

async function reportOn(sources: readonly CompileSource[]): Promise<{ readonly sources: readonly SourceReport[]; readonly urls: number; readonly files: number }> {
  const { report } = await compile(sources, options);
  return { sources: report.sources, urls: report.counts.hashes.url, files: report.counts.hashes.file.sha256 };
}

const leftOut = (report: { readonly sources: readonly SourceReport[] }): string[] =>
  report.sources.flatMap(({ file, leftOut: parts }) => parts.map(({ line, signature, reason }) => `${file}:${line} ${signature ?? ''} ${reason}`));

describe('a warning list', () => {
  const urls: CompileSource = { name: 'urls.txt', format: 'urls', text: 'http://google.example/\n\nhttp://www.google.example/evil?x\nhttp://bad.example/x\nhttp://10.1.2.3/x\n' };
  const domains: CompileSource = { name: 'domains.txt', format: 'domains', text: 'google.example\nbad.example\nmail.google.example' };

  it('of hosts leaves out what is listed for these hosts and below, and says which line of which source', async () => {
    const list = ['google.example'];
    const whole = await reportOn([urls, domains, warning({ type: 'hostname', matching_attributes: ['domain', 'hostname'], list })]);
    expect(leftOut(whole)).toEqual([
      'urls.txt:1 google.example/ on the warning list "Top sites"',
      'domains.txt:1 google.example/ on the warning list "Top sites"',
      'domains.txt:3 mail.google.example/ on the warning list "Top sites"',
    ]);
    expect(whole.urls).toBe(4);
    const everything = await reportOn([warning({ type: 'hostname', matching_attributes: ['url', 'domain'], list }), urls, domains]);
    expect(leftOut(everything)).toContain('urls.txt:3 www.google.example/evil?x on the warning list "Top sites"');
    expect(everything.urls).toBe(3);
    expect(everything.sources.map(({ file, lines, loaded, skipped }) => [file, lines, loaded, skipped.length])).toEqual([['top.json', 1, 1, 0], ['urls.txt', 5, 4, 0], ['domains.txt', 3, 3, 0]]);
  });

  it('is no fault of the sources: strict compilation goes through', async () => {
    const sources = [domains, warning({ type: 'hostname', list: ['google.example'] })];
    expect((await compile(sources, { ...options, strict: true })).report.counts.hashes.url).toBe(1);
  });

  it.each<readonly [object, readonly string[]]>([
    [{ type: 'string', list: ['bad.example', 'http://www.google.example/evil?x'] }, ['urls.txt:3', 'domains.txt:2']],
    [{ list: ['http://bad.example/x'] }, ['urls.txt:4']],
    [{ type: 'substring', list: ['OGLE.exa'] }, ['urls.txt:1', 'urls.txt:3', 'domains.txt:1', 'domains.txt:3']],
    [{ type: 'cidr', list: ['10.0.0.0/8', '2001:db8::/32'] }, ['urls.txt:5']],
    [{ type: 'cidr', list: ['10.1.2.3'] }, ['urls.txt:5']],
    [{ type: 'cidr', list: ['10.1.2.2/31', '10.1.2.4/30'] }, ['urls.txt:5']],
    [{ type: 'cidr', list: ['0.0.0.0/0'] }, ['urls.txt:5']],
    [{ type: 'cidr', list: ['10.1.2.4/30', '11.0.0.0/8'] }, []],
    [{ type: 'hostname', matching_attributes: ['md5'], list: ['google.example'] }, []],
    [{ type: 'hostname', list: ['ogle.example', 'example'] }, []],
  ])('%j leaves out %j', async (content, expected) => {
    const report = await reportOn([urls, domains, warning(content)]);
    expect(leftOut(report).map((line) => line.split(' ')[0])).toEqual(expected);
  });

  it('of hashes leaves files out, in tables as in feeds', async () => {
    const [good, bad] = ['good', 'bad'].map((text) => toHex(sha256(toUtf8(text))));
    const list = warning({ type: 'string', matching_attributes: ['sha256', 'filename|sha256'], list: [good!.toUpperCase()] });
    const hashes: CompileSource = { name: 'h.csv', format: 'hashes', text: `sha256,name\n${good},A\n${bad},B\n` };
    const misp: CompileSource = { name: 'm.json', format: 'misp', text: JSON.stringify({ Event: { info: 'E', Attribute: [{ type: 'sha256', value: good }] } }) };
    const report = await reportOn([hashes, misp, list]);
    expect(leftOut(report)).toEqual(['h.csv:2 A on the warning list "Top sites"', 'm.json:1 E on the warning list "Top sites"']);
    expect(report.files).toBe(1);
  });

  it('leaves out of a line what it has, and nothing of what the site approves', async () => {
    const hosts: CompileSource = { name: 'hosts', format: 'hosts', text: '0.0.0.0 google.example bad.example' };
    const approved: CompileSource = { name: 'ours.txt', format: 'approved-urls', text: 'http://google.example/' };
    const { report } = await compile([hosts, approved, warning({ type: 'hostname', list: ['google.example'] })], options);
    expect([report.counts.hashes.url, report.counts.allow, leftOut(report).length]).toEqual([1, 1, 1]);
  });

  const read = (content: object): { skipped: string[]; loaded: number } => {
    const output = readers.warninglist(JSON.stringify(content), contextOf('w.json'));
    return { skipped: output.skipped.map(({ line, reason }) => `${line}: ${reason}`), loaded: output.loaded };
  };

  it('is itself accounted for', () => {
    expect(read({ type: 'hostname', list: ['.a.example', 7, 'no host', '*.b.example'] })).toEqual({ loaded: 2, skipped: ['2: not a text', '3: not a domain name'] });
    expect(read({ type: 'string', list: ['word', '10.0.0.0/8', 'a.example'] })).toEqual({ loaded: 2, skipped: ['1: neither a URL, a domain nor a hash'] });
    expect(read({ type: 'substring', list: ['abc', 'abcd'] })).toEqual({ loaded: 1, skipped: ['1: a substring of less than 4 characters'] });
    expect(read({ type: 'cidr', list: ['10.0.0.0/33', '10.0.0/8', '1.2.3.256', '1.2.3.4/8/9', '1.2.3.4/'] }).loaded).toBe(0);
    expect(read({ type: 'regex', list: ['a'] }).skipped).toEqual([expect.stringContaining('regular expressions') as string]);
    expect(read({})).toEqual({ loaded: 0, skipped: [] });
    const many = Array.from({ length: 1001 }, (_, i) => `text${i}`);
    expect([read({ type: 'substring', list: many.slice(1) }).loaded, read({ type: 'substring', list: many }).loaded]).toEqual([1000, 1000]);
  });
});
