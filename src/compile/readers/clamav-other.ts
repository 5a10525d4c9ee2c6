/**
 * ClamAV formats that are known and not used: signatures about the links of mails and about icons. Every line of them is
 * reported, none is passed over in silence.
 */
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import type { Reader } from './reader.js';
import { nothingRead } from './reader.js';

/** Reads .pdb, .wdb and .gdb: hosts and URLs that ClamAV compares with what the links of mails show. */
export const readPhishing: Reader = reportAll('unsupported: links that mails show are not compared with where they lead (import URLs as a URL list)');

/** Reads .idb: icons of programs. */
export const readIcons: Reader = reportAll('unsupported: icons are not compared');

function reportAll(reason: string): Reader {
  return (text) => {
    const { items: _, ...account } = readLines<never>(text, (line): LineResult<never> => (isBlank(line) ? { kind: 'blank' } : { kind: 'skipped', reason }));
    return { ...nothingRead, ...account };
  };
}
