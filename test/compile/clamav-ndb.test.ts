import { describe, expect, it } from 'vitest';
import { threatFromName } from '../../src/compile/readers/threat-from-name.js';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import { functionalityLevel } from '../../src/compile/readers/clamav-level.js';
import type { SignatureNode, SignatureOffset } from '../../src/pattern/signature.js';
import { contextOf } from './context.js';

const read = (text: string) => readNdb(text, contextOf('set.ndb'));
const node = (text: string): SignatureNode[] => [...(read(`T:0:*:${text}`).signatures[0]?.nodes ?? [])];
const reasonOf = (line: string): string | undefined => read(line).skipped[0]?.reason;

const bytes = (value: number[], mask = value.map(() => 255)): SignatureNode => ({ kind: 'bytes', value: Uint8Array.from(value), mask: Uint8Array.from(mask) });
const gap = (min: number, max?: number): SignatureNode => ({ kind: 'gap', min, ...(max === undefined ? {} : { max }) });
const either = (...options: number[][]): SignatureNode => ({
  kind: 'alternatives',
  negated: false,
  options: options.map((value) => ({ value: Uint8Array.from(value), mask: Uint8Array.from(value, () => 255) })),
});
const [ab, cd] = [bytes([0xaa, 0xbb]), bytes([0xcc, 0xdd])];

describe('a body', () => {
  it.each<[string, SignatureNode[]]>([
    ['aaBBcc', [bytes([0xaa, 0xbb, 0xcc])]],
    ['aabb??a??a', [bytes([0xaa, 0xbb, 0, 0xa0, 0x0a], [255, 255, 0, 0xf0, 0x0f])]],
    ['aabb*ccdd', [ab, gap(0), cd]],
    ['aabb{2-4}ccdd', [ab, gap(2, 4), cd]],
    ['aabb{-4}ccdd', [ab, gap(0, 4), cd]],
    ['aabb{4-}ccdd', [ab, gap(4), cd]],
    ['aabb{2-2}ccdd', [bytes([0xaa, 0xbb, 0, 0, 0xcc, 0xdd], [255, 255, 0, 0, 255, 255])]],
    ['aabb{128}ccdd', [ab, gap(128, 128), cd]],
    // Short exact gaps are bytes of anything: they may stand where a dividing gap may not.
    ['{1}aabb{2}', [bytes([0, 0xaa, 0xbb, 0, 0], [0, 255, 255, 0, 0])]],
    ['aabb*{1}ccdd', [ab, gap(0), bytes([0, 0xcc, 0xdd], [0, 255, 255])]],
    // These bound nothing for clamscan, whatever the documentation would make of them.
    ['aabb{0}ccdd', [ab, gap(0), cd]],
    ['aabb{-0}ccdd', [ab, gap(0), cd]],
    ['aabb{0-0}ccdd', [ab, gap(0), cd]],
    ['aa[1-32]bbcc', [bytes([0xaa]), gap(1, 32), bytes([0xbb, 0xcc])]],
    ['aabb[3]cc', [ab, gap(3, 3), bytes([0xcc])]],
    ['aa[0-1]bbcc[0-2]dd', [bytes([0xaa]), gap(0, 1), bytes([0xbb, 0xcc]), gap(0, 2), bytes([0xdd])]],
    ['aabb(cc|dd)', [ab, either([0xcc], [0xdd])]],
    ['aabb(cc|dddd|)', [ab, either([0xcc], [0xdd, 0xdd], [])]],
    ['aabb!(cc|dd)', [ab, { ...either([0xcc], [0xdd]), negated: true } as SignatureNode]],
    ['aabb(11(22|33)44)', [ab, either([0x11, 0x22, 0x44], [0x11, 0x33, 0x44])]],
    ['aabb((11|22)(33|44)|55)', [ab, either([0x11, 0x33], [0x11, 0x44], [0x22, 0x33], [0x22, 0x44], [0x55])]],
    ['(B)aabb', [{ kind: 'class', of: 'word-boundary', negated: false }, ab]],
    ['aabb!(L)*ccdd(W)', [ab, { kind: 'class', of: 'line-boundary', negated: true }, gap(0), cd, { kind: 'class', of: 'non-alphanumeric', negated: false }]],
  ])('%s is read', (text, expected) => {
    expect(node(text)).toEqual(expected);
  });

  it('may have nibbles and exact gaps in its alternatives', () => {
    expect(node('aabb(c?{2}|?d)')).toEqual([
      ab,
      {
        kind: 'alternatives',
        negated: false,
        options: [
          { value: Uint8Array.of(0xc0, 0, 0), mask: Uint8Array.of(0xf0, 0, 0) },
          { value: Uint8Array.of(0x0d), mask: Uint8Array.of(0x0f) },
        ],
      },
    ]);
  });

  it.each([
    // Everything here is refused by clamscan 1.4.6 too, unless the comment says otherwise.
    '', 'aab', 'aabb', 'aa', 'zz', 'aabbcc ', 'aabbc(', 'aabb)cc', 'aabb!cc', '*aabb', 'aabb*', 'aabb**ccdd', '{3-}aabb', 'aabb{3-}', '{128}aabb',
    'aabb{3-4}{4-5}ccdd', 'aabb*cc', 'aabb{128}cc', 'a?b?c?', 'aa??bb', '?aab', 'aa(bb|cc)dd', 'aabb*(aa|bb)', 'aabb{1-2-3}ccdd', 'aabb{a}ccdd', 'aabb{1',
    'aa[2-4]bb', 'aabb[2-4]ccdd', 'bbcc[2-33]aa', 'bbcc[4-2]aa', 'bbcc[-2]aa', '[1-2]aabb', 'aabb[1-2]', 'aa[1-2]bb[1-2]ccdd', 'bbcc[1-2](aa|bb)', '(aa)[1-2]bbcc', 'bbcc[1-2]aa??',
    'ccdd()', 'ccdd(|)', 'ccdd(aaa|bb)', 'ccdd(aa|bb', 'ccdd!(aa|bbbb)', 'ccdd!(a?|bb)', 'ccdd!(aa(bb|cc)|dddd)', 'ccdd(aa!(bb|cc)|dd)', 'ccdd(aa*bb|cc)', 'ccdd(aa{1-3}bb|cc)', 'ccdd(aa{128}bb|cc)', 'ccdd(aa[1-3]bb|cc)',
    // Not refused by clamscan, but without a meaning that anybody documents.
    'aabb{}ccdd', 'aabb{-}ccdd', 'aabb{4-3}ccdd', 'aabb[3-]cc', 'aabb{ 3}ccdd', 'aabb{99999999999}ccdd',
    // A class is no byte: these have no two exact bytes in a row.
    '(B)', '(B)aa', 'aa(B)bb', '(B)*aabb', '(X)aabb', '(b)aabb', '(B|L)aabb', '((B)|aa)bbcc',
    // Two places have to come before anything that is not one place wide.
    'aa(B)bbcc', '??(L)bbcc', 'aa(bbbb|cc)ddee', 'aa(bb|)ddee', 'aa!(bbbb|cccc)ddee', '(aa|bb)(W)ccdd', '!(aa|bb)(W)ccdd', '(B)aa(W)bbcc', 'aabb*cc(B)ddee',
  ])('%j is reported', (text) => {
    const output = read(`Name:0:*:${text}`);
    expect(output.signatures).toEqual([]);
    expect(output.skipped).toMatchObject([{ line: 1, signature: 'Name' }]);
  });

  it.each(['aa(B)bbcc', '??(L)bbcc', 'aa(bbbb|cc)ddee', '(aa|bb)(W)ccdd', 'aabb*cc(B)ddee'])(
    '%s is reported for targets 0, 1, 4 and 7 only: for other files, clamscan does not look for the first places of parts',
    (text) => {
      const loaded = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13].filter((target) => read(`T:${target}:*:${text}`).loaded === 1);
      expect(loaded).toEqual([2, 3, 5, 6, 9, 10, 11, 12, 13]);
    },
  );

  it('cannot make more of itself than the limits allow', () => {
    const doubled = (depth: number): string => (depth === 0 ? '11' : `(${doubled(depth - 1)}|${doubled(depth - 1)})`);
    expect(reasonOf(`T:0:*:aabb${doubled(10)}`)).toBeUndefined();
    expect(reasonOf(`T:0:*:aabb${doubled(11)}`)).toContain('1024');
    expect(reasonOf(`T:0:*:aabb(${'(11|22)'.repeat(10)})`)).toBeUndefined();
    expect(reasonOf(`T:0:*:aabb(${'(11|22)'.repeat(40)})`)).toContain('1024');
    expect(reasonOf(`T:0:*:aabb${'('.repeat(100_000)}`)).toContain('nested');
    expect(reasonOf(`T:0:*:${'aa'.repeat(65_537)}`)).toContain('65536');
    expect(reasonOf(`T:0:*:aabb${'*ccdd'.repeat(600)}`)).toContain('nodes');
  });
});

describe('an offset', () => {
  it.each([
    ['*', { kind: 'any' }],
    ['0', { kind: 'start', at: 0, shift: 0 }],
    ['10,5', { kind: 'start', at: 10, shift: 5 }],
    ['10,', { kind: 'start', at: 10, shift: 0 }],
    ['EOF-7', { kind: 'end', before: 7, shift: 0 }],
    ['EOF-70,20', { kind: 'end', before: 70, shift: 20 }],
  ])('%s is read', (text, expected) => {
    expect(read(`T:0:${text}:aabbcc`).signatures[0]?.offset).toEqual(expected);
  });

  it.each(['', 'EOF', 'EOF+9', 'eof-9', '-5', '5-3', '*,5', ' 5', '0x5', '99999999999'])('%j is reported', (text) => {
    expect(reasonOf(`T:0:${text}:aabbcc`)).toContain('offset');
  });

  it.each<[string, SignatureOffset]>([
    ['EP+0', { kind: 'entry-point', by: 0, shift: 0 }],
    ['EP-0', { kind: 'entry-point', by: 0, shift: 0 }],
    ['EP-5,3', { kind: 'entry-point', by: -5, shift: 3 }],
    ['S0+4', { kind: 'section', section: 0, by: 4, shift: 0 }],
    ['S12+4,9', { kind: 'section', section: 12, by: 4, shift: 9 }],
    ['SL+1', { kind: 'section', section: 'last', by: 1, shift: 0 }],
    ['SE1', { kind: 'in-section', section: 1 }],
    ['VI', { kind: 'version-information' }],
  ])('%s is read in signatures for executables, and reported in others, as clamscan does', (text, expected) => {
    for (const target of [1, 6, 9]) {
      expect(read(`T:${target}:${text}:aabbcc`).signatures[0]?.offset).toEqual(expected);
    }
    for (const target of [0, 2, 3, 4, 5, 7, 10, 11, 12, 13]) {
      expect(reasonOf(`T:${target}:${text}:aabbcc`)).toContain('needs an executable');
    }
  });

  it.each(['EP', 'EP+', 'EP+-1', 'EP+1x', 'EP+1,2,3', 'ep+1', 'S+1', 'S1', 'S1-1', 'SL', 'SL-1', 'Sx+1', 'SE', 'SEL', 'SE1+1', 'SE1,5', 'VI,5', 'VIx'])(
    '%s is reported for executables too',
    (text) => {
      expect(reasonOf(`T:1:${text}:aabbcc`)).toContain('offset');
    },
  );

  it('may be a macro group, which makes a body of the line that finds nothing by itself', () => {
    const output = read('A:0:$0:aabb\nB:7:$31:aabb*ccdd');
    expect(output.signatures).toEqual([]);
    expect(output.macros).toEqual([
      { name: 'A', body: { target: 0, group: 0, offset: { kind: 'any' }, nodes: [ab] } },
      { name: 'B', body: { target: 7, group: 31, offset: { kind: 'any' }, nodes: [ab, gap(0), cd] } },
    ]);
  });

  it.each(['$', '$x', '$32', '$-1', '$5$', '$5,2', '5$', '$ 5'])('%s is no macro group', (text) => {
    expect(reasonOf(`T:0:${text}:aabbcc`)).toMatch(/macro group|offset/);
  });

  it('is reported where clamscan counts it from elsewhere: before a range in brackets', () => {
    expect(reasonOf('T:0:5:aa[1-2]bbcc')).toContain('ambiguous');
    expect(reasonOf('T:0:5:aabb[1-2]cc')).toBeUndefined();
    expect(reasonOf('T:0:*:aa[1-2]bbcc')).toBeUndefined();
  });
});

describe('a line', () => {
  it('gives name, type and target', () => {
    expect(read('Win.Trojan.Zusy-1-0:0:*:aabbcc').signatures).toMatchObject([{ threat: { name: 'Win.Trojan.Zusy-1-0', type: 'trojan' }, target: 0 }]);
    expect(read('{HEX}php.x.1:0:*:aabbcc').signatures).toMatchObject([{ threat: threatFromName('{HEX}php.x.1') }]);
  });

  it.each([
    [`T:0:*:aabbcc:${functionalityLevel}`, undefined],
    ['T:0:*:aabbcc:17:', undefined],
    [`T:0:*:aabbcc:17:${functionalityLevel}`, undefined],
    [`T:0:*:aabbcc:${functionalityLevel + 1}`, 'functionality level'],
    ['T:0:*:aabbcc:17:30', 'functionality level'],
    ['T:0:*:aabbcc:x', 'functionality level'],
    ['T:0:*:aabbcc:1:2:3', 'two functionality levels at most'],
    ['T:0:*', 'expected name:target:offset:body'],
    [':0:*:aabbcc', 'name'],
    [`${'n'.repeat(1025)}:0:*:aabbcc`, 'name'],
    ...[0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13].map((target): [string, undefined] => [`T:${target}:*:aabbcc`, undefined]),
    ['T:8:*:aabbcc', 'target type 8 is not known'],
    ['T:14:*:aabbcc', 'target type 14 is not known'],
    ['T:999:*:aabbcc', 'target type 999 is not known'],
    // clamscan looks for exact bytes in a way of its own, which needs three of them, for these only.
    ['T:0:*:aabb', '3 of them'],
    ['T:0:0:aabb', '3 of them'],
    ['T:1:0:aabb', '3 of them'],
    ['T:1:*:aabb', undefined],
    ['T:2:0:aabb', undefined],
    ['T:0:*:aabb*ccdd', undefined],
    ['T:0:*:aab?cc', '2 exact bytes'],
    ['T::*:aabbcc', 'target type is no number'],
  ])('%s: %s', (line, reason) => {
    if (reason === undefined) {
      expect(reasonOf(line)).toBeUndefined();
    } else {
      expect(reasonOf(line)).toContain(reason);
    }
  });

  it('is accounted for, whatever it is', () => {
    const text = ['# comment', '', 'A:0:*:aabbcc', 'bad', '  ', 'B:0:*:aabbcc:999', `C:0:*:${'aa'.repeat(600_000)}`, 'D:0:*:aabbcc'].join('\r\n');
    const output = read(text);
    expect(output.lines).toBe(8);
    expect(output.loaded).toBe(2);
    expect(output.signatures.map((one) => one.threat.name)).toEqual(['A', 'D']);
    expect(output.skipped.map(({ line, signature }) => [line, signature])).toEqual([[4, 'bad'], [6, 'B'], [7, undefined]]);
  });
});
