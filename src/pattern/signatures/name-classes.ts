/**
 * What the threats of byte signatures share: type, detail, and how their names begin ("Win.Trojan.Agent-"). A table of
 * these in the section, each threat an index into it and the rest of its name: names are a third of a set otherwise.
 */
import { toUtf8 } from '../../base/bytes.js';
import type { Threat } from '../../base/verdict.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { readCount, readText, writeText } from './signature-fields.js';
import { maxClasses, readClass, writeClass } from './threat-classes.js';
import type { ThreatClass } from './threat-classes.js';

/** What many threats have in common. */
export interface NameClass {
  readonly threat: ThreatClass;
  /** How the name begins; empty for names that share nothing. */
  readonly prefix: string;
}

/** UTF-8 bytes of a prefix at most. */
export const maxPrefixBytes = 255;

/** Fewer threats of one prefix do without. */
const leastUse = 4;

/**
 * Appends the table of the classes of these threats, the most frequent first.
 * @returns each threat's class by index, and the rest of its name.
 * @throws TypeError for over 65,536 different types and details.
 */
export function writeNameClasses(out: ByteWriter, threats: readonly Threat[]): (threat: Threat) => { readonly index: number; readonly rest: string } {
  const all = usedBy(threats, prefixOf);
  const isFew = all.size + usedBy(threats, () => '').size <= maxClasses;
  const prefixIn = (threat: Threat): string => (isFew && (all.get(keyOf(threat, prefixOf(threat.name)))?.uses ?? 0) >= leastUse ? prefixOf(threat.name) : '');
  const classes = [...usedBy(threats, (_, threat) => prefixIn(threat))].sort(([a, { uses }], [b, other]) => other.uses - uses || (a < b ? -1 : 1));
  if (classes.length > maxClasses) {
    throw new TypeError(`signatures: ${classes.length} different types and details, the limit is ${maxClasses}`);
  }
  out.varint(classes.length);
  for (const [, { threat, prefix }] of classes) {
    writeClass(out, threat);
    writeText(out, prefix);
  }
  const indices = new Map(classes.map(([key], i) => [key, i]));
  return (threat) => {
    const prefix = prefixIn(threat);
    return { index: indices.get(keyOf(threat, prefix))!, rest: threat.name.slice(prefix.length) };
  };
}

/** What `writeNameClasses` wrote. */
export function readNameClasses(reader: ByteReader): NameClass[] {
  return Array.from({ length: readCount(reader, 'classes', maxClasses) }, () => ({ threat: readClass(reader), prefix: readText(reader, maxPrefixBytes) }));
}

/** The threat whose name ends so, of the class that the next varint tells. */
export function readNamedThreat(reader: ByteReader, rest: string, classes: readonly NameClass[]): Threat {
  const one = classes[reader.varint()];
  if (one === undefined) {
    throw refused('malformed', 'signatures: a class that is not in the table', { at: reader.at });
  }
  return { name: one.prefix + rest, ...one.threat };
}

interface Use {
  readonly threat: Threat;
  readonly prefix: string;
  uses: number;
}

function usedBy(threats: readonly Threat[], prefixFor: (name: string, threat: Threat) => string): Map<string, Use> {
  const used = new Map<string, Use>();
  for (const threat of threats) {
    const prefix = prefixFor(threat.name, threat);
    const key = keyOf(threat, prefix);
    const known = used.get(key) ?? { threat, prefix, uses: 0 };
    known.uses++;
    used.set(key, known);
  }
  return used;
}

function keyOf({ type, detail }: Threat, prefix: string): string {
  return JSON.stringify([type, detail, prefix]);
}

/** Up to the first hyphen, else up to the last dot; something always follows. */
function prefixOf(name: string): string {
  const hyphen = name.indexOf('-') + 1;
  const end = hyphen > 0 && hyphen < name.length ? hyphen : name.lastIndexOf('.', name.length - 2) + 1;
  const prefix = name.slice(0, end);
  return toUtf8(prefix).length <= maxPrefixBytes ? prefix : '';
}
