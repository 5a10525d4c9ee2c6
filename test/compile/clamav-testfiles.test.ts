/**
 * Debian's clamav-testfiles (one harmless program, packed and wrapped in 43 ways) with ClamAV's own signatures of it: the
 * program itself is found, all others would have to be unpacked. Which they are stands here, so that nothing is forgotten.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CompileSource } from '../../src/compile.js';
import { compile } from '../../src/compile.js';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { createLocalPattern } from '../../src/scan/agent-scan.js';
import { sharedPath } from '../shared.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { openCompiled } from './components.js';

const folder = '/usr/share/clamav-testfiles';
const sigs = sharedPath('data/clamav-unit/sigs');
const expectedFile = sharedPath('data/clamav-unit/clamav-testfiles.expected.txt');

/** The program inside is compressed, encoded, or in pieces: clamscan unpacks, vedette does not. */
const needUnpacking: Readonly<Record<string, readonly string[]>> = {
  'runtime packers': ['clam-aspack.exe', 'clam-fsg.exe', 'clam-mew.exe', 'clam-pespin.exe', 'clam-petite.exe', 'clam-upack.exe', 'clam-upx.exe', 'clam-wwpack.exe', 'clam-yc.exe'],
  'scripts in programs': ['clam.ea05.exe', 'clam.ea06.exe'],
  installers: ['clam-nsis.exe', 'clam.sis', 'clam_IScab_ext.exe', 'clam_IScab_int.exe', 'clam_ISmsi_ext.exe', 'clam_ISmsi_int.exe'],
  archives: [
    'clam.7z', 'clam.arj', 'clam.bin-be.cpio', 'clam.bin-le.cpio', 'clam.bz2.zip', 'clam.cab', 'clam.chm', 'clam.d64.zip', 'clam.exe.bz2', 'clam.exe.szdd',
    'clam.impl.zip', 'clam.newc.cpio', 'clam.odc.cpio', 'clam.tar.gz', 'clam.zip', 'clam_cache_emax.tgz',
  ],
  mail: ['clam.exe.binhex', 'clam.exe.mbox.base64', 'clam.exe.mbox.uu', 'clam.mail', 'clam.tnef'],
  documents: ['clam.exe.html', 'clam.exe.rtf', 'clam.ole.doc', 'clam.pdf', 'clam.ppt'],
};

const isHere = existsSync(folder) && sigs !== undefined && expectedFile !== undefined;

describe.skipIf(!isHere)("ClamAV's test files (skipped: Debian's clamav-testfiles or shared data absent)", () => {
  it('are found where nothing has to be unpacked, and all others are known', async () => {
    const sources = readdirSync(sigs!)
      .filter((name) => /\.(hdb|hsb|ndb)$/.test(name))
      .map((name): CompileSource => ({ name, format: name.slice(-3) as CompileSource['format'], text: readFileSync(`${sigs}/${name}`, 'latin1') }));
    const opened = openCompiled(await compile(sources, { generation: 1, createdAt: 1_700_000_000_000 }));
    const local = createLocalPattern({ ...opened.agent, hashes: opened.server }, 1);
    const found: string[] = [];
    const files = readdirSync(folder).sort();
    for (const file of files) {
      const bytes = readFileSync(`${folder}/${file}`);
      const names = namesOf(await scan(local.matcher, bytes, { chunks: [65_536] }));
      if (names.length > 0 || local.judge(fingerprintsOf(bytes)).kind === 'found') {
        found.push(file);
      }
    }
    const byClamscan = readFileSync(expectedFile!, 'utf8').trim().split('\n').map((line) => line.split(':')[0]!);
    expect(found).toEqual(['clam.exe']);
    expect([...found, ...Object.values(needUnpacking).flat()].sort()).toEqual([...byClamscan].sort());
    expect(Object.values(needUnpacking).flat()).toHaveLength(43);
  });
});

function fingerprintsOf(bytes: Uint8Array): Fingerprint[] {
  return (['md5', 'sha1', 'sha256'] as const).map((algorithm) => ({
    kind: 'file',
    algorithm,
    hash: Uint8Array.from(createHash(algorithm).update(bytes).digest()),
    size: bytes.length,
  }));
}
