/**
 * Files of this very machine (programs, libraries, scripts, texts, pages) under every published set: what vedette finds in
 * one, clamscan finds there too. `ORDINARY_FILES` says how many are looked at, spread evenly over what is installed.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, type CompileSource } from '../../src/compile.js';
import { createLocalPattern } from '../../src/scan/agent-scan.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { sharedPath } from '../shared.js';
import { hasClamscan } from '../support/clamscan.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { tempDir } from '../support/temp-dir.js';
import { openCompiled } from './components.js';

const wanted = Number(process.env['ORDINARY_FILES'] ?? 500);
const folder = '/usr';
const maxFileBytes = 16 * 1024 * 1024;
const sigs = sharedPath('data/clamav-sigs');
const sets = ['clam-punch/MiscreantPunch099-INFO-Low.ldb', 'clam-punch/MiscreantPunch099-Low.ldb', 'clam-punch/miscreantpunch.ldb', 'ditekshen/clamav.ldb',
  'ditekshen/indicator_rmm.ldb', 'retargeted/MiscreantPunch099-Low.target0.ldb', 'retargeted/ditekshen.target0.ldb', 'rfxn-2013/rfxn.ndb'] as const;

function ordinaryFiles(): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const step = Math.max(1, all.length / wanted);
  const chosen = Array.from({ length: Math.min(wanted, all.length) }, (_, i) => all[Math.floor(i * step)]!);
  return chosen.filter((path) => lstatSync(path).size <= maxFileBytes);
}

const sourcesOf = (): CompileSource[] =>
  sets.map((set) => ({ name: set.replace('/', '-'), format: set.slice(-3) as CompileSource['format'], text: readFileSync(`${sigs}/${set}`, 'latin1') }));

async function matcherOf(sources: readonly CompileSource[]): Promise<Matcher> {
  const opened = openCompiled(await compile(sources, { generation: 1, createdAt: 1_700_000_000_000 }));
  return createLocalPattern({ ...opened.agent, hashes: opened.server }, 1).matcher;
}

/** Names by file of those files in which vedette finds something. */
async function findsOf(matcher: Matcher, files: readonly string[]): Promise<Map<string, readonly string[]>> {
  const finds = new Map<string, readonly string[]>();
  for (const file of files) {
    const bytes = readFileSync(file);
    const outcome = await scan(matcher, bytes, { chunks: [262_144], size: bytes.length });
    expect([file, outcome.incomplete]).toEqual([file, undefined]);
    const names = namesOf(outcome);
    if (names.length > 0) {
      finds.set(file, names);
    }
  }
  return finds;
}

/** What clamscan does not find in them. */
function unknownToClamscan(dir: string, sources: readonly CompileSource[], finds: ReadonlyMap<string, readonly string[]>): string[] {
  if (finds.size === 0) {
    return [];
  }
  ['db', 'files'].forEach((name) => mkdirSync(join(dir, name)));
  sources.forEach(({ name, text }) => writeFileSync(join(dir, 'db', name), text, 'latin1'));
  [...finds.keys()].forEach((file, i) => symlinkSync(file, join(dir, 'files', String(i))));
  const args = ['-d', join(dir, 'db'), '--allmatch', '--no-summary', '--follow-file-symlinks=2', '-r', join(dir, 'files')];
  const run = spawnSync('clamscan', args, { encoding: 'latin1', maxBuffer: 2 ** 28, timeout: 600_000 });
  // 0 where it finds nothing at all, 1 where it does, 2 where it fails.
  expect([0, 1], run.stderr).toContain(run.status);
  const known = new Set(Array.from(run.stdout.matchAll(/\/(\d+): (.+?)(?:\.UNOFFICIAL)? FOUND$/gm), ([, file, name]) => `${file}: ${name}`));
  return [...finds.entries()].flatMap(([file, names], i) => names.filter((name) => !known.has(`${i}: ${name}`)).map((name) => `${basename(file)}: ${name}`));
}

describe.skipIf(!hasClamscan() || sigs === undefined)('ordinary files (skipped: clamscan or shared data absent)', () => {
  const [dir, sabotaged] = [tempDir('ordinary'), tempDir('sabotaged')];

  it('hold nothing for vedette that clamscan does not find there', { timeout: 120_000 + wanted * 200 }, async () => {
    const sources = sourcesOf();
    const files = ordinaryFiles();
    expect(files.length).toBeGreaterThan(100);
    const finds = await findsOf(await matcherOf(sources), files);
    if (process.env['ORDINARY_FILES'] !== undefined) {
      console.log({ files: files.length, withFinds: finds.size, names: new Set([...finds.values()].flat()).size });
    }
    expect(unknownToClamscan(dir, sources, finds)).toEqual([]);
  });

  it('are caught holding a signature that clamscan does not have (sabotage of this test)', async () => {
    const sources = sourcesOf();
    const elf: CompileSource = { name: 'extra.ndb', format: 'ndb', text: 'Extra.ELF:0:0:7f454c46{-12}0000000000000000\n' };
    const finds = await findsOf(await matcherOf([...sources, elf]), ['/bin/ls']);
    expect(unknownToClamscan(sabotaged, sources.filter(({ format }) => format === 'ndb'), finds)).toContain('ls: Extra.ELF');
  });
});
