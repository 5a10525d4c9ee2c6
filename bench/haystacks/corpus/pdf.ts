/**
 * PDF files made of texts: pages with deflated content streams, a catalog and a cross-reference table, as ISO 32000-1
 * §7.5 has them. Machines have few PDF files of their own; what a scanner sees in one is packed streams between short
 * runs of plain text, and that these have too.
 */
import { deflateSync } from 'node:zlib';

const pageBytes = 3_000;
const pagesPerFile = 12;
const pagesObject = 2;

/** Files, one behind the other, until the text is used up. */
export function pdfFiles(text: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < text.length; at += pageBytes * pagesPerFile) {
    files.push(pdfFile(text.subarray(at, at + pageBytes * pagesPerFile)));
  }
  return files;
}

function pdfFile(text: Buffer): Buffer {
  const pages: Buffer[] = [];
  for (let at = 0; at < text.length; at += pageBytes) {
    pages.push(text.subarray(at, at + pageBytes));
  }
  const kids = pages.map((_, i) => `${3 + 2 * i} 0 R`).join(' ');
  const objects = [
    Buffer.from(`<< /Type /Catalog /Pages ${pagesObject} 0 R >>`),
    Buffer.from(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`),
    ...pages.flatMap((page, i) => [pageObject(4 + 2 * i), streamObject(page)]),
  ];
  return withTable(objects);
}

function pageObject(contents: number): Buffer {
  const resources = '<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>';
  return Buffer.from(`<< /Type /Page /Parent ${pagesObject} 0 R /MediaBox [0 0 595 842] /Resources ${resources} /Contents ${contents} 0 R >>`);
}

function streamObject(page: Buffer): Buffer {
  const lines = page.toString('latin1').replace(/[\\()]/g, '\\$&').split('\n');
  const packed = deflateSync(Buffer.from(`BT /F1 9 Tf 40 800 Td 11 TL\n${lines.map((line) => `(${line}) '`).join('\n')}\nET\n`, 'latin1'));
  return Buffer.concat([Buffer.from(`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`), packed, Buffer.from('\nendstream')]);
}

function withTable(objects: readonly Buffer[]): Buffer {
  const parts = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let length = parts[0]!.length;
  const offsets = objects.map((object, i) => {
    const at = length;
    const whole = Buffer.concat([Buffer.from(`${i + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    parts.push(whole);
    length += whole.length;
    return at;
  });
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  parts.push(Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`));
  return Buffer.concat(parts);
}
