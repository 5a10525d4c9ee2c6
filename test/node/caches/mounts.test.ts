/** On which devices the ctime tells of every change, by the mount table; elsewhere the scan cache keeps nothing. */
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMemoryScanCache } from '../../../src/cache/scan/memory-scan-cache.js';
import { createScanMemory } from '../../../src/cache/scan/create-scan-memory.js';
import { createMountRuling, deviceName, untrackedDevices } from '../../../src/node/caches/mounts.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';

const line = (device: string, type: string, options = ''): string => `36 35 ${device} / /mnt/a\\040b rw,noatime ${options}- ${type} /dev/x rw`;

describe('the mount table', () => {
  it.each([
    ['ext4', true], ['xfs', true], ['btrfs', true], ['tmpfs', true], ['overlay', true], ['nfs4', true], ['fusectl', true], ['ntfs3', true],
    ['vfat', false], ['msdos', false], ['exfat', false], ['fuse', false], ['fuseblk', false], ['fuse.sshfs', false], ['9p', false],
  ])('says of %s whether its ctime can be relied on: %s', (type, expected) => {
    for (const options of ['', 'shared:1 master:2 ']) {
      expect([...untrackedDevices(`${line('8:1', 'ext4')}\n${line('8:17', type, options)}\n`)]).toEqual(expected ? [] : ['8:17']);
    }
  });

  it('that is none says nothing', () => {
    expect(['', '\n\n', 'x', 'a b', '- vfat', 'a b c d'].flatMap((table) => [...untrackedDevices(table)])).toEqual([]);
  });

  it.each([
    [0x801n, '8:1'],
    [0xfd00n, '253:0'],
    [0x10302n, '259:2'],
    [0n, '0:0'],
  ] as const)('names the device %s as the system does', (dev, name) => {
    expect(deviceName(dev)).toBe(name);
  });

  it.skipIf(process.platform !== 'linux')('of this machine knows the device of a mounted file system', () => {
    const table = readFileSync('/proc/self/mountinfo', 'latin1');
    expect(table.split('\n').map((one) => one.split(' ')[2])).toContain(deviceName(statSync('/proc', { bigint: true }).dev));
  });

  it('is read anew after a while: something else may be mounted', async () => {
    const clock = new FakeClock();
    let table = line('8:17', 'vfat');
    const tracks = createMountRuling(clock, () => table);
    expect([tracks(0x811n), tracks(0x801n)]).toEqual([false, true]);
    table = line('8:17', 'ext4');
    await clock.advance(10_000);
    expect(tracks(0x811n)).toBe(true);
  });
});

describe('a scan cache', () => {
  const file = { dev: 0x811n, ino: 65n, size: 7n, mtimeNs: 1_000_000_000n, ctimeNs: 1_000_000_000n };
  const plan = { by: 'x', scan: 'all', md5: false, sha1: false } as const;
  const content = { digests: { sha256: new Uint8Array(32).fill(1) }, threats: [] };

  const cases: readonly (readonly [string, ((dev: bigint) => boolean) | undefined, boolean])[] = [
    ['keeps what was read where changes show', () => true, true],
    ['keeps nothing where they may not', () => false, false],
    ['keeps nothing where nobody can tell', () => { throw new Error('no table'); }, false],
    ['keeps what was read where the store says nothing', undefined, true],
  ];
  it.each(cases)('%s', async (_, tracks, expected) => {
    const clock = new FakeClock();
    const store = { ...createMemoryScanCache(), ...(tracks === undefined ? {} : { tracks }) };
    const memory = createScanMemory({ store, clock, revision: '1', process: 'p' });
    await memory.load([file], plan.by);
    memory.keep({ identity: file, seenAt: clock.now() }, plan, content);
    expect(memory.find(file, plan) !== undefined).toBe(expected);
  });
});
