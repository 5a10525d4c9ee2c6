import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import type { ByteSource } from '../../../src/base/subject.js';
import { readNdb } from '../../../src/compile/readers/clamav-ndb.js';
import { readSectionHashes } from '../../../src/compile/readers/hashes/clamav-pe-hash.js';
import { readLdb } from '../../../src/compile/readers/logical/clamav-ldb.js';
import { encodeHashTable, openHashTable } from '../../../src/pattern/hashes/hash-table.js';
import type { Matcher } from '../../../src/scan/matcher.js';
import type { RuleMatcherOptions } from '../../../src/scan/rules/rule-matcher.js';
import { createRuleMatcher } from '../../../src/scan/rules/rule-matcher.js';
import { readExecutable, readExecutableFrom } from '../../../src/scan/content/executable.js';
import { contextOf } from '../../compile/context.js';
import { peImage } from '../content/images.js';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
function matcherOf(lines: { readonly ndb?: readonly string[]; readonly ldb?: readonly string[] }, options: RuleMatcherOptions = {}): Matcher {
  const bodies = readNdb((lines.ndb ?? []).join('\n'), contextOf());
  const rules = readLdb((lines.ldb ?? []).join('\n'), contextOf());
  expect([...bodies.skipped, ...rules.skipped]).toEqual([]);
  return createRuleMatcher({ signatures: { count: bodies.signatures.length, at: (index) => bodies.signatures[index]! }, logical: rules.logical, macros: bodies.macros.map(({ body }) => body) }, options);
}
const memory = (bytes: Uint8Array, end = bytes.length): ByteSource => ({
  read: (at, into) => { const part = bytes.subarray(at, Math.min(end, at + into.length)); into.set(part); return part.length; },
});
async function run(matcher: Matcher, content: Uint8Array, by: { size?: number; source?: ByteSource; allMatches?: boolean } = {}) {
  const session = matcher.open({ allMatches: by.allMatches ?? true, ...(by.size === undefined ? {} : { size: by.size }) });
  session.update(content);
  return session.finish(by.source ?? memory(content), {});
}
const pe = (): Buffer => peImage({ sections: [{ virtualSize: 0x1000, virtualAddress: 0x1000, rawSize: 0x400, rawOffset: 0x400 }], entry: 0x1000, size: 0x800 });

describe('cut executables', () => {
  it('C: EP-relative signature on a cut PE is not clean', async () => {
    const image = pe(); image.write('markermarker', 0x400, 'latin1');
    const m = matcherOf({ ndb: [`Ep:1:EP+0:${hex('markermarker')}`] });
    expect((await run(m, image)).findings.length).toBe(1);
    expect((await run(m, image, { size: image.length + 5 })).incomplete).toBe('limit');
  });
});
describe('sources that end early', () => {
  it.each([
    ['html behind text', matcherOf({ ndb: [`H:3:*:${hex('marker')}`] }), fromLatin1(`${'word '.repeat(400)}<html><body>marker</body></html>\n`)],
    ['pcre', matcherOf({ ldb: [`T;Engine:81-255,Target:0;1;${hex('mark')};0/a[0-9]+b/`] }), fromLatin1(`\0\0\0\0\x01mark${'\0'.repeat(3000)}a123b`)],
    ['bytecompare', matcherOf({ ldb: [`T;Engine:81-255,Target:0;0&1;${hex('mark')};0(>>2000#ib1#=5)`] }), fromLatin1(`\0\0\0\0\x01mark${'\x05'.repeat(3000)}a123b`)],
    ['EP', matcherOf({ ndb: [`Ep:1:EP+0:${hex('markermarker')}`] }), (() => { const i = pe(); i.write('markermarker', 0x400, 'latin1'); return new Uint8Array(i); })()],
  ])('%s', async (_, m, content) => {
    expect((await run(m, content)).findings.length).toBeGreaterThan(0);
    expect((await run(m, content, { source: memory(content, 50) })).incomplete).toBe('limit');
  });
});
describe('section hashes', () => {
  it('a decoy section does not hide another one', async () => {
    const image = peImage({ sections: [
      { virtualSize: 0x1000, virtualAddress: 0x1000, rawSize: 0x1000, rawOffset: 0x600 },
      { virtualSize: 0x1000, virtualAddress: 0x2000, rawSize: 0x1000, rawOffset: 0x400 },
    ], entry: 0x1000, size: 0x1600 });
    const tableOf = (entries: ReturnType<typeof readSectionHashes>['sectionHashes']) => openHashTable(encodeHashTable(entries));
    const md5 = createHash('md5').update(image.subarray(0x400, 0x1400)).digest('hex');
    const m = createRuleMatcher({ signatures: { count: 0, at: () => expect.fail() }, logical: [], macros: [], sectionHashes: tableOf(readSectionHashes(`4096:${md5}:Sect`, contextOf('x.mdb')).sectionHashes), importHashes: tableOf([]) }, { createHash: (a) => createHash(a) });
    expect((await run(m, image)).findings.length).toBe(1);
    expect((await run(m, image, {size: image.length + 1})).incomplete).toBe('limit');
    const many = peImage({ sections: Array.from({ length: 20 }, (_, i) => ({ virtualSize: 0x1000, virtualAddress: 0x1000 * (i + 1), rawSize: 0x1000, rawOffset: 0x3000 - 0x200 * i })), entry: 0x1000, size: 0x4000 });
    expect((await run(m, many)).incomplete).toBe('limit');
  });
});
describe('hostile PE', () => {
  it('many sections and imports in bounded time', async () => {
    const N = 4096;
    const base = 0x200000;
    const size = base + 0x100000;
    const sections = Array.from({ length: N }, (_, i) => ({ virtualSize: 0x1000, virtualAddress: i === 0 ? 0x1000000 : 0x40000000 + i * 0x1000, rawSize: i === 0 ? 0x100000 : 0x200, rawOffset: i === 0 ? base : 0x100000 }));
    const image = peImage({ sections, entry: 0x1000000, size, directories: { 1: [0x1000000, 20 * 2] }, sectionAlignment: 0x1000 });
    image.fill(0x41, base);
    image.writeUInt32LE(0x1000100, base); image.writeUInt32LE(0x1000080, base + 12); image.fill(0, base + 20, base + 40);
    image.write('x.dll\0', base + 0x80, 'latin1');
    let a = 0;
    for (let i = 0; i < 65535; i++) { a = (a + 300007) % 0x80000; image.writeUInt32LE(0x1000000 + 0x70000 + a, base + 0x100 + 4 * i); }
    image.writeUInt32LE(0, base + 0x100 + 4 * 65535);
    for (let i = base + 0x70000; i < base + 0x100000; i += 3) {image[i] = 0;}
    const c = process.cpuUsage(); let t = performance.now();
    const facts = readExecutable(1, image);
    console.log('mem', facts?.sections.length, facts?.imports?.size, performance.now() - t);
    t = performance.now(); let reads = 0, bytes = 0;
    await readExecutableFrom(1, size, async ({ at, length }) => { reads++; const p = image.subarray(at, at + length).slice(); bytes += p.length; return p; });
    console.log('source', reads, bytes, performance.now() - t, process.cpuUsage(c).user / 1000);
  }, 60000);
});
