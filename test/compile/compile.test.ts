import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import type { CompileOptions, CompileSource } from '../../src/compile.js';
import { compile } from '../../src/compile.js';
import { keyIdOf, openContainer, verifyContainer } from '../../src/pattern/container.js';
import { decodeFilter } from '../../src/pattern/filter-pattern.js';
import { crypto, signerFrom } from '../pattern/fixtures.js';
import { openCompiled } from './components.js';

const options: CompileOptions = { generation: 3, createdAt: 1_700_000_000_000, hostRule: 'labels5' };
const hash = (text: string, algorithm = 'sha256'): string => createHash(algorithm).update(text).digest('hex');
const source = (name: string, text: string): CompileSource => {
  const format = name.split('.').at(-1) as CompileSource['format'];
  return { name, format, text };
};
const md5Line = (text: string, name: string): string => `${hash(text, 'md5')}:${text.length}:${name}`;

describe('compiling', () => {
  it('fills three components of one generation, which expire after 30 days', async () => {
    const compiled = await compile([source('a.hdb', md5Line('a', 'A'))], options);
    const heads = [compiled.agent, compiled.filter, compiled.server].map((bytes) => openContainer(bytes, { crypto }));
    const common = { generation: 3, createdAt: options.createdAt, expiresAt: options.createdAt + 30 * 86_400_000 };
    expect(heads[0]).toMatchObject({ kind: 'agent-pattern', periodMs: 86_400_000, ...common });
    expect(heads[1]).toMatchObject({ kind: 'filter', periodMs: 3_600_000, ...common });
    expect(heads[2]).toMatchObject({ kind: 'server-pattern', periodMs: 3_600_000, ...common });
    expect(heads[2]!.keyId).toBeUndefined();
    expect(decodeFilter(heads[1]!)).toMatchObject({ covers: 3, hostRule: 'labels5', wants: { md5: [1] } });
    expect(compiled.report).toMatchObject({ ...common, hostRule: 'labels5', bytes: { agent: compiled.agent.length } });
  });

  it('gives the same bytes for the same input', async () => {
    const sources = [source('a.hdb', `${md5Line('a', 'A')}\n${md5Line('b', 'B')}`), source('c.hashes', hash('c'))];
    const signed = { ...options, signer: signerFrom(1) };
    const [first, again] = [await compile(sources, signed), await compile(sources, signed)];
    expect(again).toEqual(first);
    expect(equalBytes((await compile([...sources].reverse(), signed)).server, first.server)).toBe(true);
  });

  it('signs every component with the signer', async () => {
    const signer = signerFrom(1);
    const compiled = await compile([], { ...options, signer });
    for (const bytes of [compiled.agent, compiled.filter, compiled.server]) {
      expect(await verifyContainer(bytes, { crypto, trust: [signer.publicKey] })).toBe(keyIdOf(signer.publicKey, crypto));
    }
  });

  it('reports every source in the form of report.json', async () => {
    const { report } = await compile(
      [source('a.hdb', `# c\n${md5Line('a', 'A')}\n\nbad:1:Bad\n`), source('x.ldb', 'Sig.A;Engine:81-255,Target:0;0&1;6161;fuzzy_img#af2ad01ed42993c7\n#c\n')],
      options,
    );
    expect(JSON.parse(JSON.stringify(report.sources))).toEqual([
      { file: 'a.hdb', format: 'hdb', lines: 4, loaded: 1, ignored: 0, weakApprovals: 0, skipped: [{ line: 4, signature: 'Bad', reason: 'not an MD5, SHA-1 or SHA-256' }], leftOut: [] },
      { file: 'x.ldb', format: 'ldb', lines: 2, loaded: 0, ignored: 0, weakApprovals: 0, skipped: [{ line: 1, signature: 'Sig.A', reason: expect.stringContaining('unsupported') as string }], leftOut: [] },
    ]);
    const none = { signatures: 0, logical: 0, macros: 0, sectionHashes: 0, importHashes: 0 };
    expect(report.counts).toEqual({ ...none, hashes: { file: { sha256: 0, sha1: 0, md5: 1 }, url: 0 }, allow: 0 });
  });

  it('puts signatures of content and hashes of parts of files into the agent pattern, and says what each section costs', async () => {
    const md5 = hash('a', 'md5');
    const lines: Record<string, string> = {
      'a.ndb': 'Byte:0:*:616263\nMacro:0:$3:646566\nMacro:0:$3:646566',
      'a.ldb': 'Logical;Engine:51-255,Target:0;0&1;616263::i;${3-3}3$\nLogical;Engine:51-255,Target:0;0&1;616263::i;${3-3}3$',
      'a.mdb': `100:${md5}:Section`,
      'a.imp': `${md5}:100:Import`,
      'a.ign2': 'Ignored',
    };
    const ignored = { 'b.ndb': 'Ignored:0:$4:616263', 'b.ldb': 'Ignored;Target:0;0;616263', 'b.msb': `9:${md5}:Ignored`, 'b.imp': `${md5}:9:Ignored` };
    const { agent, server, report } = await compile(Object.entries({ ...lines, ...ignored }).map(([name, text]) => source(name, text)), options);
    const tables = openCompiled({ agent, server, filter: (await compile([], options)).filter, report }).agent;
    expect(tables.logical.map(({ threat }) => threat.name)).toEqual(['Logical']);
    expect(tables.macros.map(({ group, target }) => [group, target])).toEqual([[3, 0]]);
    expect([...tables.sectionHashes.entries()].map(({ threat, size }) => [threat.name, size])).toEqual([['Section', 100]]);
    expect([...tables.importHashes.entries()].map(({ threat, size }) => [threat.name, size])).toEqual([['Import', 100]]);
    expect(report.counts).toMatchObject({ signatures: 1, logical: 1, macros: 1, sectionHashes: 1, importHashes: 1 });
    expect(report.duplicates).toMatchObject({ logical: 1, macros: 1 });
    expect(report.ignored).toBe(4);
    const { sections } = openContainer(agent, { crypto });
    expect(report.sections.agent).toEqual(Object.fromEntries([...sections].map(([name, bytes]) => [name, bytes.length])));
    expect(Object.keys(report.sections.server)).toEqual(['meta', 'hashes']);
  });

  it('keeps one hash under several names and sizes, and drops exact duplicates', async () => {
    const md5 = hash('a', 'md5');
    const compiled = await compile(
      [source('a.hdb', `${md5}:1:A\n${md5}:1:B\n${md5}:2:A\n${md5}:1:A`), source('b.hdb', `${md5}:1:A`), source('ok.fp', `${md5}:1:Ok\n${md5}:1:Ok`)],
      options,
    );
    const found = openCompiled(compiled).server.find('file', 'md5', Uint8Array.from(Buffer.from(md5, 'hex')));
    expect(found.map((one) => [one.size, one.threat.name])).toEqual([[1, 'A'], [1, 'B'], [2, 'A']]);
    expect(compiled.report.duplicates).toMatchObject({ signatures: 0, hashes: 2, allow: 1 });
    expect(compiled.report.weakApprovals).toBe(2);
  });

  it('puts approvals into the allow list, and hashes into the agent pattern only where there is no server', async () => {
    const sources = [source('ok.sfp', `${hash('ok')}:2:Ok`), source('ok.approved-hashes', hash('ok2')), source('a.hashes', hash('a'))];
    const split = openCompiled(await compile(sources, options)).agent;
    expect([split.allow.count, split.hashes.count]).toEqual([2, 0]);
    const local = openCompiled(await compile(sources, { ...options, localHashes: true }));
    expect([local.agent.hashes.count, local.server.count]).toEqual([1, 1]);
  });

  it('holds URLs by the hash of their expression', async () => {
    const opened = openCompiled(await compile([source('bad.urls', 'http://evil.example/a?b\nnot a url')], options));
    const listed = Uint8Array.from(createHash('sha256').update('evil.example/a?b').digest());
    expect(opened.server.find('url', 'sha256', listed)).toHaveLength(1);
    expect(opened.filter.judge({ kind: 'url', algorithm: 'sha256', hash: listed })).toBe('maybe');
  });

  it('uses the Public Suffix List and the portable crypto unless told otherwise', async () => {
    const { report } = await compile([source('bad.domains', 'evil.example')], { generation: 1, createdAt: 0 });
    expect(report).toMatchObject({ hostRule: 'psl', counts: { hashes: { url: 1 } } });
  });
});

describe('ignore lists', () => {
  const sources = (ign2: string): CompileSource[] => [
    source('a.hdb', `${md5Line('a', 'A')}\n${md5Line('b', 'B')}\r\n${md5Line('c', 'A')}\n`),
    source('feed.hashes', hash('d')),
    source('ok.sfp', `${hash('e')}:1:Ok`),
    source('local.ign2', ign2),
  ];
  const names = async (ign2: string): Promise<string[]> =>
    [...openCompiled(await compile(sources(ign2), options)).server.entries()].map((one) => one.threat.name).sort();

  it('leave out every signature of a name, whatever source it comes from, and are counted', async () => {
    expect(await names('')).toEqual(['A', 'A', 'B', 'feed.hash']);
    expect(await names('A\nfeed.hash')).toEqual(['B']);
    const { report } = await compile(sources('A\nOk\nNobody'), options);
    expect(report.sources.map((one) => one.ignored)).toEqual([2, 0, 1, 0]);
    expect(report).toMatchObject({ ignored: 3, counts: { allow: 0 } });
  });

  it('leave out one line by its MD5, until that line changes', async () => {
    expect(await names(`A:${hash(md5Line('a', 'A'), 'md5')}`)).toEqual(['A', 'B', 'feed.hash']);
    expect(await names(`B:${hash(md5Line('b', 'B'), 'md5')}`)).toEqual(['A', 'A', 'feed.hash']);
    expect(await names(`B:${hash('another line', 'md5')}`)).toEqual(['A', 'A', 'B', 'feed.hash']);
    expect(await names(`A:${hash(md5Line('b', 'B'), 'md5')}`)).toEqual(['A', 'A', 'B', 'feed.hash']);
  });

  it('account for lines that are left out, and are no fault when strict', async () => {
    const ign2 = `A:${hash(md5Line('c', 'A'), 'md5')}`;
    const { report } = await compile(sources(ign2), { ...options, strict: true });
    expect(report.sources[0]).toMatchObject({ lines: 3, loaded: 2, skipped: [{ line: 3, signature: 'A' }] });
  });
});

describe('compiling strictly', () => {
  it('refuses sources with lines that cannot be used, and names them all', async () => {
    const attempt = compile([source('a.hdb', 'bad\n# ok\n'), source('b.ldb', 'X;y')], { ...options, strict: true });
    const error: unknown = await attempt.catch((reason: unknown) => reason);
    expect(VedetteError.is(error) && error.code).toBe('pattern-refused');
    expect(VedetteError.is(error) && error.detail).toMatchObject({ cause: 'skipped-lines', skipped: [{ file: 'a.hdb', line: 1 }, { file: 'b.ldb', line: 1, signature: 'X' }] });
    await expect(compile([source('a.hdb', '# nothing\n')], { ...options, strict: true })).resolves.toBeDefined();
  });
});
