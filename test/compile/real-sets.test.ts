import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import type { HashAlgorithm } from '../../src/base/fingerprint.js';
import type { Compiled, CompileSource } from '../../src/compile.js';
import { compile } from '../../src/compile.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { sharedPath } from '../shared.js';
import { countBlank } from './context.js';
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
    expect(agent.signatures).toHaveLength(loaded - compiled.report.duplicates.signatures);
    expect(agent.signatures.length).toBeGreaterThan(1000);
    expect([agent.hashes.count, agent.allow.count]).toEqual([0, 0]);
  });

  it('weigh about 30 bytes a hash on the server, names included, and about 4 in the filter', () => {
    const { file } = compiled.report.counts.hashes;
    const hashes = file.md5 + file.sha1 + file.sha256;
    expect(compiled.report.bytes.server / hashes).toBeLessThan(32);
    expect(compiled.report.bytes.filter / hashes).toBeLessThan(4.2);
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
