import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNormaliser } from '../../../src/scan/content/create-normaliser.js';
import type { ScanPlan } from '../../../src/scan/content/file-type.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { hasClamscan } from '../../support/clamscan.js';
import { fitExponent, measure } from '../../support/complexity.js';
import { writtenViews } from './oracle.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The views of a content as texts, pushed in portions of the given sizes and then the rest. */
function viewsOf(plan: ScanPlan, content: Uint8Array, sizes: readonly number[] = []): Record<string, string> {
  const parts: Record<string, Buffer[]> = {};
  const normaliser = createNormaliser(plan, (view, bytes) => (parts[view] ??= []).push(Buffer.from(bytes)));
  let at = 0;
  for (const size of [...sizes, content.length]) {
    normaliser?.push(content.subarray(at, at + size));
    at += size;
  }
  normaliser?.finish();
  return Object.fromEntries(Object.entries(parts).map(([view, buffers]) => [view, Buffer.concat(buffers).toString('latin1')]));
}

/** The text view in plain words, for contents below the size of a block. */
function plainText(text: string): string {
  return text.replace(/[^\t-\r\x20-\x7f]/g, '').replace(/[\t-\r ]+/g, ' ').toLowerCase();
}

const HTML_CASES: readonly (readonly [content: string, nocomment: string, notags: string])[] = [
  ['<html>Hello  World', '<html>hello world', ' hello world'],
  ['<html>a <B CLASS="X y"> c </B> d', '<html>a <b class="x y">c </b>d', ' a c d'],
  ["<html><a href='Http://X.com/A'>t</a>", '<html><a href="http://x.com/a">t</a>', ' Http://X.com/A t '],
  ['<html><img  alt = T src=S.png >q', '<html><img alt=t src=s.png>q', ' S.png q'],
  ['<html>a<!-- b > c --> d<!x>e', '<html>ac --> de', ' a c --> d e'],
  ['<html>&lt;&AMP;&#65;&#x42;&eacute;&#8364;&nope; &lt x', '<html><&amp;ab\xe9&#x20ac;&nope; &lt x', ' x'],
  ['<html><p a="&lt;b" c=\'d"e\' f=g/>h', '<html><p a="<b" c="d"e" f=g/>h', ' h'],
  ['<html><script>if (a < b) { c = \'d\' }</script> e', '<html><script>if(a<b){c="d"}</script>e', ' e'],
  ['<html><style>A { b: c }</style>  d', '<html><style>a{b:c}</style>d', ' d'],
  ['<html>a\0b\rc\x01d \xc3\xa4e', '<html>abc\x01d \xc3\xa4e', ' abc d \xc3\xc3e'],
  ['<html><img src="data:image/png;base64,AAAA" alt=x>y', '<html><img src="data"alt=x>y', ' y'],
  ['<html>a <', '<html>a <', ' a '],
];

describe('the view of a text', () => {
  it('is the text in plain words, whatever the chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', ' ', '\n', '\t', '\0', '\x7f', '\xe4', '0', '<'), maxLength: 3000 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(700)), (content, sizes) => {
        expect(viewsOf('text', latin1(content), sizes).text ?? '').toBe(plainText(content));
      }),
      { numRuns },
    );
  });

  it('begins a block anew where it cannot surely hold another 4 KiB, and white space with it', () => {
    // 31 steps of 4 KiB leave less than that of the 128 KiB: the next step begins a block.
    const filler = 'x'.repeat(4096 * 32 - 5);
    expect(viewsOf('text', latin1(`${filler}     \n\n\nend`)).text).toBe(`${filler}  end`);
    expect(viewsOf('text', latin1(`${filler.slice(4096)}     \n\n\nend`)).text).toBe(`${filler.slice(4096)} end`);
  });
});

describe('the views of HTML', () => {
  it.each(HTML_CASES)('of %j', (content, nocomment, notags) => {
    expect(viewsOf('html', latin1(content))).toEqual({ nocomment, notags });
  });

  it('are the same of UTF-16, decoded', () => {
    const content = Buffer.from('\ufeff<html>Hi <b>There</b>', 'utf16le');
    expect(viewsOf('html-utf16', content)).toEqual({ nocomment: '\xdf<html>hi <b>there</b>', notags: '\0 hi there ' });
  });

  it('are the same whatever the chunks', () => {
    const pieces = fc.constantFrom('<a href="x', '">', "'", ' ', '\n', '&lt', ';', '<script>', '</script>', '<!--', '>', '\xe3\x80\x82', 'word ', 'w'.repeat(999), '=', '\0');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.array(fc.nat(500)), fc.constantFrom<ScanPlan>('html', 'html-utf16'), (parts, sizes, plan) => {
        const content = latin1(`<html>${parts.join('')}`);
        expect(viewsOf(plan, content, sizes)).toEqual(viewsOf(plan, content));
      }),
      { numRuns },
    );
  });

  it('cost what the content costs, however it is made', () => {
    for (const piece of ['<', '&', '<a ', '"', '<a href="', '&#x', '\xe3', '<script>', '<a b="c d', 'x'.repeat(8191)]) {
      const points = measure([2 ** 16, 2 ** 17, 2 ** 18], (size) => latin1(piece.repeat(Math.ceil(size / piece.length)).slice(0, size)), (content) => {
        viewsOf('html', content);
      });
      expect(fitExponent(points), piece).toBeLessThan(1.6);
    }
  }, 60_000);
});

describe.skipIf(!hasClamscan())('normalised views beside clamscan', () => {
  it('are the files that it writes', () => {
    const contents = [...HTML_CASES.map(([content]) => latin1(content)), ...generatedHtml(300)];
    const written = writtenViews(contents);
    const differences = contents.flatMap((content, i) => {
      const views = viewsOf('html', content);
      return (['nocomment', 'notags'] as const).flatMap((view) => {
        const file = written[i]?.get(`${view}.html`)?.toString('latin1') ?? '';
        return file === (views[view] ?? '') ? [] : [{ content: content.toString('latin1'), view, file, got: views[view] }];
      });
    });
    expect(differences).toEqual([]);
  }, 60_000);

  it('are its texts, across the borders of blocks', () => {
    const random = createSeededRandom(3);
    const words = ['Word', ' ', '\n', '\t\t', 'x', '\xe4', '  '];
    const contents = Array.from({ length: 12 }, (_, i) => latin1(Array.from({ length: 20_000 * i + 50 }, () => words[Math.floor(random() * words.length)]).join('')));
    const written = writtenViews(contents);
    contents.forEach((content, i) => {
      expect(viewsOf('text', content).text === written[i]?.get('text')?.toString('latin1'), String(i)).toBe(true);
    });
  }, 60_000);
});

/** HTML as people write it, with what they get wrong; numbered, for clamscan scans equal contents once. */
function generatedHtml(count: number): Buffer[] {
  const random = createSeededRandom(11);
  const pieces = [
    ...['word', 'Word', ' ', '  ', '\n', '\t', '\r\n', '<b>', '</b>', '<p class="x">', '<P CLASS=x>', "<i id='y'>", '<br/>', '<br />'],
    ...['<a href="http://X.y/z">', '<a href=foo>', '</a>', '<img src="S.png" alt="A b">', '<!-- c -->', '<!--c>-->', '&lt;', '&amp;', '&nbsp;'],
    ...['&#65;', '&#x42;', '&eacute;', '&unknown;', '&', '& ', '<script>var a = "b";</script>', '<style>A { b: c }</style>', '\xc3\xa4', 'a>b'],
    ...['<td width="10" height=20 >', '<input type=text value="A &amp; B">', '<div\n  class="a b c"\n  id="d">', '<meta content="0; url=X">', "it's"],
  ];
  return Array.from({ length: count }, (_, i) => {
    const length = Math.floor(random() * 40);
    return latin1(`<html>${String(i)}${Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join('')}`);
  });
}
