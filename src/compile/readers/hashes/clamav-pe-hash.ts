/**
 * ClamAV's hashes of parts of PE files (docs.clamav.net, "PE section based hash signatures" and "Import table hashes"):
 * `.mdb` and `.msb` are `sectionSize:hash:name`, `.imp` is `hash:tableSize:name`, each with two functionality levels at
 * most. The length of the hash tells the algorithm.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { isBlank, readLines } from '../../lines.js';
import { levelFault } from '../clamav-level.js';
import type { Reader } from '../reader.js';
import { nothingRead } from '../reader.js';
import { threatFromName } from '../threat-from-name.js';
import { readSize } from './clamav-size.js';
import { maxNameLength, parseHash } from './hash-text.js';

/** Reads .mdb and .msb: sections of PE files. */
export const readSectionHashes: Reader = (text) => {
  const { items, ...account } = readLines(text, (line) => readLine(line, ([size = '', hash = '', ...rest]) => [hash, size, ...rest], true));
  return { ...nothingRead, sectionHashes: items, ...account };
};

/** Reads .imp: import tables of PE files. Any size needs no level here. */
export const readImportHashes: Reader = (text) => {
  const { items, ...account } = readLines(text, (line) => readLine(line, (fields) => fields, false));
  return { ...nothingRead, importHashes: items, ...account };
};

function readLine(line: string, ordered: (fields: readonly string[]) => readonly string[], needsLevel: boolean): LineResult<HashEntry> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const fields = line.split(':', 7);
  const [hashText = '', sizeText = '', nameText, minLevel, maxLevel] = ordered(fields);
  const name = nameText?.trim();
  const skipped = (reason: string): LineResult<HashEntry> => ({ kind: 'skipped', reason, signature: name === '' ? undefined : name });
  if (fields.length > 5 || name === undefined) {
    return skipped('expected size, hash and name of three fields, and two functionality levels at most');
  }
  if (name === '' || name.length > maxNameLength) {
    return skipped(`the name is empty or longer than ${maxNameLength} characters`);
  }
  const parsed = parseHash(hashText);
  const size = readSize(sizeText, needsLevel ? (minLevel ?? '0') : undefined);
  const fault = (parsed === undefined ? 'not an MD5, SHA-1 or SHA-256' : undefined) ?? levelFault(minLevel, maxLevel) ?? size.fault;
  if (parsed === undefined || fault !== undefined) {
    return skipped(fault ?? '');
  }
  const entry: HashEntry = {
    kind: 'file',
    ...parsed,
    ...(size.bytes === undefined ? {} : { size: size.bytes }),
    disposition: 'malicious',
    threat: threatFromName(name),
  };
  return { kind: 'loaded', items: [entry] };
}
