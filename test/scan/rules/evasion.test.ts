/** What somebody may do to a content, or to its source, so that it says nothing: the scan then says that it could not tell. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import { bytesSource } from '../../../src/base/subject.js';
import { readNdb } from '../../../src/compile/readers/clamav-ndb.js';
import { readSectionHashes } from '../../../src/compile/readers/hashes/clamav-pe-hash.js';
import { readLdb } from '../../../src/compile/readers/logical/clamav-ldb.js';
import { encodeHashTable, openHashTable } from '../../../src/pattern/hashes/hash-table.js';
import type { LogicalExpression } from '../../../src/pattern/signature.js';
import { expressionFault, logicalLimits } from '../../../src/pattern/signatures/logical-shape.js';
import type { Matcher } from '../../../src/scan/matcher.js';
import { createRuleMatcher } from '../../../src/scan/rules/rule-matcher.js';
import { contextOf } from '../../compile/context.js';
import { namesOf, scan } from '../../support/scan-feed.js';
import { peImage } from '../content/images.js';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

function matcherOf(lines: { readonly ndb?: string; readonly ldb?: string }): Matcher {
  const { signatures } = readNdb(lines.ndb ?? '', contextOf());
  const { logical } = readLdb(lines.ldb ?? '', contextOf());
  return createRuleMatcher({ signatures: { count: signatures.length, at: (index) => signatures[index]! }, logical, macros: [] });
}

function sectionMatcher(lines: string): Matcher {
  const tableOf = (text: string) => openHashTable(encodeHashTable(readSectionHashes(text, contextOf('x.mdb')).sectionHashes));
  const source = { signatures: { count: 0, at: () => expect.fail('there is none') }, logical: [], macros: [] };
  return createRuleMatcher({ ...source, sectionHashes: tableOf(lines), importHashes: tableOf('') }, { createHash: (algorithm) => createHash(algorithm) });
}

function executable(): Uint8Array {
  const image = peImage({ sections: [{ virtualSize: 0x1000, virtualAddress: 0x1000, rawSize: 0x400, rawOffset: 0x400 }], entry: 0x1000, size: 0x800 });
  image.write('markermarker', 0x400, 'latin1');
  return Uint8Array.from(image);
}

const atEntryPoint = matcherOf({ ndb: `Ep:1:EP+0:${hex('markermarker')}` });

describe('a source that ends before the content did', () => {
  it.each([
    ['HTML behind a long text', matcherOf({ ndb: `Html:3:*:${hex('marker')}` }), fromLatin1(`${'word '.repeat(400)}<html><body>marker</body></html>\n`)],
    ['an expression', matcherOf({ ldb: `T;Engine:81-255,Target:0;1;${hex('mark')};0/a[0-9]+b/` }), fromLatin1(`\0\0\0\0\x01mark${'\0'.repeat(3000)}a123b`)],
    ['a byte comparison', matcherOf({ ldb: `T;Engine:81-255,Target:0;0&1;${hex('mark')};0(>>2000#ib1#=5)` }), fromLatin1(`\0\0\0\0\x01mark${'\x05'.repeat(3000)}`)],
    ['headers of an executable', atEntryPoint, executable()],
  ])('leaves the scan incomplete: %s', async (_, matcher, content) => {
    const whole = await scan(matcher, content);
    expect(whole.findings).not.toEqual([]);
    expect(whole.incomplete).toBeUndefined();
    expect((await scan(matcher, content, { source: bytesSource(content.subarray(0, 50)) })).incomplete).toBe('limit');
  });
});

describe('an executable that was cut', () => {
  it('is not told about places that its headers would name', async () => {
    const content = executable();
    expect(await scan(atEntryPoint, content, { size: content.length })).toMatchObject({ findings: [{ threat: { name: 'Ep' } }] });
    expect(await scan(atEntryPoint, content, { size: content.length + 1 })).toEqual({ findings: [], incomplete: 'limit' });
  });

  it('is not told about its sections', async () => {
    const content = executable();
    const digest = createHash('md5').update(content.subarray(0x400, 0x800)).digest('hex');
    const matcher = sectionMatcher(`1024:${digest}:Section`);
    expect(namesOf(await scan(matcher, content, { size: content.length }))).toEqual(['Section']);
    expect(await scan(matcher, content, { size: content.length + 1 })).toEqual({ findings: [], incomplete: 'limit' });
  });
});

describe('sections that share their bytes', () => {
  const size = 0x1000;
  const imageOf = (rawOffsets: readonly number[]): Uint8Array =>
    Uint8Array.from(
      peImage({
        sections: rawOffsets.map((rawOffset, i) => ({ virtualSize: size, virtualAddress: size * (i + 1), rawSize: size, rawOffset })),
        entry: size,
        size: 0x1600,
      }),
    );
  const content = imageOf([0x600, 0x400]);
  const matcher = sectionMatcher(`${size}:${createHash('md5').update(content.subarray(0x400, 0x400 + size)).digest('hex')}:Section`);

  it('do not hide one another', async () => {
    expect(namesOf(await scan(matcher, content))).toEqual(['Section']);
    expect(namesOf(await scan(matcher, imageOf([...Array.from({ length: 10 }, () => 0x600), 0x400])))).toEqual(['Section']);
  });

  it('are not all hashed, and the scan says so', async () => {
    const many = imageOf([0x200, 0x600, 0x600, 0x600]);
    expect((await scan(matcher, many)).incomplete).toBeUndefined();
    expect((await scan(matcher, imageOf([0x0, 0x200, 0x600]))).incomplete).toBe('limit');
  });
});

describe('an expression as deep as may be', () => {
  it.each(['or', 'and', 'count'] as const)('is told without running out of stack: %s', async (kind) => {
    const part = { kind: 'part', part: 0 } as const;
    let expression: LogicalExpression = part;
    for (let depth = 1; depth < logicalLimits.maxDepth; depth++) {
      expression = kind === 'count' ? { kind, of: expression, compare: '>', count: 0 } : { kind, terms: [expression, part] };
    }
    expect(expressionFault(expression, 1)).toBeUndefined();
    const { logical } = readLdb(`T;Engine:81-255,Target:0;0;${hex('mark')}`, contextOf());
    const matcher = createRuleMatcher({ signatures: { count: 0, at: () => expect.fail('there is none') }, logical: [{ ...logical[0]!, expression }], macros: [] });
    expect(namesOf(await scan(matcher, fromLatin1('\0\0\0\0\x01mark')))).toEqual(['T']);
  });
});
