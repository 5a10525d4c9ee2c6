/**
 * What clamscan 1.4.6 said about contents made from published signature sets, all of a set loaded at once, against what
 * comes of the readers and the rules. Differences are listed with their reasons: the list is exact.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import { readLdb } from '../../src/compile/readers/logical/clamav-ldb.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { createRuleMatcher } from '../../src/scan/rules/rule-matcher.js';
import { sharedPath } from '../shared.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { contextOf } from './context.js';

/** Signature set, records of it, and how many of those there are. */
const sets: readonly (readonly [string, string, number])[] = [
  ['retargeted/MiscreantPunch099-Low.target0.ldb', 'MiscreantPunch099-Low.target0', 1088],
  ['clam-punch/MiscreantPunch099-INFO-Low.ldb', 'clam-punch_MiscreantPunch099-INFO-Low.ldb', 21],
  ['clam-punch/MiscreantPunch099-Low.ldb', 'clam-punch_MiscreantPunch099-Low.ldb', 1072],
  ['clam-punch/miscreantpunch.ldb', 'clam-punch_miscreantpunch.ldb', 51],
  ['retargeted/ditekshen.target0.ldb', 'ditekshen.target0', 148],
  ['ditekshen/clamav.ldb', 'ditekshen_clamav.ldb', 159],
  ['rfxn-2013/rfxn.ndb', 'rfxn-2013_rfxn.ndb', 1890],
];

/** By records and id: why the names differ. */
const explained: Readonly<Record<string, string>> = {};

interface OracleRecord {
  readonly id: string;
  readonly bytes: string;
  readonly clamscan: readonly string[];
}

/** Every so many records are looked at; all of them with `FUZZ_RUNS`. */
const step = process.env.FUZZ_RUNS === undefined ? 8 : 1;

function matcherOf(set: string): Matcher {
  const text = readFileSync(sharedPath(`data/clamav-sigs/${set}`)!, 'latin1');
  const { signatures, logical } = set.endsWith('.ndb') ? readNdb(text, contextOf()) : readLdb(text, contextOf());
  return createRuleMatcher({ signatures: { count: signatures.length, at: (index) => signatures[index]! }, logical, macros: [] });
}

const recordsOf = (name: string): OracleRecord[] =>
  readFileSync(sharedPath(`data/clamav-oracle/${name}.jsonl`)!, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as OracleRecord);

const isHere = sharedPath('data/clamav-sigs') !== undefined && sharedPath('data/clamav-oracle') !== undefined;

describe.skipIf(!isHere)('records of clamscan (absent: shared data)', () => {
  it.each(sets)('%s', { timeout: 300_000 }, async (set, name, count) => {
    const matcher = matcherOf(set);
    const records = recordsOf(name);
    const differences: [string, string, string][] = [];
    for (const { id, bytes, clamscan } of records.filter(({ id }, i) => i % step === 0 || explained[`${name}/${id}`] !== undefined)) {
      const names = namesOf(await scan(matcher, fromHex(bytes)!, { chunks: [100, 7] })).join();
      if (names !== [...new Set(clamscan)].sort().join()) {
        differences.push([`${name}/${id}`, names, clamscan.join()]);
      }
    }
    expect(records).toHaveLength(count);
    expect(differences.filter(([id]) => explained[id] === undefined)).toEqual([]);
    expect(differences.map(([id]) => id)).toEqual(Object.keys(explained).filter((id) => id.startsWith(`${name}/`)));
  });
});
