import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import type { HashAlgorithm } from '../../src/base/fingerprint.js';
import type { Compiled, CompileSource } from '../../src/compile.js';
import { compile } from '../../src/compile.js';
import { detectFormat } from '../../src/compile/detect.js';
import { readers } from '../../src/compile/readers/index.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { sharedPath } from '../shared.js';
import { contextOf, countBlank } from './context.js';
import { openCompiled, splitFaults } from './components.js';

const sigs = sharedPath('data/clamav-sigs');
const ioc = sharedPath('data/ioc/hashes');

describe.skipIf(sigs === undefined || ioc === undefined)('the published sets (skipped where the shared data is absent)', () => {
  const read = (file: string, format: CompileSource['format']): CompileSource => ({ name: basename(file), format, text: readFileSync(file, 'latin1') });
  let sources: CompileSource[];
  let compiled: Compiled;

  beforeAll(async () => {
    sources = [
      read(`${sigs}/rfxn-2013/rfxn.hdb`, 'hdb'),
      read(`${sigs}/rfxn-2013/rfxn.ndb`, 'ndb'),
      read(`${sigs}/phpmussel-clamav/clamav-derived.hdb`, 'hdb'),
      ...readdirSync(ioc!).sort().map((file) => read(`${ioc}/${file}`, 'hashes')),
    ];
    compiled = await compile(sources, { generation: 1, createdAt: 1_700_000_000_000 });
  });

  it('have every line accounted for', () => {
    compiled.report.sources.forEach((report, i) => {
      const blank = countBlank(sources[i]!.text);
      expect(report.loaded + report.skipped.length + blank, report.file).toBe(report.lines);
      expect(report.lines).toBe(sources[i]!.text.replace(/\n$/, '').split('\n').length);
    });
  });

  it('have no hash line that cannot be used', () => {
    const skipped = compiled.report.sources.filter((one) => one.format !== 'ndb').flatMap((one) => one.skipped);
    expect(skipped).toEqual([]);
  });

  it('have every listed hash on the server and in the filter, and nothing twice', () => {
    const listed = sources.filter((one) => one.format !== 'ndb').flatMap((one) => hashesOf(one));
    expect(listed.length).toBeGreaterThan(100_000);
    expect(splitFaults(openCompiled(compiled), listed)).toEqual([]);
  });

  it('have every byte signature in the agent pattern, and no hash there', () => {
    const { agent } = openCompiled(compiled);
    const loaded = compiled.report.sources.find((one) => one.format === 'ndb')!.loaded;
    expect(agent.signatures.count).toBe(loaded - compiled.report.duplicates.signatures);
    expect(agent.signatures.count).toBeGreaterThan(1000);
    expect([agent.hashes.count, agent.allow.count]).toEqual([0, 0]);
  });

  it('weigh about 30 bytes a hash on the server, names included, and about 4 in the filter', () => {
    const { file } = compiled.report.counts.hashes;
    const hashes = file.md5 + file.sha1 + file.sha256;
    expect(compiled.report.bytes.server / hashes).toBeLessThan(32);
    expect(compiled.report.bytes.filter / hashes).toBeLessThan(4.2);
  });
});

const unit = sharedPath('data/clamav-unit/sigs');

/**
 * What clamscan 1.4.6 does with the same sets, asked line by line: it loads every line of these files, those for files in
 * containers among them, and refuses none.
 */
describe.skipIf(sigs === undefined || unit === undefined)('the published ClamAV sets (skipped where the shared data is absent)', () => {
  const account = (file: string): { readonly lines: number; readonly loaded: number; readonly blank: number; readonly reasons: Readonly<Record<string, number>> } => {
    const format = detectFormat(file)!;
    const text = readFileSync(file, 'latin1');
    const { lines, loaded, skipped } = readers[format](text, contextOf(basename(file)));
    const reasons: Record<string, number> = {};
    for (const { reason } of skipped) {
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    return { lines, loaded, blank: countBlank(text), reasons };
  };
  const inContainers = (counts: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([type, count]) => [`needs-unpacking: the signature is for files in CL_TYPE_${type}`, count]));
  const phishing = 'unsupported: links that mails show are not compared with where they lead (import URLs as a URL list)';

  it.each<[string, number, number, Record<string, number>]>([
    ['clam-punch/MiscreantPunch099-INFO-Low.ldb', 22, 19, inContainers({ RTF: 1, ZIP: 1 })],
    ['clam-punch/MiscreantPunch099-Low.ldb', 1183, 1071, inContainers({ ZIP: 9, PDF: 7, RTF: 5 })],
    ['clam-punch/miscreantpunch.ldb', 56, 52, {}],
    ['ditekshen/clamav.ldb', 161, 152, inContainers({ RTF: 3, OOXML_XL: 2 })],
    ['ditekshen/indicator_rmm.ldb', 18, 18, {}],
    ['retargeted/MiscreantPunch099-Low.target0.ldb', 1087, 1087, {}],
    ['retargeted/ditekshen.target0.ldb', 157, 157, {}],
    ['rfxn-2013/rfxn.ndb', 1866, 1866, {}],
    ['rfxn-2013/rfxn.hdb', 7105, 7105, {}],
    ['phpmussel-clamav/clamav-derived.hdb', 40_961, 40_961, {}],
  ])('%s: %d lines, %d loaded', (file, lines, loaded, reasons) => {
    const found = account(`${sigs}/${file}`);
    expect(found).toMatchObject({ lines, loaded, reasons });
    expect(loaded + found.blank + Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(lines);
  });

  it.each<[string, number, number, Record<string, number>]>([
    ['Clamav-Unit-Test-Signature.ndb', 1, 1, {}],
    ['alz.hdb', 13, 13, {}],
    ['clamav.hdb', 1, 1, {}],
    ['zstd.hdb', 2, 2, {}],
    ['logo.hsb', 1, 1, {}],
    ['daily.gdb', 6, 0, { [phishing]: 4 }],
    ['daily.pdb', 201, 0, { [phishing]: 201 }],
    ['daily.wdb', 31, 0, { [phishing]: 31 }],
  ])("ClamAV's own %s: %d lines, %d loaded", (file, lines, loaded, reasons) => {
    expect(account(`${unit}/${file}`)).toMatchObject({ lines, loaded, reasons });
  });
});

/** Every hash of a source, read here without the readers. */
function hashesOf(source: CompileSource): Pick<HashEntry, 'kind' | 'algorithm' | 'hash' | 'size'>[] {
  return source.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [hex = '', size] = line.split(':');
      const algorithm: HashAlgorithm = hex.length === 32 ? 'md5' : hex.length === 40 ? 'sha1' : 'sha256';
      return { kind: 'file', algorithm, hash: fromHex(hex)!, ...(size === undefined ? {} : { size: Number(size) }) };
    });
}
