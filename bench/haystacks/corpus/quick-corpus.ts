/** The quick corpus: 72 parts of 4 KiB of seeded text and bytes with 600 literals, the same on every machine. */
import { seededBytes, seededText } from '../../../src/testing/workloads.js';
import { assembleCorpus } from './assemble-corpus.js';
import type { ContentKind, Corpus } from './corpus.js';
import { mebibytes } from './corpus.js';
import { pdfFiles } from './pdf.js';

const partBytes = 4_096;

/** Takes some 100 ms. */
export function quickCorpus(): Corpus {
  const size = (kind: ContentKind): number => mebibytes[kind] * partBytes;
  const bytes = (seed: number, length: number): Buffer => Buffer.from(seededBytes(seed, length));
  const text = (seed: number, length: number): Buffer => Buffer.from(seededText(seed, length));
  return assembleCorpus({
    contents: {
      elf: bytes(1, size('elf')),
      js: text(2, size('js')),
      text: text(3, size('text')),
      zip: bytes(4, size('zip')),
      random: bytes(5, size('random')),
      // What is packed differs with the version of zlib; its length hardly does.
      pdf: Buffer.concat([...pdfFiles(text(6, 4 * size('pdf'))), bytes(7, size('pdf'))]).subarray(0, size('pdf')),
    },
    files: {},
    pools: { program: bytes(8, 65_536), script: text(9, 65_536), text: text(10, 65_536), ordinary: Buffer.alloc(0) },
    literals: 600,
    planted: 120,
    seed: 11,
  });
}
