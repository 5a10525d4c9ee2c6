/**
 * Leaves out the signatures that an ignore list (.ign2) names. By name: whatever source they come from. By name and
 * MD5: the one line whose MD5 that is, so that a corrected signature counts again.
 */
import { toHex, toUtf8 } from '../base/bytes.js';
import type { SkippedLine, IgnoredSignature } from './readers/reader.js';
import { linesOf } from './lines.js';

/** An ignore list, ready to be asked. */
export interface IgnoreList {
  /** True for an entry that is left out for its name alone. */
  ignoresName(name: string): boolean;
  /** The text without the lines that are left out for their MD5 (their place stays, blank), and a report on those. */
  withoutLines(text: string): { readonly text: string; readonly skipped: readonly SkippedLine[] };
}

/** An ignore list over what all .ign2 sources brought. `md5` is asked only for lines that hold a listed name. */
export function createIgnoreList(ignored: readonly IgnoredSignature[], md5: (bytes: Uint8Array) => Uint8Array): IgnoreList {
  const names = new Set(ignored.filter((one) => one.md5 === undefined).map((one) => one.name));
  const byMd5 = new Map(ignored.flatMap((one) => (one.md5 === undefined ? [] : [[one.md5, one.name] as const])));
  const named = new Set(byMd5.values());
  const ignoredName = (line: string): string | undefined => {
    if (![...fieldsOf(line)].some((field) => named.has(field))) {
      return undefined;
    }
    const name = byMd5.get(toHex(md5(toUtf8(line))));
    return name !== undefined && fieldsOf(line).has(name) ? name : undefined;
  };
  return {
    ignoresName: (name) => names.has(name),
    withoutLines(text) {
      if (named.size === 0) {
        return { text, skipped: [] };
      }
      const skipped: SkippedLine[] = [];
      const kept = [...linesOf(text)].map((line, index) => {
        const signature = ignoredName(line);
        if (signature === undefined) {
          return line;
        }
        skipped.push({ line: index + 1, signature, reason: 'ignored by name and MD5' });
        return '';
      });
      // Every line ends, so that the last one still counts when it was emptied.
      return { text: kept.map((line) => `${line}\n`).join(''), skipped };
    },
  };
}

/** The name of a signature is one of the fields of its line, whichever ClamAV format it is in. */
function fieldsOf(line: string): ReadonlySet<string> {
  return new Set(line.split(/[:;]/, 4).map((field) => field.trim()));
}
