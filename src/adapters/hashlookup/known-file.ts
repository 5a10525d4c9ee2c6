/**
 * An entry of hashlookup, and what it says about a file. Pure. "Known" alone is not "good": entries carry a trust from
 * 0 to 100 (50: no opinion) and name who considers the file malicious.
 */
import { equalBytes } from '../../base/bytes.js';
import type { AnswerRecord, HashAlgorithm } from '../../base/fingerprint.js';
import type { Threat } from '../../base/verdict.js';
import type { AskedHash } from '../foreign/hash-source.js';
import { countOf, field, hashField, nameOf } from '../foreign/json.js';

/** What of an entry is used. */
export interface KnownFile {
  /** Lower-case hex, as it was asked. */
  readonly hash: string;
  /** Who considers the file malicious; empty where nobody does. */
  readonly maliciousBy: readonly string[];
  /** 0 to 100; absent in older entries. */
  readonly trust?: number;
  /** Bytes. */
  readonly size?: number;
}

/** From an entry to what is said about the file; `unlisted` is nothing. */
export type EntryRule = (file: KnownFile) => { readonly disposition: 'malicious' | 'suspicious' | 'clean' | 'unlisted'; readonly threats: readonly Threat[] };

const fieldNames: Readonly<Record<HashAlgorithm, string>> = { sha256: 'SHA-256', sha1: 'SHA-1', md5: 'MD5' };
const maxNamed = 8;

/** The entry about the hash; undefined for anything that is none: a name or a number that breaks the format included. */
export function readKnownFile(value: unknown, asked: AskedHash): KnownFile | undefined {
  const hash = hashField(value, fieldNames[asked.algorithm]);
  const trust = countOf(field(value, 'hashlookup:trust'));
  const size = countOf(field(value, 'FileSize'));
  const known = field(value, 'KnownMalicious');
  if (hash === undefined || !equalBytes(hash, asked.hash) || (field(value, 'hashlookup:trust') !== undefined && (trust === undefined || trust > 100))) {
    return undefined;
  }
  return { hash: asked.hex, maliciousBy: namesIn(known), ...(trust === undefined ? {} : { trust }), ...(size === undefined ? {} : { size }) };
}

/** Malicious where anybody says so, clean from a trust on, nothing below it. An entry without a trust is taken at 50. */
export function ruleOf(minTrust: number): EntryRule {
  return ({ maliciousBy, trust = 50 }) => {
    if (maliciousBy.length > 0) {
      return { disposition: 'malicious', threats: [{ name: `KnownMalicious.${maliciousBy[0]}`, type: 'unclassified', detail: { by: maliciousBy } }] };
    }
    return { disposition: trust >= minTrust ? 'clean' : 'unlisted', threats: [] };
  };
}

/** The records of an entry. Approval by MD5 or SHA-1 counts only with the size (DESIGN rule 6): without one there is none. */
export function recordsOf(file: KnownFile, asked: AskedHash, rule: EntryRule): AnswerRecord[] {
  const { disposition, threats } = rule(file);
  const hash = asked.hash.slice();
  switch (disposition) {
    case 'unlisted':
      return [];
    case 'malicious':
    case 'suspicious':
      return [{ hash, disposition, threats }];
    case 'clean':
      if (asked.algorithm === 'sha256') {
        return [{ hash, disposition, threats: [] }];
      }
      return file.size === undefined ? [] : [{ hash, disposition, threats: [], size: file.size }];
  }
}

/** One name or several. What is there and is no name counts all the same: it must not end as "nobody". */
function namesIn(known: unknown): string[] {
  if (known === undefined || known === null || known === '' || known === false) {
    return [];
  }
  const all = Array.isArray(known) ? known.slice(0, maxNamed) : [known];
  return all.map((one) => nameOf(one) ?? 'Unnamed');
}
