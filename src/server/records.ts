/** From listed hashes to records that fit the wire: what is said about one hash goes into one record. */
import { toHex } from '../base/bytes.js';
import type { AnswerRecord } from '../base/fingerprint.js';
import { uniqueThreats, type Threat } from '../base/verdict.js';
import { categoriesOf, type HashEntry } from '../pattern/hash-entry.js';
import { maxCategories, maxCategoryBytes, maxNameBytes, maxThreats, maxTypeBytes } from '../protocol/limits.js';
import { presentableText } from '../protocol/codec/shapes.js';

/** The records of the entries under one prefix, grouped by hash, size, disposition and score, in order of appearance. */
export function recordsOf(entries: readonly HashEntry[]): AnswerRecord[] {
  // Most prefixes have no entry, and most others one.
  if (entries.length < 2) {
    return entries.length === 0 ? [] : recordsOfGroup(entries);
  }
  const groups = new Map<string, HashEntry[]>();
  for (const entry of entries) {
    const key = `${toHex(entry.hash)} ${entry.size ?? ''} ${entry.disposition} ${entry.score ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [entry]);
    } else {
      group.push(entry);
    }
  }
  return [...groups.values()].flatMap(recordsOfGroup);
}

/** One record, or several where the hash has more names than a record may carry. */
function recordsOfGroup(group: readonly HashEntry[]): AnswerRecord[] {
  const { hash, disposition, size, score } = group[0]!;
  const categories = group.some((entry) => entry.threat.detail !== undefined) ? presentableCategories(group) : [];
  const common = {
    hash,
    disposition,
    ...(size === undefined ? {} : { size }),
    ...(score === undefined ? {} : { score }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const isFind = disposition === 'malicious' || disposition === 'suspicious';
  const shown = isFind ? group.map((entry) => presentable(entry.threat)) : [];
  const threats = shown.length < 2 ? shown : uniqueThreats(shown);
  const records: AnswerRecord[] = [];
  for (let at = 0; at === 0 || at < threats.length; at += maxThreats) {
    records.push({ ...common, threats: threats.slice(at, at + maxThreats) });
  }
  return records;
}

function presentableCategories(group: readonly HashEntry[]): string[] {
  const all = group.flatMap((entry) => categoriesOf(entry.threat)).map((one) => presentableText(one, maxCategoryBytes));
  return [...new Set(all)].filter((one) => one !== '').sort().slice(0, maxCategories);
}

/** A name that the other side would refuse must not cost it the find. */
function presentable(threat: Threat): Threat {
  return {
    name: presentableText(threat.name, maxNameBytes) || 'unnamed',
    type: presentableText(threat.type, maxTypeBytes) || 'unclassified',
  };
}
