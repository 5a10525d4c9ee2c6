/** Formats that are known by name and not read yet: every line of them is reported, none is passed over in silence. */
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import type { Reader } from './reader.js';

/** A reader that skips every line, naming the signature of it where `nameOf` finds one. */
export function unsupportedFormat(reason: string, nameOf: (line: string) => string | undefined): Reader {
  return (text) => {
    const { items, ...account } = readLines<never>(text, (line): LineResult<never> => {
      if (isBlank(line)) {
        return { kind: 'blank' };
      }
      const name = nameOf(line)?.trim();
      return { kind: 'skipped', reason, signature: name === '' ? undefined : name };
    });
    return { signatures: [], hashes: items, allow: [], ignored: [], ...account };
  };
}
