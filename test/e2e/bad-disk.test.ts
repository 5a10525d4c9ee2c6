/**
 * A real process on a real disk that is full, or whose calls fail (injected by strace): what it acknowledged is there
 * afterwards, everything else was refused with a typed error, and the stores open. All calls: BAD_CALLS=12.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStateStore } from '../../src/node/files/file-state-store.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { toArray } from '../../src/testing/assertions.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';

const calls = Number(process.env['BAD_CALLS'] ?? 3);
const works = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const noMounts = works('unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt') ? undefined : 'no mount namespaces here (unshare -m, as root)';
const noTrace = works('strace', '-o', '/dev/null', 'true') ? undefined : 'no strace here, or none allowed';

let child: Bundle;
let reader: Bundle;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'vedette-disk-'));
  child = await bundleForChild(fileURLToPath(new URL('support/bad-disk/child.ts', import.meta.url)));
  reader = await bundleForChild(fileURLToPath(new URL('support/bad-disk/reader.ts', import.meta.url)));
});

afterAll(async () => {
  await child.remove();
  await reader.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What a child said, by the letter. */
function heard(output: string): Map<string, string[]> {
  const said = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    said.set(line[0] ?? '', [...(said.get(line[0] ?? '') ?? []), line.slice(2)]);
  }
  return said;
}

/** Acknowledged and not there, there and never asked for, and errors without a type. */
function faultsOf(said: ReadonlyMap<string, string[]>, found: { readonly places: readonly string[]; readonly value: string | undefined }): string[] {
  const of = (letter: string): string[] => said.get(letter) ?? [];
  const lastSet = of('W').at(-1);
  const later = of('V').slice(of('V').indexOf(lastSet ?? '') + 1);
  const isValueRight = found.value === undefined ? lastSet === undefined : found.value === lastSet || later.includes(found.value);
  return [
    ...of('A').filter((place) => !found.places.includes(place)).map((place) => `lost: ${place}`),
    ...found.places.filter((place) => !of('T').includes(place)).map((place) => `never asked for: ${place}`),
    ...of('X').map((message) => `without a type: ${message}`),
    ...(isValueRight ? [] : [`value ${String(found.value)} after ${String(lastSet)}`]),
  ];
}

describe.skipIf(noMounts !== undefined)(`the stores on a disk of 1 MiB that is full${noMounts === undefined ? '' : ` (skipped: ${noMounts})`}`, () => {
  it('acknowledge or refuse, open while it is full, and go on when there is room', () => {
    const disk = join(folder, 'small');
    const script = [
      `mkdir -p ${disk} && mount -t tmpfs -o size=1m tmpfs ${disk}`,
      `head -c 900000 /dev/zero > ${disk}/filler`,
      `${process.execPath} ${child.path} ${disk} 900`,
      `echo '--' && (cat /dev/zero > ${disk}/rest 2>/dev/null || true)`,
      `${process.execPath} ${reader.path} ${disk}`,
      `echo '--' && rm ${disk}/filler ${disk}/rest && ${process.execPath} ${reader.path} ${disk} more`,
    ].join(' && ');
    const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(status, stderr).toBe(0);
    const [first = '', whileFull = '', afterwards = ''] = stdout.split('--\n');
    const said = heard(first);
    expect(new Set(said.get('E'))).toEqual(new Set(['store-damaged']));
    expect(said.get('A')!.length).toBeGreaterThan(100);
    expect(said.get('E')!.length).toBeGreaterThan(100);
    expect(faultsOf(said, JSON.parse(whileFull) as Parameters<typeof faultsOf>[1])).toEqual([]);
    const found = JSON.parse(afterwards) as Parameters<typeof faultsOf>[1] & { readonly more: string };
    expect(faultsOf(said, found)).toEqual([]);
    expect(found.more).toBe('queued');
  });
});

describe.skipIf(noTrace !== undefined)(`the stores of a process whose calls fail${noTrace === undefined ? '' : ` (skipped: ${noTrace})`}`, () => {
  const cases = ['pwrite64', 'fdatasync', 'fsync', 'rename'].flatMap((call) => (['ENOSPC', 'EIO'] as const).map((code) => [call, code] as const));

  it.each(cases)('keep what they acknowledged when %s fails with %s', async (call, code) => {
    for (let number = 1; number <= calls; number++) {
      const dir = mkdtempSync(join(folder, 'failing-'));
      const inject = ['-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${code}:when=${number}`];
      const { stdout } = spawnSync('strace', [...inject, process.execPath, child.path, dir, '40'], { encoding: 'utf8', env: { ...process.env, UV_USE_IO_URING: '0' } });
      expect(stdout).toContain('end\n');
      const queue = await openJournalQueue({ dir: join(dir, 'pending'), clock: createSystemClock() });
      const entries = await toArray(queue.list());
      await queue.close();
      const value = await createFileStateStore({ dir: join(dir, 'state') }).get('value');
      const places = entries.flatMap((entry) => entry.items.map((item) => item.subject.locator?.ref ?? ''));
      const said = heard(stdout);
      expect(faultsOf(said, { places, value: value === undefined ? undefined : Buffer.from(value).toString().split(' ')[0] }), `${call} number ${number}`).toEqual([]);
      expect(said.get('A')!.length).toBeGreaterThan(20);
    }
  });
});
