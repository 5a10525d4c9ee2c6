/** The formats of sources, and how a file on a command line says which one it is in. */
import { VedetteError } from '../base/errors.js';

const formats = [
  'ndb', 'ldb', 'hdb', 'hsb', 'mdb', 'msb', 'imp', 'cdb', 'fp', 'sfp', 'ign2', 'pdb', 'wdb', 'gdb', 'idb',
  'hashes', 'urls', 'domains', 'hosts', 'rpz', 'adblock', 'urlhaus', 'stix', 'misp', 'safe-browsing', 'ratings', 'approved-urls', 'approved-hashes',
  'warninglist',
] as const;

/** What a source is written in: ClamAV formats by their ending, plain lists by what they list. */
export type SourceFormat = (typeof formats)[number];

/** Every format, in the order of the command line's documentation. */
export const sourceFormats: readonly SourceFormat[] = formats;

/** Formats that files tell by their ending. A `.txt` or `.csv` can hold anything: there the format has to be named. */
const endings: ReadonlySet<string> = new Set<SourceFormat>([
  'ndb', 'ldb', 'hdb', 'hsb', 'mdb', 'msb', 'imp', 'cdb', 'fp', 'sfp', 'ign2', 'pdb', 'wdb', 'gdb', 'idb',
]);

/** The format that the ending of a file name tells, or undefined. */
export function detectFormat(fileName: string): SourceFormat | undefined {
  const ending = /\.([^./\\]+)$/.exec(fileName)?.[1]?.toLowerCase();
  return ending !== undefined && endings.has(ending) ? (ending as SourceFormat) : undefined;
}

/** A source as it is named on a command line. */
export interface SourceArgument {
  readonly format: SourceFormat;
  readonly file: string;
}

/**
 * Reads `FILE` or `FORMAT:FILE`. One letter before the colon is a drive, not a format.
 * @throws VedetteError `config-invalid` when neither a prefix nor the ending tells a format that is known.
 */
export function parseSourceArgument(argument: string): SourceArgument {
  const [, prefix, file] = /^([a-z][a-z0-9-]+):(.+)$/s.exec(argument) ?? [undefined, undefined, argument];
  const format = prefix === undefined ? detectFormat(argument) : formats.find((one) => one === prefix);
  if (format === undefined || file === undefined) {
    throw new VedetteError('config-invalid', `${argument}: expected a file, or FORMAT:FILE with one of ${formats.join(', ')}`, {
      detail: { argument },
    });
  }
  return { format, file };
}
