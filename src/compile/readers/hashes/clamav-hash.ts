/**
 * ClamAV hash signatures (docs.clamav.net, "File hash signatures"): `hash:size:name[:minLevel[:maxLevel]]` for what is
 * malicious (.hdb, .hsb) and, in the same form, for what is not (.fp, .sfp). The length tells the algorithm, whatever
 * the ending says, as it does for clamscan.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { isBlank, readLines } from '../../lines.js';
import { levelFault } from '../clamav-level.js';
import { readSize } from './clamav-size.js';
import { isEmptyContent, maxNameLength, parseHash, weakApproval } from './hash-text.js';
import type { Reader } from '../reader.js';
import { nothingRead } from '../reader.js';
import { threatFromName } from '../threat-from-name.js';

/** Reads .hdb and .hsb: malicious files. */
export const readHashSignatures: Reader = (text) => {
  const { items, ...account } = readLines(text, (line) => readSignature(line, 'malicious'));
  return { ...nothingRead, hashes: items, ...account };
};

/** Reads .fp and .sfp: the allow list. MD5 and SHA-1 without a size are skipped as weak. */
export const readAllowSignatures: Reader = (text) => {
  const { items, ...account } = readLines(text, (line) => readSignature(line, 'clean'));
  return { ...nothingRead, allow: items, ...account };
};

function readSignature(line: string, disposition: 'malicious' | 'clean'): LineResult<HashEntry> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const fields = line.split(':');
  const name = fields[2]?.trim();
  const skipped = (reason: string): LineResult<HashEntry> => ({ kind: 'skipped', reason, signature: name === '' ? undefined : name });
  if (fields.length < 3 || fields.length > 5 || name === undefined) {
    return skipped('expected hash:size:name, and two functionality levels at most');
  }
  if (name === '' || name.length > maxNameLength) {
    return skipped(`the name is empty or longer than ${maxNameLength} characters`);
  }
  const parsed = parseHash(fields[0]!);
  if (parsed === undefined) {
    return skipped('not an MD5, SHA-1 or SHA-256');
  }
  const size = readSize(fields[1]!, fields[3] ?? '0');
  const fault = levelFault(fields[3], fields[4]) ?? size.fault;
  if (fault !== undefined) {
    return skipped(fault);
  }
  const entry: HashEntry = {
    kind: 'file',
    ...parsed,
    ...(size.bytes === undefined ? {} : { size: size.bytes }),
    disposition,
    threat: disposition === 'clean' ? { name, type: 'approved' } : threatFromName(name),
  };
  return accepted(entry, skipped);
}

function accepted(entry: HashEntry, skipped: (reason: string) => LineResult<HashEntry>): LineResult<HashEntry> {
  const weak = entry.disposition === 'clean' ? weakApproval(entry) : undefined;
  if (weak !== undefined) {
    return skipped(weak);
  }
  if (entry.disposition !== 'clean' && isEmptyContent(entry)) {
    return skipped('the hash of empty content: every empty file would be a find');
  }
  return { kind: 'loaded', items: [entry] };
}
