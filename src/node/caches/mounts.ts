/**
 * On which devices a change of a file's content always shows. The scan cache goes by the ctime, which nobody can set:
 * but FAT has none (its driver makes one of other times), and neither have some that are mounted through FUSE or 9p.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../base/seams.js';

/** File systems whose ctime may be anything. */
const untracked: ReadonlySet<string> = new Set(['vfat', 'msdos', 'exfat', '9p']);

/** A mount table is believed for this long. */
const tableMs = 10_000;

/** Devices (`major:minor`) of a mount table in the form of /proc/self/mountinfo on which a change may leave no trace. */
export function untrackedDevices(table: string): ReadonlySet<string> {
  const devices = new Set<string>();
  for (const line of table.split('\n')) {
    // untrusted: names of mounts may hold anything but a space. "36 35 98:0 /root /mnt rw,noatime … - ext4 /dev/root rw"
    const [, , device = ''] = line.split(' ', 3);
    const type = / - (\S+) /.exec(line)?.[1] ?? '';
    if (untracked.has(type) || type === 'fuse' || type === 'fuseblk' || type.startsWith('fuse.')) {
      devices.add(device);
    }
  }
  return devices;
}

/** The number of a device as the mount table writes it (glibc's `gnu_dev_major` and `gnu_dev_minor`). */
export function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn & 0xffffffffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

/** Whether what was read of a file on this device may be kept. Without a mount table (Linux has one) nothing is known against any. */
export function createMountRuling(clock: Pick<Clock, 'monotonicMs'>, table: () => string = systemTable): (dev: bigint) => boolean {
  let known: { readonly devices: ReadonlySet<string>; readonly untilMs: number } | undefined;
  return (dev) => {
    const nowMs = clock.monotonicMs();
    if (known === undefined || nowMs >= known.untilMs) {
      known = { devices: untrackedDevices(table()), untilMs: nowMs + tableMs };
    }
    return known.devices.size === 0 || !known.devices.has(deviceName(dev));
  };
}

function systemTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    return '';
  }
}
