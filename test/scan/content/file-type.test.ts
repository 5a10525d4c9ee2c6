import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_TYPE_HEAD_BYTES, fileTypeOf } from '../../../src/scan/content/file-type.js';
import { HtmlMarks } from '../../../src/scan/content/html-marks.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { hasClamscan } from '../../support/clamscan.js';
import { scannedViews } from './oracle.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(40);
const noise = '\x01\0\0\0\0\0\x02'.repeat(100);

const KNOWN: readonly (readonly [name: string, target: number, plan: string, content: string])[] = [
  ['MSEXE', 1, 'raw', `MZ${noise}`],
  ['MSOLE2', 2, 'raw', `\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${noise}`],
  ['HTML', 3, 'html', `${prose.slice(0, 1018)}<html>`],
  ['HTML', 3, 'html', `x <A class="y" hrEF=z>${prose}`],
  ['MAIL', 4, 'raw', `Received: from here\n\n${prose}`],
  ['MAIL', 4, 'raw', `words\nFrom: a@b.example\nMime-Version: 1.0\n\n${prose}`],
  ['MHTML', 0, 'raw', `MIME-Version: 1.0\nContent-Type: text/html\n\n${prose}`],
  ['PNG', 5, 'raw', `\x89PNG\r\n\x1a\n${noise}`],
  ['GRAPHICS', 5, 'raw', `BM${noise}`],
  ['ELF', 6, 'raw', `\x7fELF${noise}`],
  ['TEXT_ASCII', 7, 'text', prose],
  ['TEXT_ASCII', 7, 'text', `${prose.slice(0, 1019)}<html>`],
  ['TEXT_ASCII', 7, 'text', '<HTml> <hTML> <htm> <a\thref> <!DOCTYPE html> <body> <div>'],
  ['TEXT_UTF16LE', 7, 'text', '\xff\xfeh\0e\0l\0l\0o\0'],
  ['TEXT_UTF16BE', 7, 'text', `\x01${prose}`],
  ['MACHO', 9, 'raw', `\xcf\xfa\xed\xfe${noise}`],
  ['MACHO_UNIBIN', 9, 'raw', `\xca\xfe\xba\xbe\0\0\0\x02${noise}`],
  ['PDF', 10, 'raw', `junk before %PDF-1.7${prose}`],
  ['SWF', 11, 'raw', `CWS${noise}`],
  ['JAVA', 12, 'raw', `\xca\xfe\xba\xbe\0\0\0\x34${noise}`],
  ['BINARY_DATA', 0, 'raw', noise],
  ['MSEXE', 1, 'raw', `${noise.slice(0, 70)}MZ${'\0'.repeat(60)}PE\0\0${noise}`],
  ['BINARY_DATA', 0, 'raw', `${noise.slice(0, 70)}MZ${'\0'.repeat(59)}PE\0\0${noise}`],
  ['ZIP', 0, 'raw', `PK\x03\x04${noise}`],
  ['POSIX_TAR', 0, 'raw', `${'x'.repeat(257)}ustar${noise}`],
  ['HTML_UTF16', 3, 'html-utf16', '\xff\xfe<\0h\0t\0m\0l\0>\0h\0i\0'],
  ['HTML', 3, 'html', '\xfe\xff\0<\0h\0t\0m\0l\0>\0h\0i'],
  ['IGNORED', 0, 'none', `OggS${noise}`],
  ['IGNORED', 0, 'none', 'short'],
];

describe('the type of a content', () => {
  it.each(KNOWN)('is %s (target %i, %s) by its first bytes', (name, target, plan, content) => {
    expect(fileTypeOf(latin1(content))).toEqual({ name, target, plan });
  });

  it('depends on nothing behind the head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: FILE_TYPE_HEAD_BYTES, maxLength: FILE_TYPE_HEAD_BYTES }), fc.uint8Array(), (head, rest) => {
        expect(fileTypeOf(Buffer.concat([head, rest]))).toEqual(fileTypeOf(head));
      }),
      { numRuns },
    );
  });

  it('is told for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(fileTypeOf(bytes).name).toMatch(/^[A-Z0-9_]+$/);
      }),
      { numRuns },
    );
  });

  it.skipIf(!hasClamscan())('is the one that clamscan scans under', () => {
    const contents = [...KNOWN.map(([, , , content]) => latin1(content)), ...generatedHeads(200)];
    const views = scannedViews(contents);
    const differences = contents.flatMap((content, i) => {
      const { name, plan } = fileTypeOf(content);
      const seen = views[i] ?? [];
      // HTML in UTF-16 is scanned decoded first and raw at the end; everything else begins with its own type.
      const observed = plan === 'html-utf16' ? seen.at(-1) : seen[0];
      return (observed?.type ?? 'IGNORED') === name ? [] : [{ i, name, observed, head: content.subarray(0, 60).toString('latin1') }];
    });
    expect(differences).toEqual([]);
  }, 60_000);
});

describe('HTML in a text', () => {
  it('is found whatever the chunks', () => {
    const marks = ['<html>', '<IMG', '<table', '<script', '<a  x href'];
    fc.assert(
      fc.property(fc.constantFrom(...marks), fc.nat(60), fc.array(fc.integer({ min: 1, max: 9 })), (mark, before, sizes) => {
        const content = latin1(`${'<a< '.repeat(before)}${mark} and more`);
        expect(foundIn(content, sizes)).toBe(true);
        expect(foundIn(latin1(`${'<b< '.repeat(before)}<htm> and more`), sizes)).toBe(false);
      }),
      { numRuns },
    );
  });

  function foundIn(content: Buffer, sizes: readonly number[]): boolean {
    const marks = new HtmlMarks();
    let at = 0;
    for (const size of [...sizes, content.length]) {
      marks.push(content.subarray(at, at + size));
      at += size;
    }
    return marks.found;
  }
});

/** Heads out of pieces that types are told by, at random places of text, noise and zeros. */
function generatedHeads(count: number): Buffer[] {
  const random = createSeededRandom(41);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const pieces = ['<html>', '%PDF-1.5', '<a href=x>', '<img src=x>', '\x01', '\0\0', '\xff\xfe', '<TABLE', 'BM', 'From: x\n', '\nSubject: y\n'];
  return Array.from({ length: count }, () => {
    const filler = pick([prose, noise, '\x03text with one control byte '.repeat(60)]);
    const at = Math.floor(random() * 1100);
    return latin1(`${filler.slice(0, at)}${pick(pieces)}${filler.slice(at)}`);
  });
}
