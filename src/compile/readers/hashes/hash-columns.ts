/** Which columns of a table hold what, told by its heading: names that published lists of hashes really use. */
import type { Delimiter } from './csv-line.js';
import { delimiters, splitFields } from './csv-line.js';
import { isHashText } from './hash-text.js';

/** The columns that count. */
export interface HashColumns {
  readonly delimiter: Delimiter;
  /** Those that may hold hashes of the file itself. */
  readonly hashes: readonly number[];
  readonly size: number | undefined;
  readonly name: number | undefined;
}

const hashHeading = /^(?:file)?(?:(?:md5|sha1|sha256)(?:hash|sum|digest)?|hash(?:es|value)?(?:md5|sha1|sha256)?|checksum|digest|indicator(?:value)?|ioc|value|observable)$/;
/** Hashes of something else than the file: taken for MD5 they would list files that nobody meant. */
const foreignHeading = /imp|pehash|authenti|fuzzy|ssdeep|tlsh|rich|icon|dhash|section|parent|telf|cert|thumb|serial|ja3/;
const sizeHeading = /^(?:file)?(?:size|length)(?:inbytes|bytes)?$|^bytes$/;
const nameHeading = /^(?:malware|malwarename|malwarefamily|malwareprintable|family|signature|detection|detectionname|threat|threatname|virus|virusname|name)$/;
const word = /^[\p{L}_][\p{L}\p{N} _./()#-]*$/u;

/** A longer line is no heading. */
const maxHeadingLength = 10_000;

/** The columns of a heading, or undefined for a line that is none. A comment counts only if it names a hash column. */
export function columnsOf(line: string): HashColumns | undefined {
  const comment = line.startsWith('#');
  const text = comment ? line.slice(1) : line;
  if (text.length > maxHeadingLength || (comment && !/md5|sha-?\d|hash/i.test(text)) || fieldsWithHash(text) !== undefined) {
    return undefined;
  }
  for (const delimiter of delimiters.slice(0, -1)) {
    const headings = splitFields(text, delimiter);
    const named = headings.map((heading) => heading.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
    const hashes = indicesOf(named, (name) => hashHeading.test(name));
    const isTable = headings.length > 1 && headings.every((heading) => word.test(heading));
    if (isTable && (hashes.length > 0 || !comment)) {
      const unnamed = indicesOf(named, (name) => !foreignHeading.test(name));
      return {
        delimiter,
        hashes: hashes.length > 0 ? hashes : unnamed,
        size: indicesOf(named, (name) => sizeHeading.test(name))[0],
        name: indicesOf(named, (name) => nameHeading.test(name))[0],
      };
    }
  }
  const alone = text.trim().toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return !comment && hashHeading.test(alone) ? { delimiter: ',', hashes: [0], size: undefined, name: undefined } : undefined;
}

/** The fields of a line without heading: parted by whatever lays a hash bare. Undefined when nothing does. */
export function fieldsWithHash(line: string): readonly string[] | undefined {
  if (!/[0-9a-f]{32}/i.test(line)) {
    return undefined;
  }
  for (const delimiter of delimiters) {
    const fields = splitFields(line, delimiter);
    if (fields.some(isHashText)) {
      return fields;
    }
  }
  return undefined;
}

function indicesOf(names: readonly string[], holds: (name: string) => boolean): number[] {
  return names.flatMap((name, index) => (holds(name) ? [index] : []));
}
