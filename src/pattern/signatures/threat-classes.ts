/** Type and detail, which many threats share: a table of them in a section, each threat an index into it. */
import type { Json } from '../../base/seams.js';
import type { Threat } from '../../base/verdict.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { readCount, readText, writeText } from './signature-fields.js';
import { signatureLimits } from './signature-shape.js';

/** What many threats have in common. */
export type ThreatClass = Omit<Threat, 'name'>;

/** Classes in one table. */
export const maxClasses = 65_536;

/**
 * Appends the table of the classes of these threats, sorted.
 * @returns the index of each threat's class.
 * @throws TypeError for over 65,536 different ones.
 */
export function writeThreatClasses(out: ByteWriter, threats: readonly Threat[]): (threat: Threat) => number {
  const byKey = new Map(threats.map((threat) => [classKey(threat), threat]));
  const keys = [...byKey.keys()].sort();
  if (keys.length > maxClasses) {
    throw new TypeError(`signatures: ${keys.length} different types and details, the limit is ${maxClasses}`);
  }
  out.varint(keys.length);
  for (const key of keys) {
    writeClass(out, byKey.get(key)!);
  }
  const indices = new Map(keys.map((key, i) => [key, i]));
  return (threat) => indices.get(classKey(threat))!;
}

/** What `writeThreatClasses` wrote. */
export function readThreatClasses(reader: ByteReader): ThreatClass[] {
  return Array.from({ length: readCount(reader, 'classes', maxClasses) }, () => readClass(reader));
}

/** The threat of that name whose class the next varint tells. */
export function readThreat(reader: ByteReader, name: string, classes: readonly ThreatClass[]): Threat {
  const threatClass = classes[reader.varint()];
  if (threatClass === undefined) {
    throw refused('malformed', 'signatures: a class that is not in the table', { at: reader.at });
  }
  return { name, ...threatClass };
}

/** Appends type and detail. */
export function writeClass(out: ByteWriter, { type, detail }: ThreatClass): void {
  writeText(out, type);
  writeText(out, detail === undefined ? '' : JSON.stringify(detail));
}

/** What `writeClass` wrote. */
export function readClass(reader: ByteReader): ThreatClass {
  const at = reader.at;
  const type = readText(reader, signatureLimits.maxTypeBytes);
  const detail = readText(reader, signatureLimits.maxDetailBytes);
  try {
    return { type, ...(detail === '' ? {} : { detail: JSON.parse(detail) as Json }) };
  } catch {
    throw refused('malformed', 'signatures: a detail is no JSON', { at });
  }
}

function classKey({ type, detail }: ThreatClass): string {
  return JSON.stringify([type, detail]);
}
