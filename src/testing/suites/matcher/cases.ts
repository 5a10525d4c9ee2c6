/** Contents and signatures with the names that must be found in them: the meaning of every part of a signature. */
import type { ByteSignature } from '../../../pattern/signature.js';
import { bytes, gap, noneOf, oneOf, signature, text } from './signatures.js';

/** One row of the table. */
export interface MatcherCase {
  readonly name: string;
  readonly signatures: readonly ByteSignature[];
  /** One character per byte. */
  readonly content: string;
  /** Names of all signatures that match. */
  readonly found: readonly string[];
}

const abcd = text('abcd-marker');

/** The table. Every signature holds a run of at least four fixed bytes. */
export const matcherCases: readonly MatcherCase[] = [
  { name: 'nothing in an empty content', signatures: [signature('A', [abcd])], content: '', found: [] },
  { name: 'nothing by no signatures', signatures: [], content: 'abcd-marker', found: [] },
  { name: 'a literal that is the whole content', signatures: [signature('A', [abcd])], content: 'abcd-marker', found: ['A'] },
  { name: 'a literal at the very end', signatures: [signature('A', [abcd])], content: 'xyzabcd-marker', found: ['A'] },
  { name: 'no literal that lacks its last byte', signatures: [signature('A', [abcd])], content: 'xyzabcd-marke', found: [] },
  { name: 'no literal in another case of letters', signatures: [signature('A', [abcd])], content: 'ABCD-MARKER', found: [] },
  { name: 'a literal that begins within a failed beginning of itself', signatures: [signature('A', [text('aaaab')])], content: 'aaaaaaaaab', found: ['A'] },
  {
    name: 'each of several signatures once, however often it matches',
    signatures: [
      signature('A', [abcd]),
      signature('B', [text('other-marker')]),
    ],
    content: 'abcd-marker other-marker abcd-marker',
    found: ['A', 'B'],
  },
  {
    name: 'signatures of which one is the beginning of another',
    signatures: [
      signature('Short', [text('abcd')]),
      signature('Long', [abcd]),
    ],
    content: 'x abcd-marker',
    found: ['Long', 'Short'],
  },
  { name: 'two signatures with the same body', signatures: [signature('A', [abcd]), signature('B', [abcd])], content: 'abcd-marker', found: ['A', 'B'] },
  { name: 'bytes 00 and ff', signatures: [signature('A', [bytes('00ff00ff0001')])], content: 'x\u0000\u00ff\u0000\u00ff\u0000\u0001y', found: ['A'] },
  { name: 'a wildcard byte', signatures: [signature('A', [bytes('61626364??65')])], content: 'abcdxe', found: ['A'] },
  { name: 'a wildcard byte that must be there', signatures: [signature('A', [bytes('61626364??')])], content: 'xabcd', found: [] },
  {
    name: 'a high and a low nibble',
    signatures: [
      signature('High', [bytes('616263646?')]),
      signature('Low', [bytes('61626364?5')]),
      signature('Neither', [bytes('616263647?')]),
    ],
    content: 'abcde',
    found: ['High', 'Low'],
  },
  { name: 'a wildcard at the beginning', signatures: [signature('A', [bytes('??6162636465')])], content: 'abcde abcde', found: ['A'] },
  { name: 'no wildcard before the first byte', signatures: [signature('A', [bytes('??6162636465')])], content: 'abcde', found: [] },
  { name: 'a gap of exact length', signatures: [signature('A', [abcd, gap(3, 3), text('end')])], content: 'abcd-marker123end', found: ['A'] },
  { name: 'no gap a byte too short', signatures: [signature('A', [abcd, gap(3, 5), text('end')])], content: 'abcd-marker12end', found: [] },
  { name: 'no gap a byte too long', signatures: [signature('A', [abcd, gap(3, 5), text('end')])], content: 'abcd-marker123456end', found: [] },
  {
    name: 'a gap at both of its bounds',
    signatures: [
      signature('Min', [abcd, gap(2, 9), text('x')]),
      signature('Max', [abcd, gap(0, 2), text('x')]),
    ],
    content: 'abcd-marker12x',
    found: ['Max', 'Min'],
  },
  { name: 'an open gap', signatures: [signature('A', [abcd, gap(0), text('far away')])], content: `abcd-marker${'.'.repeat(300)}far away`, found: ['A'] },
  { name: 'an open gap of nothing', signatures: [signature('A', [abcd, gap(0), text('next')])], content: 'abcd-markernext', found: ['A'] },
  { name: 'no parts in the wrong order', signatures: [signature('A', [abcd, gap(0), text('first')])], content: 'first abcd-marker', found: [] },
  { name: 'no parts that overlap', signatures: [signature('A', [text('aaaa'), gap(0), text('aaaa')])], content: 'aaaaaaa', found: [] },
  {
    name: 'a later end of a part when the first leads nowhere',
    signatures: [
      signature('A', [text('head'), gap(0), text('m'), gap(1, 1), text('z')]),
    ],
    content: 'head m..m..m.z',
    found: ['A'],
  },
  {
    name: 'a later beginning when the first leads nowhere',
    signatures: [
      signature('A', [abcd, gap(0, 2), text('z')]),
    ],
    content: 'abcd-marker... abcd-marker.z',
    found: ['A'],
  },
  { name: 'one of the alternatives', signatures: [signature('A', [text('head'), oneOf('6161', '6262'), text('tail')])], content: 'headbbtail', found: ['A'] },
  { name: 'none when no alternative fits', signatures: [signature('A', [text('head'), oneOf('6161', '6262'), text('tail')])], content: 'headcctail', found: [] },
  {
    name: 'alternatives of different lengths, the longer one',
    signatures: [
      signature('A', [text('head'), oneOf('61', '616262'), text('tail')]),
    ],
    content: 'headabbtail',
    found: ['A'],
  },
  { name: 'alternatives with wildcards', signatures: [signature('A', [text('head'), oneOf('6?', '3132'), text('tail')])], content: 'headotail', found: ['A'] },
  { name: 'an alternative first and last', signatures: [signature('A', [oneOf('61', '62'), text('middle'), oneOf('63', '64')])], content: 'bmiddled', found: ['A'] },
  { name: 'a negated alternative', signatures: [signature('Not', [text('head'), noneOf('6161', '6262'), text('tail')])], content: 'headabtail', found: ['Not'] },
  {
    name: 'no negated alternative that is there',
    signatures: [
      signature('Not', [text('head'), noneOf('6161', '6262'), text('tail')]),
    ],
    content: 'headaatail',
    found: [],
  },
  { name: 'no negated alternative past the end', signatures: [signature('Not', [text('head'), noneOf('61')])], content: 'head', found: [] },
  {
    name: 'an offset from the start, exact',
    signatures: [
      signature('At', [abcd], { kind: 'start', at: 3, shift: 0 }),
      signature('Before', [abcd], { kind: 'start', at: 2, shift: 0 }),
      signature('After', [abcd], { kind: 'start', at: 4, shift: 0 }),
    ],
    content: '...abcd-marker',
    found: ['At'],
  },
  {
    name: 'an offset from the start with its shift, at both ends',
    signatures: [
      signature('First', [abcd], { kind: 'start', at: 3, shift: 5 }),
      signature('Last', [abcd], { kind: 'start', at: 0, shift: 3 }),
      signature('Short', [abcd], { kind: 'start', at: 0, shift: 2 }),
    ],
    content: '...abcd-marker',
    found: ['First', 'Last'],
  },
  {
    name: 'an offset where the literal stands a second time',
    signatures: [
      signature('A', [abcd], { kind: 'start', at: 12, shift: 0 }),
    ],
    content: 'abcd-marker abcd-marker',
    found: ['A'],
  },
  { name: 'an offset past the end', signatures: [signature('A', [abcd], { kind: 'start', at: 1_000_000, shift: 0 })], content: 'abcd-marker', found: [] },
  {
    name: 'an offset from the end, exact',
    signatures: [
      signature('At', [abcd], { kind: 'end', before: 13, shift: 0 }),
      signature('Off', [abcd], { kind: 'end', before: 12, shift: 0 }),
    ],
    content: '...abcd-marker..',
    found: ['At'],
  },
  {
    name: 'an offset from the end with its shift, at both ends',
    signatures: [
      signature('First', [abcd], { kind: 'end', before: 13, shift: 4 }),
      signature('Last', [abcd], { kind: 'end', before: 15, shift: 2 }),
      signature('Short', [abcd], { kind: 'end', before: 15, shift: 1 }),
    ],
    content: '...abcd-marker..',
    found: ['First', 'Last'],
  },
  {
    name: 'an offset from the end that is before the start',
    signatures: [
      signature('A', [abcd], { kind: 'end', before: 50, shift: 0 }),
    ],
    content: 'abcd-marker',
    found: [],
  },
  {
    name: 'many parts',
    signatures: [
      signature('A', [text('1one1'), gap(0, 9), text('2'), gap(0), text('3'), gap(1, 1), bytes('3?'), oneOf('35', '3636'), text('7end')]),
    ],
    content: '..1one1...2.......3.4667end',
    found: ['A'],
  },
];
