import { describe, expect, it } from 'vitest';
import { readLdb } from '../../src/compile/readers/logical/clamav-ldb.js';
import type { LogicalExpression, LogicalSignature, SignatureBody } from '../../src/pattern/signature.js';
import { contextOf } from './context.js';

const read = (text: string) => readLdb(text, contextOf('set.ldb'));
const signatureOf = (line: string): LogicalSignature | undefined => read(line).logical[0];
const reasonOf = (line: string): string | undefined => read(line).skipped[0]?.reason;

/** A line with as many subsignatures as the expression speaks of. */
const withExpression = (expression: string): string => {
  const parts = Math.max(...[...expression.matchAll(/(?<![-=<>,\d]) *(\d+)/g)].map(([, digits]) => Number(digits)), 0) + 1;
  return `T;Target:0;${expression};${Array.from({ length: Math.min(parts, 70) }, () => 'aabb').join(';')}`;
};
const part = (number: number): LogicalExpression => ({ kind: 'part', part: number });
const count = (of: LogicalExpression, compare: '=' | '>' | '<', number: number, distinct?: number): LogicalExpression => ({
  kind: 'count', of, compare, count: number, ...(distinct === undefined ? {} : { distinct }),
});
const and = (...terms: LogicalExpression[]): LogicalExpression => ({ kind: 'and', terms });
const or = (...terms: LogicalExpression[]): LogicalExpression => ({ kind: 'or', terms });

describe('a logical expression', () => {
  it.each<[string, LogicalExpression]>([
    ['0', part(0)],
    ['((0))', part(0)],
    ['00', part(0)],
    ['0&1&2', and(part(0), part(1), part(2))],
    ['0|1|2', or(part(0), part(1), part(2))],
    ['(0&1)|2', or(and(part(0), part(1)), part(2))],
    ['0&(1&2)', and(part(0), and(part(1), part(2)))],
    // clamscan: an operator takes all that is right of it.
    ['0&1|2', and(part(0), or(part(1), part(2)))],
    ['0|1&2', or(part(0), and(part(1), part(2)))],
    ['0=0', count(part(0), '=', 0)],
    ['0>2', count(part(0), '>', 2)],
    ['0<10&1', and(count(part(0), '<', 10), part(1))],
    ['(0|1)>2', count(or(part(0), part(1)), '>', 2)],
    ['(0|1)>2,2', count(or(part(0), part(1)), '>', 2, 2)],
    ['(0|1)=2,0', count(or(part(0), part(1)), '=', 2)],
    ['((0|1)>1|2)<9,1', count(or(count(or(part(0), part(1)), '>', 1), part(2)), '<', 9, 1)],
    // A single number matched exactly once cannot have matched in two ways.
    ['0=2,2', count(part(0), '=', 2)],
    ['0 & 1', and(part(0), part(1))],
    // Slips in published sets, as clamscan reads them.
    ['0i&1', and(part(0), part(1))],
    ['0&1,1-5', and(part(0), part(1))],
    ['0>=2', count(part(0), '=', 2)],
    ['0=3,1>1', count(part(0), '>', 1)],
  ])('%s is read', (text, expected) => {
    expect(signatureOf(withExpression(text))?.expression).toEqual(expected);
  });

  it.each([
    '', '()', '(0', '0)', '0&', '&0', '0&&1', '0|', '!0', 'x', '0=', '0>x', '0=2>', '(0)=2', '(0=2)=1', '((0|1)>1)>0', '((0|1))>1', '0(1)', '(0)(1)', '0&()', '(0|1)i>1',
    '(0|1)>1i', '(0|1) >1', '(0|1) & 2', '2& (0)', '0)&(1', '64', '0=99999999999',
  ])('%j is reported, as clamscan refuses it', (text) => {
    expect(reasonOf(withExpression(text))).toMatch(/expression|subsignatures/);
  });

  it('is about as many subsignatures as there are', () => {
    expect(reasonOf('T;Target:0;0;aabb;ccdd')).toContain('1 subsignatures, the line has 2');
    expect(reasonOf('T;Target:0;0&1;aabb')).toContain('2 subsignatures, the line has 1');
    expect(reasonOf('T;Target:0;0;aabb;')).toContain('the line has 2');
    expect(reasonOf(withExpression(Array.from({ length: 64 }, (_, i) => i).join('&')))).toBeUndefined();
    expect(reasonOf(withExpression('0&64'))).toContain('64 subsignatures');
  });

  it('has at most 1024 terms, however they are nested', () => {
    const terms = (n: number): string => Array.from({ length: n }, () => '0').join('|');
    expect(reasonOf(withExpression(terms(1024)))).toBeUndefined();
    expect(reasonOf(withExpression(terms(1025)))).toContain('1024');
    expect(reasonOf(withExpression(`${'('.repeat(1023)}0${')'.repeat(1023)}`))).toBeUndefined();
    expect(reasonOf(withExpression(`${'('.repeat(1024)}0${')'.repeat(1024)}`))).toContain('1024');
    expect(reasonOf(withExpression('(0&'.repeat(200) + '0' + ')'.repeat(200)))).toBeUndefined();
    expect(reasonOf(withExpression('(0&'.repeat(400) + '0' + ')'.repeat(400)))).toContain('256');
  });
});

const bodiesOf = (text: string, target = 0): readonly SignatureBody[] | undefined => {
  const first = signatureOf(`T;Engine:51-255,Target:${target};0;${text}`)?.parts[0];
  return first?.kind === 'bodies' ? first.bodies : undefined;
};
const run = (value: number[], mask = value.map(() => 255)) => ({ kind: 'bytes', value: Uint8Array.from(value), mask: Uint8Array.from(mask) });

describe('a body of a logical signature', () => {
  it('may have two bytes, an offset before it and modifiers behind it', () => {
    expect(bodiesOf('aabb')).toEqual([{ offset: { kind: 'any' }, nodes: [run([0xaa, 0xbb])] }]);
    expect(bodiesOf('EOF-7,3:aabb::')).toEqual([{ offset: { kind: 'end', before: 7, shift: 3 }, nodes: [run([0xaa, 0xbb])] }]);
    expect(bodiesOf('SL+3:aabb', 1)?.[0]?.offset).toEqual({ kind: 'section', section: 'last', by: 3, shift: 0 });
    expect(bodiesOf('aabb::f')).toEqual([{ offset: { kind: 'any' }, nodes: [run([0xaa, 0xbb])], fullword: true }]);
    expect(bodiesOf('aabb::a')).toEqual(bodiesOf('aabb'));
    expect(bodiesOf('aabb::ffa')).toEqual(bodiesOf('aabb::f'));
  });

  it('matches whole letters in either case by `i`, and nothing else', () => {
    expect(bodiesOf('61425b40{1}c1::i')?.[0]?.nodes).toEqual([run([0x41, 0x42, 0x5b, 0x40, 0, 0xc1], [0xdf, 0xdf, 255, 255, 0, 255])]);
    expect(bodiesOf('7a616?::i')?.[0]?.nodes).toEqual([run([0x5a, 0x41, 0x60], [0xdf, 0xdf, 0xf0])]);
    expect(bodiesOf('3132(61|6b5b)::i')?.[0]?.nodes[1]).toMatchObject({ options: [{ value: Uint8Array.of(0x41) }, { value: Uint8Array.of(0x4b, 0x5b), mask: Uint8Array.of(0xdf, 255) }] });
  });

  it('is of two bytes a character by `w`, but for gaps', () => {
    expect(bodiesOf('6162::w')).toEqual([{ offset: { kind: 'any' }, nodes: [run([0x61, 0, 0x62, 0])], wide: true }]);
    expect(bodiesOf('61??6?::w')?.[0]?.nodes).toEqual([run([0x61, 0, 0, 0, 0x60, 0], [255, 255, 0, 255, 0xf0, 255])]);
    expect(bodiesOf('61{2}62::w')?.[0]?.nodes).toEqual([run([0x61, 0, 0, 0, 0x62, 0], [255, 255, 0, 0, 255, 255])]);
    expect(bodiesOf('61*62{3-4}63::w')?.[0]?.nodes.map(({ kind }) => kind)).toEqual(['bytes', 'gap', 'bytes', 'gap', 'bytes']);
    expect(bodiesOf('6162[1-2]63::w')?.[0]?.nodes).toEqual([run([0x61, 0, 0x62, 0]), { kind: 'gap', min: 1, max: 2 }, run([0x63, 0])]);
    expect(bodiesOf('(B)61(62|6364)::w')?.[0]?.nodes).toMatchObject([{ kind: 'class' }, run([0x61, 0]), { options: [{ value: Uint8Array.of(0x62, 0) }, { value: Uint8Array.of(0x63, 0, 0x64, 0) }] }]);
  });

  it('is two bodies by `w` and `a`, in both of which the other modifiers hold', () => {
    const nodes = [run([0x41, 0x42], [0xdf, 0xdf])];
    const wide = [run([0x41, 0, 0x42, 0], [0xdf, 255, 0xdf, 255])];
    const offset = { kind: 'any' };
    expect(bodiesOf('6162::fwia')).toEqual([{ offset, nodes, fullword: true }, { offset, nodes: wide, fullword: true, wide: true }]);
    // Narrow, one of these would have a part of a single byte.
    expect(bodiesOf('61*62::w')).toHaveLength(1);
    expect(bodiesOf('61*62::wa')).toBeUndefined();
  });

  it.each([
    '', 'zz', 'aa', 'aa*bb', 'aa??bb', ' aabb', 'aabb ', 'x:aabb', ':aabb', '1:2:aabb', 'EP+0:aabb', '$1:aabb', 'aabb::x', 'aabb::I', 'aabb:i', 'aabb::i::w', 'aabb:: i',
    'aa::i', 'aa[1-2]bbcc::f', 'aa[1-2]bbcc::wfa', 'aa(bb|cc)ddee::i', 'aa(B)ddee', 'aabb!(61|62)::i', 'aabb!(61|62)::w', 'aabb!(61|62)::f', 'aabb!(61|62)::a',
  ])('%j is reported, as clamscan refuses it', (text) => {
    expect(bodiesOf(text)).toBeUndefined();
    expect(reasonOf(`T;Target:0;0;${text}`)).toContain('subsignature 0: ');
  });
});

describe('a line', () => {
  it('gives name, type, description and parts', () => {
    expect(signatureOf('Win.Trojan.X-1;Engine:51-255,FileSize:10-20,Target:1,EntryPoint:-9,NumberOfSections:2-3;0;aabb')).toMatchObject({
      threat: { name: 'Win.Trojan.X-1', type: 'trojan' },
      description: { target: 1, fileSize: { min: 10, max: 20 }, entryPoint: { min: 0, max: 9 }, numberOfSections: { min: 2, max: 3 } },
    });
  });

  it.each<[string, string | undefined]>([
    ['Target:0', undefined],
    ['Engine:81-255,Target:0', undefined],
    ['Engine:-255,Target:0', undefined],
    ['Engine:81-216,Target:0', undefined],
    ['Engine:81-255,Target:1,Target:7', undefined],
    ['Engine:51-255,Target:0,FileSize:1-10,FileSize:2-20', undefined],
    ['Engine:51-255,Target:0,Container:CL_TYPE_ANY', undefined],
    ['Engine:51-255,Target:0,HandlerType:CL_TYPE_ZIP', undefined],
    ['Engine:51-255,Target:0,Container:CL_TYPE_ZIP', 'needs-unpacking: the signature is for files in CL_TYPE_ZIP'],
    ['Engine:51-255,Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY', 'needs-unpacking'],
    ['Engine:51-255,Target:1,IconGroup1:A', 'unsupported: icons'],
    ['Engine:51-255,Target:1,IconGroup2:*', 'unsupported: icons'],
    ['', 'not of the form keyword:value'],
    ['Engine:81-255', 'names no target type'],
    ['Target:0,Engine:81-255', 'Engine does not come first'],
    ['Engine:81-255,Engine:81-255,Target:0', 'Engine does not come first'],
    ['Engine:217-255,Target:0', 'functionality level 217 and newer'],
    ['Engine:81-215,Target:0', 'up to functionality level 215'],
    ['Engine:81-,Target:0', 'up to functionality level 0'],
    ['Engine:100,Target:0', 'value of Engine'],
    ['Engine:x-y,Target:0', 'value of Engine'],
    ['Target:0,FileSize:1-10', 'need Engine from level 51'],
    ['Engine:50-255,Target:0,FileSize:1-10', 'need Engine from level 51'],
    ['Engine:51-255,Target:0,FileSize:10', 'value of FileSize'],
    ['Engine:51-255,Target:0,FileSize:1-', 'value of FileSize'],
    ['Engine:51-255,Target:0,FileSize:9-1', 'range of FileSize is empty'],
    ['Engine:51-255,Target:0,EntryPoint:1-9', 'need an executable'],
    ['Engine:51-255,Target:3,NumberOfSections:1-9', 'need an executable'],
    ['Engine:51-255,Target:0,IconGroup1:A', 'need a PE file'],
    ['Engine:51-255,Target:0,Container:ZIP', 'value of Container'],
    ['Engine:51-255,Target:0,Container:CL_TYPE_FOO', 'value of Container'],
    ['Engine:51-255,Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_FOO', 'value of Intermediates'],
    ['Engine:51-255,Target:0,HandlerType:CL_TYPE_FOO', 'value of HandlerType'],
    [`Engine:51-255,Target:0,Intermediates:${Array.from({ length: 17 }, () => 'CL_TYPE_ZIP').join('>')}`, 'value of Intermediates'],
    ['Target:8', 'target type 8 is not known'],
    ['Target:14', 'target type 14 is not known'],
    ['Target:x', 'value of Target'],
    ['Target:', 'value of Target'],
    ['Target: 0', 'value of Target'],
    ['target:0', 'keyword target of the description is not known'],
    ['Target:0,Foo:1', 'keyword Foo of the description is not known'],
    ['Target:0,constructor:1', 'keyword constructor of the description is not known'],
    ['Target:0,Foo', 'not of the form keyword:value'],
    ['Target:0,', 'not of the form keyword:value'],
  ])('described by %j: %s', (description, reason) => {
    const found = reasonOf(`T;${description};0;aabb`);
    expect(reason === undefined ? found : found?.includes(reason)).toBe(reason === undefined ? undefined : true);
  });

  it('needs a name, even where no subsignature is a body', () => {
    expect(reasonOf(';Target:0;0;${1-2}3$')).toContain('name');
    expect(reasonOf('T;Target:0;0;${1-2}3$')).toBeUndefined();
  });

  it('is accounted for, whatever it is', () => {
    const lines = ['# c', '', 'A;Target:0;0;aabb', 'bad', ';Target:0;0;aabb', 'B;Target:0', `${'n'.repeat(1025)};Target:0;0;aabb`, 'C;Target:0;0;aabb', 'T;Engine:51-255,Target:0,Container:CL_TYPE_ZIP;0;zz'];
    const output = read(lines.join('\r\n'));
    expect([output.lines, output.loaded]).toEqual([9, 2]);
    expect(output.logical.map(({ threat }) => threat.name)).toEqual(['A', 'C']);
    expect(output.skipped.map(({ line, signature }) => [line, signature?.slice(0, 3)])).toEqual([[4, 'bad'], [5, undefined], [6, 'B'], [7, 'nnn'], [9, 'T']]);
    // What is wrong with a line is said before what vedette has not.
    expect(output.skipped.at(-1)?.reason).toContain('subsignature 0');
  });
});
