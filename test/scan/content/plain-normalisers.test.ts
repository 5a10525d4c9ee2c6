/** The fast normalisers beside the plain ones that they took the place of: the same views of any content, however it is cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HtmlNormaliser } from '../../../src/scan/content/html-normaliser.js';
import { HtmlMarks } from '../../../src/scan/content/html-marks.js';
import { patternTypeOf } from '../../../src/scan/content/head/patterns.js';
import type { NormalisedSink, Normaliser } from '../../../src/scan/content/normalise.js';
import { TextNormaliser } from '../../../src/scan/content/text-normaliser.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { plainPatternTypeOf } from '../../support/plain-normalisers/head-patterns.js';
import { PlainHtmlMarks } from '../../support/plain-normalisers/html-marks.js';
import { PlainHtmlNormaliser } from '../../support/plain-normalisers/html-normaliser.js';
import { PlainTextNormaliser } from '../../support/plain-normalisers/text-normaliser.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);

const pieces = [
  ...['<', '>', '"', "'", '&', ';', '=', ' ', '  ', '\n', '\t', '\r\n', '\r', '\0', '\x01', '\x0b', '\x7f', '/', ':', ',', '.', '#', '!', '-'],
  ...['a', 'A', 'Zz', 'word', 'Word ', '9', 'x'.repeat(40), 'some longer words, and a stop. '],
  ...['<a href="', "<A HREF='", '<a href=', '<img src=', '<IMG SRC="', '<b class=', '</a>', '<br/>', '<!--', '-->', '<!x', '<p>', '<a ', 'href', 'hrEF='],
  ...['<script>', '<SCRIPT type=x>', '</script>', '</script ', '</SCRIPT>', '<style>', '</style>', '</sty', '</'],
  ...['data:', '"data:', 'data:image/png;base64,AAAA', 'Data:', '="data:x,y z">'],
  ...['&lt;', '&Lt', '&#', '&#x', '&#65;', '&#x42', '&#8364;', '&#0;', '&#65536;', '&eacute;', '&thetasym;', '&unknownname;', '&amp;amp;'],
  ...['\x80', '\xff', '\xe3\x80\x82', '\xef\xbc\x8e', '\xe3\x80', '\xa1', '\xa1\x43', '\xa1C', '\xa1D', '\xc3\xa4', '\xd0\xb0\xd0\xb1\xd0\xb2\xd0\xb3'],
  ...['<html>', '<iframe', '<IMG', '<Script', '<table', '<Htm', '<xdp:xdp', '%PDF-1.4', 'MZ', 'PK\x03\x04', '\nFrom: x', '\nMIME-Version: 1', '\nContent-type: t', 'PE\0\0'],
];

/** What types are told by at the beginning of a head, and anywhere in it. */
const beginnings = [
  ...['\xca\xfe\xba\xbe\0\0\0\x02', '\xca\xfe\xba\xbe\0\0\0\x34', '\xca\r\r\n', 'xx-lh5-', 'xx-lz4-', 'xx-pm0-', 'xx-lhx-', `${'x'.repeat(8)}\x19\x04\0\x10`],
  ...[`${'x'.repeat(510)}\x55\xaa`, `ER${'x'.repeat(510)}PM\0\0`, 'MIME-Version: 1.0', 'mime-version: 1.0', '<?xml version="1.0"', '\r\r\n'],
];
const typePieces = [
  ...['%PDF-1.4x', `MZ${'x'.repeat(60)}PE\0\0`, `MZ${'x'.repeat(59)}PE\0\0`, 'Rar!\x1a\x07\0', '7z\xbc\xaf\x27\x1c', 'MSCF\0\0\0\0', '\xef\xbe\xad\xdeNullsoftInst', '<xdp:xdp'],
  ...['\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7dAU3!EA06', '\nfrom: a\nMIME-VERSION: 1', '\nReceived: a\ncontent-type: b', '\nContent-Type: x', '<w:wordDocument'],
  ...['progid="Word.Document"?>', '<Workbook', '<A x HREF', '<a  hrEF', '<a hReF', '<Iframe', '<IFRAME', '<object', '<Table'],
];

function content(random: () => number, maxPieces: number): Uint8Array {
  const parts = Array.from({ length: Math.floor(random() * maxPieces) }, () => {
    if (random() < 0.05) {
      return String.fromCharCode(Math.floor(random() * 256));
    }
    return pieces[Math.floor(random() * pieces.length)]!.repeat(random() < 0.02 ? Math.floor(random() * 3000) : 1);
  });
  return Buffer.from(parts.join(''), 'latin1');
}

/** Sizes of chunks: now and then 0, most of them around borders that matter. */
function sizesOf(random: () => number): number[] {
  const most = [3, 60, 1023, 4097, 8192, 20_000][Math.floor(random() * 6)]!;
  return Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * most));
}

function viewsOf(create: (sink: NormalisedSink) => Normaliser, bytes: Uint8Array, sizes: readonly number[]): Record<string, string> {
  const parts: Record<string, Buffer[]> = {};
  const normaliser = create((view, portion) => (parts[view] ??= []).push(Buffer.from(portion)));
  for (const chunk of cut(bytes, sizes)) {
    normaliser.push(chunk);
    chunk.fill(0xee);
  }
  normaliser.finish();
  return Object.fromEntries(Object.entries(parts).map(([view, buffers]) => [view, Buffer.concat(buffers).toString('latin1')]));
}

/** Undefined for the same views; else where they part. */
function difference(views: Record<string, string>, expected: Record<string, string>): object | undefined {
  for (const view of new Set([...Object.keys(views), ...Object.keys(expected)])) {
    const [one = '', other = ''] = [views[view], expected[view]];
    if (one !== other) {
      const at = [...one].findIndex((char, i) => char !== other[i]);
      const from = Math.max(0, (at === -1 ? one.length : at) - 40);
      return { view, at, got: one.slice(from, from + 80), expected: other.slice(from, from + 80) };
    }
  }
  return undefined;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let at = 0;
  return [...sizes, bytes.length].map((size) => {
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
    return chunk;
  });
}

function eachContent(maxPieces: number, check: (bytes: Uint8Array, sizes: readonly number[], seed: number) => void): void {
  for (let seed = 1; seed <= numRuns; seed++) {
    const random = createSeededRandom(seed);
    const bytes = content(random, random() < 0.1 ? 20 * maxPieces : maxPieces);
    check(bytes, sizesOf(random), seed);
  }
}

describe('the fast normaliser', () => {
  it('of HTML makes the views of the plain one', () => {
    eachContent(120, (bytes, sizes, seed) => {
      const expected = viewsOf((sink) => new PlainHtmlNormaliser(sink), bytes, []);
      expect([seed, difference(viewsOf((sink) => new HtmlNormaliser(sink), bytes, []), expected)]).toEqual([seed, undefined]);
      expect([seed, difference(viewsOf((sink) => new HtmlNormaliser(sink), bytes, sizes), expected)]).toEqual([seed, undefined]);
    });
  });

  it('of texts makes the view of the plain one', () => {
    eachContent(3000, (bytes, sizes, seed) => {
      const expected = viewsOf((sink) => new PlainTextNormaliser(sink), bytes, []);
      expect([seed, difference(viewsOf((sink) => new TextNormaliser(sink), bytes, sizes), expected)]).toEqual([seed, undefined]);
    });
  });

  it('differs from the plain one by nothing in random bytes either', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30_000, size: 'max' }), fc.array(fc.nat(9000), { maxLength: 5 }), (bytes, sizes) => {
        expect(difference(viewsOf((sink) => new HtmlNormaliser(sink), bytes, sizes), viewsOf((sink) => new PlainHtmlNormaliser(sink), bytes, []))).toBeUndefined();
        expect(difference(viewsOf((sink) => new TextNormaliser(sink), bytes, sizes), viewsOf((sink) => new PlainTextNormaliser(sink), bytes, []))).toBeUndefined();
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });
});

describe('the fast search', () => {
  it('for marks of HTML finds what the plain one does', () => {
    eachContent(12, (bytes, sizes, seed) => {
      const expected = new PlainHtmlMarks();
      const marks = new HtmlMarks();
      cut(bytes, sizes).forEach((chunk) => {
        expected.push(chunk);
        marks.push(chunk);
      });
      expect([seed, marks.found]).toEqual([seed, expected.found]);
    });
  });

  it('for types in a head tells the plain type', () => {
    eachContent(8, (bytes, [size = 0], seed) => {
      const random = createSeededRandom(seed);
      const begin = Buffer.from(random() < 0.5 ? '' : beginnings[Math.floor(random() * beginnings.length)]!, 'latin1');
      const filler = Buffer.alloc(size % 1024, 'text ');
      const shown = Buffer.from(random() < 0.5 ? '' : typePieces[Math.floor(random() * typePieces.length)]!, 'latin1');
      const head = Buffer.concat([begin, filler, shown, bytes]).subarray(0, 1024);
      expect([seed, patternTypeOf(head)]).toEqual([seed, plainPatternTypeOf(head)]);
    });
  });
});
