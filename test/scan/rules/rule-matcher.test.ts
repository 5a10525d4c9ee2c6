/** Agent patterns on contents: what each kind of signature needs to be found, and what ends a scan early. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import type { ByteSource } from '../../../src/base/subject.js';
import { readNdb } from '../../../src/compile/readers/clamav-ndb.js';
import { readImportHashes, readSectionHashes } from '../../../src/compile/readers/hashes/clamav-pe-hash.js';
import { readLdb } from '../../../src/compile/readers/logical/clamav-ldb.js';
import { encodeHashTable, openHashTable } from '../../../src/pattern/hashes/hash-table.js';
import type { Matcher } from '../../../src/scan/matcher.js';
import type { RuleMatcherOptions } from '../../../src/scan/rules/rule-matcher.js';
import { createRuleMatcher } from '../../../src/scan/rules/rule-matcher.js';
import { contextOf } from '../../compile/context.js';
import { elfFile, peFile, sectionBytes } from '../../support/differential/executables.js';
import { namesOf, scan } from '../../support/scan-feed.js';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const binary = (text: string): Uint8Array => fromLatin1(`\0\0\0\0\x01zz${text}\0\0\0\0\x01`);

function matcherOf(lines: { readonly ndb?: readonly string[]; readonly ldb?: readonly string[] }, options: RuleMatcherOptions = {}): Matcher {
  const bodies = readNdb((lines.ndb ?? []).join('\n'), contextOf());
  const rules = readLdb((lines.ldb ?? []).join('\n'), contextOf());
  expect([...bodies.skipped, ...rules.skipped]).toEqual([]);
  return createRuleMatcher({ signatures: { count: bodies.signatures.length, at: (index) => bodies.signatures[index]! }, logical: rules.logical, macros: bodies.macros.map(({ body }) => body) }, options);
}

const found = async (matcher: Matcher, content: Uint8Array): Promise<string> => namesOf(await scan(matcher, content, { chunks: [3, 50] })).join();

describe('targets', () => {
  const matcher = matcherOf({ ndb: ['Any:0:*:' + hex('marker'), 'Pe:1:*:' + hex('marker'), 'Html:3:*:' + hex('marker'), 'Elf:6:*:' + hex('marker'), 'Text:7:*:' + hex('marker')] });

  it.each([
    ['binary data', binary('marker'), 'Any'],
    ['a PE file', peFile(['marker', '', ''], 0), 'Any,Pe'],
    ['text', fromLatin1('some words and a marker\n'), 'Any,Text'],
    ['text in capitals, in its normalised form only', fromLatin1('SOME WORDS AND A MARKER\n'), 'Any,Text'],
    ['HTML', fromLatin1('<html><body>some words and a MARKER</body></html>\n'), 'Any,Html'],
    ['HTML behind a long text', fromLatin1(`${'word '.repeat(400)}<html><body>marker</body></html>\n`), 'Any,Html'],
    ['five bytes', fromLatin1('marke'), ''],
  ])('of %s', async (_, content, expected) => {
    expect(await found(matcher, content)).toBe(expected);
  });
});

describe('short bodies at fixed places', () => {
  const short = hex('mar');
  const matcher = matcherOf({
    ndb: ['PeEntry', 'PePlace', 'ElfEntry', 'ElfPlace'].map((name) => `${name}:${name.startsWith('Pe') ? 1 : 6}:${name.endsWith('Entry') ? 'EP+0,8' : '1024,8'}:${short}`),
    ldb: [`PeRule;Engine:81-255,Target:1;0;EP+0,8:${short}`, `ElfRule;Engine:81-255,Target:6;0;1024,8:${short}`],
  });

  it.each([
    ['a PE file', peFile(['marker', '', ''], 0), 'PeEntry,PePlace,PeRule'],
    ['an ELF file', elfFile(['marker', '', ''], 0), 'ElfEntry,ElfPlace,ElfRule'],
  ])('of %s are looked for in files of their target only', async (_, content, expected) => {
    expect(await found(matcher, content)).toBe(expected);
  });
});

describe('a macro', () => {
  const matcher = matcherOf({ ndb: [`A:0:$5:${hex('one')}`, `B:0:$5:${hex('two')}`, `C:0:$6:${hex('six')}`], ldb: [`T;Engine:81-255,Target:0;0&1;${hex('mark')};\${6-7}5$`] });

  it.each<[string, string]>([['mark..one', 'T'], ['mark...two', 'T'], ['mark.two', ''], ['mark....one', ''], ['mark..six', ''], ['one', ''], ['markmark..one', 'T']])('on %s', async (content, expected) => {
    expect(await found(matcher, binary(content))).toBe(expected);
  });
});

describe('a cut content', () => {
  const matcher = matcherOf({ ndb: [`End:0:EOF-11:${hex('marker')}`], ldb: [`Rule;Engine:81-255,Target:0,FileSize:1-500;0=0;${hex('never')}`] });

  it('has no end: what depends on it is not told', async () => {
    const content = binary('marker');
    expect((await scan(matcher, content, { size: content.length })).incomplete).toBeUndefined();
    const cut = await scan(matcher, content, { size: content.length + 1 });
    expect(cut.incomplete).toBe('limit');
    expect(cut.findings.map(({ threat }) => threat.name)).not.toContain('End');
  });
});

describe('an expression', () => {
  const options = { budget: { base: 500, perByte: 0 } };

  it('is searched for when its trigger holds', async () => {
    const matcher = matcherOf({ ldb: [`T;Engine:81-255,Target:0;1;${hex('mark')};0=2/a[0-9]+b/`] });
    expect(await found(matcher, binary('mark a123b mark'))).toBe('T');
    expect(await found(matcher, binary('mark a123b'))).toBe('');
  });

  it('that is too hard for the budget leaves the scan incomplete', async () => {
    const matcher = matcherOf({ ldb: [`T;Engine:81-255,Target:0;1;${hex('mark')};0/(x+x+)+\\1y/`] }, options);
    expect((await scan(matcher, binary(`mark${'x'.repeat(3000)}zy`))).incomplete).toBe('budget');
  });
});

describe('hashes of parts of a PE file', () => {
  const file = peFile(['first section', 'second section', ''], 4);
  const section = file.subarray(1024 + sectionBytes, 1024 + 2 * sectionBytes);
  const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');
  const tableOf = (entries: ReturnType<typeof readSectionHashes>['sectionHashes']) => openHashTable(encodeHashTable(entries));
  const matcherWith = (sections: string): Matcher =>
    createRuleMatcher(
      {
        signatures: { count: 0, at: () => expect.fail('there is none') },
        logical: [],
        macros: [],
        sectionHashes: tableOf(readSectionHashes(sections, contextOf('x.mdb')).sectionHashes),
        importHashes: tableOf(readImportHashes('', contextOf('x.imp')).importHashes),
      },
      { createHash: (algorithm) => createHash(algorithm) },
    );

  it.each(['md5', 'sha1', 'sha256'])('are found by %s and size', async (algorithm) => {
    expect(await found(matcherWith(`${sectionBytes}:${digest(algorithm, section)}:Section`), file)).toBe('Section');
    expect(await found(matcherWith(`${sectionBytes - 1}:${digest(algorithm, section)}:Section`), file)).toBe('');
    expect(await found(matcherWith(`${sectionBytes}:${digest(algorithm, section)}:Section`), binary('no executable'))).toBe('');
  });

  it('are not asked for of a content that says nothing about its sections', async () => {
    const broken = Uint8Array.from(file);
    broken[0x80] = 0;
    expect(await found(matcherWith(`${sectionBytes}:${digest('md5', section)}:Section`), broken)).toBe('');
  });
});

describe('a source', () => {
  it('that counts wrong is refused', async () => {
    const matcher = matcherOf({ ldb: [`T;Engine:81-255,Target:0;0&1;${hex('mark')};0(>>4#il1#=1)`] });
    const lying: ByteSource = { read: () => 10_000 };
    await expect(scan(matcher, binary('mark\x01'), { source: lying })).rejects.toThrow('a byte source returned 10000');
  });

  it('is not read where nothing asks for it', async () => {
    const matcher = matcherOf({ ndb: [`A:0:*:${hex('mark')}`], ldb: [`T;Engine:81-255,Target:0;0>1;${hex('mark')}`] });
    const unread: ByteSource = { read: () => expect.fail('the source was read') };
    expect(namesOf(await scan(matcher, binary('mark mark'), { source: unread }))).toEqual(['A', 'T']);
  });
});
