/**
 * Workloads that are the same for the same seed: contents, signatures in the text forms of ClamAV, and subjects of
 * which it is known what must be found in them. For tests of "hybrid = conventional", for benches and for hosts.
 */
import { concatBytes, toHex, toUtf8 } from '../base/bytes.js';
import type { Random } from '../base/seams.js';
import { bytesSubject, urlSubject } from '../base/subject.js';
import type { Subject } from '../base/subject.js';
import { createPortableHash, sha256 } from '../fingerprint/digests.js';
import { createSeededRandom } from './doubles/seeded-random.js';
import { plantedSignature } from './workload-signature.js';
import type { PlantedSignature } from './workload-signature.js';

/** How large a workload is. */
export interface WorkloadOptions {
  readonly seed: number;
  /** Byte signatures (20). */
  readonly signatures?: number;
  /** Files that are listed by hash (20): by MD5, SHA-1 or SHA-256, with their size or without. */
  readonly hashes?: number;
  /** URLs that are listed (20): pages, folders and hosts. */
  readonly urls?: number;
  /** Further subjects in which nothing is to be found (20 files and 20 URLs). */
  readonly clean?: number;
  /** Bytes of a file at most (4,096). */
  readonly maxBytes?: number;
}

/** One source of signatures as text. */
export interface WorkloadSource {
  /** A file name whose ending tells the format, `urls.txt` aside. */
  readonly name: string;
  readonly format: 'ndb' | 'hdb' | 'hsb' | 'fp' | 'sfp' | 'urls';
  readonly text: string;
}

/** A subject and what is to be found in it. */
export interface WorkloadSubject {
  readonly subject: Subject;
  /** Bytes of a file subject. */
  readonly content?: Uint8Array;
  /** Names of all signatures that match, sorted; for URLs of `urls` the name is the reader's, so only the number is known. */
  readonly threats: readonly string[];
}

/** Signatures and subjects that belong together. */
export interface Workload {
  readonly sources: readonly WorkloadSource[];
  readonly subjects: readonly WorkloadSubject[];
}

/** Random bytes: nothing compresses them and no literal is found by chance. */
export function seededBytes(seed: number, length: number): Uint8Array {
  return randomBytes(createSeededRandom(seed), length);
}

/** Bytes that look like text: lower-case words of 2 to 9 letters, spaces, commas, lines of about 70. */
export function seededText(seed: number, length: number): Uint8Array {
  return randomText(createSeededRandom(seed), length);
}

/** The workload of a seed. Its subjects are in random order, finds and clean ones mixed. */
export function seededWorkload(options: WorkloadOptions): Workload {
  const random = createSeededRandom(options.seed);
  const size = { signatures: 20, hashes: 20, urls: 20, clean: 20, maxBytes: 4_096, ...options };
  const signatures = times(size.signatures, (i) => plantedSignature(random, `Seeded.Body.${i}`));
  const listed = times(size.hashes, (i) => listedFile(random, { name: `Seeded.Hash.${i}`, maxBytes: size.maxBytes }));
  const allowed = times(Math.ceil(size.signatures / 10), () => plantedFile(random, signatures, size.maxBytes));
  const urls = times(size.urls, (i) => listedUrl(random, i));
  const subjects = [
    ...times(size.signatures, () => plantedFile(random, signatures, size.maxBytes)),
    ...listed.map((one) => one.subject),
    ...allowed.map((one) => ({ ...one, threats: [] })),
    ...urls.map((one) => one.subject),
    ...times(size.clean, (i) => fileOf(randomContent(random, size.maxBytes), { label: `clean-${i}`, threats: [] })),
    ...times(size.clean, (i) => urlOf(`http://clean-${i}.${randomWord(random)}.example/${randomWord(random)}`, [])),
  ];
  return {
    sources: [
      { name: 'seeded.ndb', format: 'ndb', text: lines(signatures.map((one) => one.line)) },
      { name: 'seeded.hdb', format: 'hdb', text: lines(listed.filter((one) => one.algorithm === 'md5').map((one) => one.line)) },
      { name: 'seeded.hsb', format: 'hsb', text: lines(listed.filter((one) => one.algorithm !== 'md5').map((one) => one.line)) },
      { name: 'seeded.sfp', format: 'sfp', text: lines(allowed.map(allowedLine)) },
      { name: 'urls.txt', format: 'urls', text: lines(urls.map((one) => one.line)) },
    ],
    subjects: shuffled(random, subjects),
  };
}

/** A file with one to three signatures in it, or with one where it is too small for more. */
function plantedFile(random: Random, signatures: readonly PlantedSignature[], maxBytes: number): WorkloadSubject {
  const chosen = shuffled(random, signatures).slice(0, 1 + Math.floor(random() * 3));
  const parts = chosen.flatMap((one) => [randomContent(random, Math.floor(maxBytes / 4)), one.instance(random)]);
  const content = concatBytes([...parts, randomContent(random, Math.floor(maxBytes / 4))]);
  const threats = chosen.map((one) => one.name).sort();
  return fileOf(content, { label: `planted-${threats.join('+')}`, threats });
}

function allowedLine({ content = new Uint8Array(0) }: WorkloadSubject, index: number): string {
  return `${toHex(sha256(content))}:${content.length}:Seeded.Allowed.${index}`;
}

interface ListedFile {
  readonly algorithm: 'md5' | 'sha1' | 'sha256';
  readonly line: string;
  readonly subject: WorkloadSubject;
}

function listedFile(random: Random, options: { readonly name: string; readonly maxBytes: number }): ListedFile {
  const content = randomBytes(random, 16 + Math.floor(random() * options.maxBytes));
  const algorithm = (['md5', 'sha1', 'sha256'] as const)[Math.floor(random() * 3)] ?? 'sha256';
  const hash = createPortableHash(algorithm);
  hash.update(content);
  const digest = toHex(hash.digest());
  const size = random() < 0.3 ? '*' : String(content.length);
  return {
    algorithm,
    // A size that may be anything needs the functionality level behind it.
    line: `${digest}:${size}:${options.name}${size === '*' ? ':73' : ''}`,
    subject: fileOf(content, { label: options.name, threats: [options.name] }),
  };
}

function listedUrl(random: Random, index: number): { readonly line: string; readonly subject: WorkloadSubject } {
  const host = `bad-${index}.${randomWord(random)}.example`;
  const [folder, page] = [randomWord(random), randomWord(random)];
  const choice = Math.floor(random() * 3);
  const listed = [`http://${host}/${folder}/${page}.html`, `http://${host}/${folder}/`, `http://${host}/`][choice] ?? '';
  const asked = `http://${choice === 0 ? host : `www.${host}`}/${folder}/${page}.html`;
  return { line: listed, subject: urlOf(asked, [listed]) };
}

function fileOf(content: Uint8Array, as: { readonly label: string; readonly threats: readonly string[] }): WorkloadSubject {
  return { subject: bytesSubject(content, { label: as.label }), content, threats: as.threats };
}

function urlOf(url: string, threats: readonly string[]): WorkloadSubject {
  return { subject: urlSubject(url, { label: url }), threats };
}

function randomContent(random: Random, maxBytes: number): Uint8Array {
  const length = Math.floor(random() * maxBytes);
  return random() < 0.5 ? randomBytes(random, length) : randomText(random, length);
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

function randomText(random: Random, length: number): Uint8Array {
  let text = '';
  for (let column = 0; text.length < length; column++) {
    text += randomWord(random) + (column % 12 === 11 ? '\n' : random() < 0.1 ? ', ' : ' ');
  }
  return toUtf8(text.slice(0, length));
}

function randomWord(random: Random): string {
  return String.fromCharCode(...times(2 + Math.floor(random() * 8), () => 0x61 + Math.floor(random() * 26)));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function shuffled<T>(random: Random, all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one);
}
