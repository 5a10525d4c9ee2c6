/** Hashes of parts of PE files (.mdb, .msb, .imp) and container metadata (.cdb), line by line as clamscan 1.4.6 takes them. */
import { describe, expect, it } from 'vitest';
import { readers } from '../../src/compile/readers/index.js';
import { contextOf } from './context.js';

const md5 = '0123456789abcdef0123456789abcdef';
const sha1 = `${md5}01234567`;
const reasonOf = (format: 'mdb' | 'msb' | 'imp' | 'cdb', line: string): string | undefined => readers[format](line, contextOf()).skipped[0]?.reason;

describe('hashes of PE sections', () => {
  it.each(['mdb', 'msb'] as const)('are read from .%s, whatever algorithm the length tells', (format) => {
    const output = readers[format](`100:${md5}:Win.Trojan.A\n7:${sha1}:B:1:255\n7:${md5}${md5}:C\n*:${md5.toUpperCase()}:D:73`, contextOf());
    expect(output.skipped).toEqual([]);
    expect(output.sectionHashes.map(({ algorithm, size, threat, disposition }) => [algorithm, size, threat.name, disposition])).toEqual([
      ['md5', 100, 'Win.Trojan.A', 'malicious'],
      ['sha1', 7, 'B', 'malicious'],
      ['sha256', 7, 'C', 'malicious'],
      ['md5', undefined, 'D', 'malicious'],
    ]);
    expect(output.sectionHashes[0]?.threat.type).toBe('trojan');
  });

  it.each([
    [`*:${md5}:T`, 'level of 73'],
    [`*:${md5}:T:72`, 'level of 73'],
    [`0:${md5}:T`, 'size'],
    [`x:${md5}:T`, 'size'],
    [`4294967295:${md5}:T`, 'size'],
    [`${md5}:100:T`, 'not an MD5'],
    [`100: ${md5}:T`, 'not an MD5'],
    [`100 :${md5}:T`, 'size'],
    [`100:${md5.slice(1)}:T`, 'not an MD5'],
    [`100:${md5}:`, 'name'],
    [`100:${md5}`, 'expected'],
    [`100:${md5}:T:217`, 'level 217'],
    [`100:${md5}:T:1:100`, 'level 100'],
    [`100:${md5}:T:1:2:3`, 'expected'],
  ])('%s is reported: %s', (line, reason) => {
    expect(reasonOf('mdb', line)).toContain(reason);
  });
});

describe('hashes of import tables', () => {
  it('are read from .imp, with any size at any level', () => {
    const output = readers.imp(`${md5}:100:A\n${md5}:*:B\n${sha1}:4294967294:C`, contextOf());
    expect(output.importHashes.map(({ algorithm, size, threat }) => [algorithm, size, threat.name])).toEqual([['md5', 100, 'A'], ['md5', undefined, 'B'], ['sha1', 4_294_967_294, 'C']]);
  });

  it.each([`${md5}:0:T`, `${md5}:T`, `100:${md5}:T`, `${md5}:100:T:1:2:3`, `${md5}:100:T:217`])('%s is reported', (line) => {
    expect(reasonOf('imp', line)).toBeDefined();
  });
});

describe('container metadata', () => {
  it.each([
    'V:CL_TYPE_ZIP:*:.*:*:*:*:*:*:*', 'V:*:*:a.exe:*:*:0:*:*:*', 'V:*:1-5:a:1-5:10:1:1:*:*', 'V:*:*:*:*:*:*:*:*:*', 'V:CL_TYPE_ZIP:*:a:*:*:*:*:deadbeef:*', 'V:*:*:a:*:*:*:*:*:*:1:255',
  ])('%s is reported as needing unpacking', (line) => {
    expect(reasonOf('cdb', line)).toContain('needs-unpacking');
  });

  it.each([
    ['V:FOO:*:a:*:*:*:*:*:*', 'container type'],
    ['V::*:a:*:*:*:*:*:*', 'container type'],
    ['V:CL_TYPE_FOO:*:a:*:*:*:*:*:*', 'container type'],
    ['V:*:*:a:*:*:2:*:*:*', 'encryption'],
    ['V:*:x:a:*:*:*:*:*:*', 'container size'],
    ['V:*:1-:a:*:*:*:*:*:*', 'container size'],
    ['V:*:*::*:*:*:*:*:*', 'file name'],
    ['V:*:*:a:*:*:*:x:*:*', 'position'],
    ['V:*:*:(a:*:*:*:*:*:*', '"'],
    ['V:*:*:a:*:*:*:*:*', 'ten fields'],
    ['V:*:*:a:*:*:*:*:*:*:1:2:3', 'ten fields'],
    ['V:*:*:a:*:*:*:*:*:*:217', 'level 217'],
    [':*:*:a:*:*:*:*:*:*', 'name'],
  ])('%s is reported for what is wrong with it: %s', (line, reason) => {
    expect(reasonOf('cdb', line)).toContain(reason);
  });
});
