/** The special kinds of subsignatures of an .ldb: macros, byte comparisons, expressions, fuzzy hashes. */
import { describe, expect, it } from 'vitest';
import { readLdb } from '../../src/compile/readers/logical/clamav-ldb.js';
import type { LogicalSignature, Subsignature } from '../../src/pattern/signature.js';
import { contextOf } from './context.js';

const signatureOf = (line: string): LogicalSignature | undefined => readLdb(line, contextOf()).logical[0];
const reasonOf = (line: string): string | undefined => readLdb(line, contextOf()).skipped[0]?.reason;
const special = (text: string): Subsignature | undefined => signatureOf(`T;Engine:51-255,Target:0;0&1;aabb;${text}`)?.parts[1];
const specialReason = (text: string): string | undefined => reasonOf(`T;Engine:51-255,Target:0;0&1;aabb;${text}`);

describe('a macro', () => {
  it.each(['${6-7}12$', '${0-0}0$', '${0-65535}31$'])('%s is read', (text) => {
    const [min, max, group] = text.match(/\d+/g)!.map(Number);
    expect(special(text)).toEqual({ kind: 'macro', min, max, group });
  });

  it.each(['${4}5$', '${4-}5$', '${-4}5$', '${4-4}$', '${4-4}32$', '${4-4}x$', '${4-4}5', '${4-4}5$x', '$5$', '${4-4}5$::i', '8:${4-4}5$', '${a-b}5$', '${5-4}5$', '${0-65536}5$'])(
    '%s is reported',
    (text) => {
      expect(specialReason(text)).toContain('subsignature 1');
    },
  );
});

describe('a byte comparison', () => {
  const comparison = { kind: 'byte-comparison', part: 0, offset: 8, format: 'hex', endian: 'big', exact: false, bytes: 4, conditions: [{ compare: '=', value: 16n }] };

  it.each<[string, object]>([
    ['0(>>8#hb4#=16)', comparison],
    ['0(>>0x8#hb0x4#=0x10)', comparison],
    ['0(>>010#hb04#=020)', comparison],
    ['0(>>+8#hb4#=+16)', comparison],
    ['0(<<8#hb4#=16)', { ...comparison, offset: -8 }],
    ['0(>>-8#hb4#=16)', { ...comparison, offset: -8 }],
    ['0(<<0#hb4#=16)', { ...comparison, offset: 0 }],
    ['0(>>8#hle4#=16)', { ...comparison, endian: 'little', exact: true }],
    ['0(>>8#hel4#=16)', { ...comparison, endian: 'little', exact: true }],
    ['0(>>8#d4#=16)', { ...comparison, format: 'decimal' }],
    ['0(>>8#de4#=16)', { ...comparison, format: 'decimal', exact: true }],
    ['0(>>8#ab4#=16)', { ...comparison, format: 'auto' }],
    ['0(>>8#ib4#=16)', { ...comparison, format: 'raw', exact: true }],
    ['0(>>8#il8#=16)', { ...comparison, format: 'raw', exact: true, bytes: 8, endian: 'little' }],
    ['0(>>8#hb4#>1,<5)', { ...comparison, conditions: [{ compare: '>', value: 1n }, { compare: '<', value: 5n }] }],
    ['0(>>8#hb4#>-1)', { ...comparison, conditions: [{ compare: '>', value: -1n }] }],
    ['0(>>8#hb4#=18446744073709551615)', { ...comparison, conditions: [{ compare: '=', value: 2n ** 63n - 1n }] }],
    ['0(>>8#hb4#>-99999999999999999999)', { ...comparison, conditions: [{ compare: '>', value: -(2n ** 63n) }] }],
  ])('%s is read', (text, expected) => {
    expect(special(text)).toEqual(expected);
  });

  it.each([
    '0(>>8#dl4#=1)', '0(>>8#hlb4#=1)', '0(>>8#il3#=1)', '0(>>8#ib16#=1)', '0(>>8#hb19#=1)', '0(>>8#hb0#=1)', '0(>>8#hb#=1)', '0(>>8#hb4#)', '0(>>8#hb4#1)', '0(>>8#hb4#!1)', '0(>>8#hb4#=x)',
    '0(>>8#hb4#=1,=2,=3)', '0(>>8#hb4#=1,)', '0(>8#hb4#=1)', '0(>>x#hb4#=1)', '0(>>09#hb4#=1)', '0(>>8#hb09#=1)', '0(>>8#hb4#=1', '0(>>8#HB4#=1)', '0(>>8#hb4e#=1)', '0(>>8##=1)', 'x(>>8#hb4#=1)',
    '0|0(>>8#hb4#=1)', '5:0(>>8#hb4#=1)', '0(>>8#hb4#=1#)', '0(>>8#hb4#=1e3)',
  ])('%s is reported, as clamscan refuses it', (text) => {
    expect(specialReason(text)).toContain('subsignature 1');
  });

  it.each(['0(>>8#hb4#=)', '0(>>8#h4#=1)', '0(>>8#ae4#=1)', '0(>>8#i4#=1)', '0(>>8#4#=1)', '0(>>#hb4#=1)', '1(>>8#hb4#=1)', '2(>>8#hb4#=1)', '0(>>8#d1025#=1)', '0(>>4294967296#d4#=1)'])(
    '%s is reported: clamscan takes it, and it says nothing',
    (text) => {
      expect(specialReason(text)).toContain('subsignature 1');
    },
  );

  it('names a body or a macro', () => {
    expect(reasonOf('T;Engine:51-255,Target:0;0&1&2;aabb;0/a/;1(>>8#hb4#=1)')).toContain('subsignature 2');
    expect(reasonOf('T;Engine:51-255,Target:0;0&1&2;aabb;0(>>8#hb4#=1);1(>>8#hb4#=1)')).toContain('subsignature 2');
    expect(reasonOf('T;Engine:51-255,Target:0;0&1&2;aabb;${1-2}3$;1(>>8#hb4#=1)')).toBeUndefined();
  });
});

describe('an expression', () => {
  const pcre = { kind: 'pcre', offset: { kind: 'any' }, trigger: { kind: 'part', part: 0 }, source: 'abc', flags: '' };

  it.each<[string, object]>([
    ['0/abc/', pcre],
    ['0/abc/sim', { ...pcre, flags: 'sim' }],
    ['0/abc/ii', { ...pcre, flags: 'i' }],
    ['0/abc/gresimxAEU', { ...pcre, flags: 'gresimxAEU' }],
    ['0/abc/i::i', { ...pcre, flags: 'i' }],
    ['5,9:0/abc/e', { ...pcre, offset: { kind: 'start', at: 5, shift: 9 }, flags: 'e' }],
    ['(0|0)>1/abc/', { ...pcre, trigger: { kind: 'count', of: { kind: 'or', terms: [pcre.trigger, pcre.trigger] }, compare: '>', count: 1 } }],
    ['0/a\\/b/', { ...pcre, source: 'a\\/b' }],
    ['0/a/b/', { ...pcre, source: 'a/b' }],
    ['0/a:b::c/i', { ...pcre, source: 'a:b::c', flags: 'i' }],
    ['0/a;b/i', { ...pcre, source: 'a;b', flags: 'i' }],
    ['0/a\\/;b/', { ...pcre, source: 'a\\/;b' }],
    ['0/ä/', { ...pcre, source: '\xc3\xa4' }],
  ])('%s is read', (text, expected) => {
    expect(special(text)).toEqual(expected);
  });

  it.each([
    '/abc/', '0/abc', '0//', '0/abc/z', '0/abc/ ', '0/abc/i:', '1/abc/', '0&1/abc/', '2/abc/', 'x/abc/', '8:0:0/abc/', '8,x:0/abc/', '5:/abc/', 'EP+0:0/abc/', '$1:0/abc/', '0/a;b', '0/a(b/', '0/[a/', '0/a{2,1}/',
    '0/(*UTF8)a/', '5:0/abc/i::i', '*:0/abc/::',
  ])('%s is reported', (text) => {
    expect(specialReason(text)).toBeDefined();
  });

  it('that the parser of scans does not take is reported with its reason', () => {
    const context = { ...contextOf(), regexFault: (source: string, flags: string) => `no ${source} with ${flags}` };
    expect(readLdb('T;Target:0;0&1;aabb;0/abc/i', context).skipped[0]?.reason).toBe('subsignature 1: no abc with i');
  });

  it('does not keep a slash in a name from parting the fields', () => {
    expect(signatureOf('Win/Trojan;Target:0;0&1;aabb;0/abc/')?.parts).toHaveLength(2);
  });
});

describe('a fuzzy hash of an image', () => {
  it('is reported as unsupported where clamscan takes it, and as wrong where it does not', () => {
    for (const text of ['fuzzy_img#af2ad01ed42993c7', 'fuzzy_img#AF2AD01ED42993C7#0']) {
      expect(specialReason(text)).toContain('unsupported: fuzzy hashes');
    }
    for (const text of ['fuzzy_img', 'fuzzy_img#', 'fuzzy_img#af2ad01ed42993c', 'fuzzy_img#zz2ad01ed42993c7', 'fuzzy_img#af2ad01ed42993c7#1', 'fuzzy_img#af2ad01ed42993c7::i']) {
      expect(specialReason(text)).toContain('not of the form');
    }
  });
});
