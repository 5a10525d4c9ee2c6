/** What a process holds: for tests that nothing is left behind. */
import { readdirSync, readlinkSync } from 'node:fs';

/** Open files and sockets, and timers that keep the process alive. */
export interface OpenResources {
  readonly files: number;
  readonly timers: number;
}

/** What the descriptors of this process lead to (Linux): paths, `socket:[n]`, `pipe:[n]` and the like. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // It was open for this listing only.
      return [];
    }
  });
}

/** Files and directories at or below a directory that this process has open (Linux). */
export function openBelow(directory: string): string[] {
  return openDescriptors().filter((path) => path === directory || path.startsWith(`${directory}/`));
}

/** As it is now (Linux). */
export function openResources(): OpenResources {
  return { files: readdirSync('/proc/self/fd').length, timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length };
}

/** True when there is no more than there was. */
export function isFreed(before: OpenResources): boolean {
  const now = openResources();
  return now.files <= before.files && now.timers <= before.timers;
}

/** How long it takes until the condition holds (ms); looks once in a turn of the event loop, gives up after `limitMs`. */
export async function msUntil(condition: () => boolean, limitMs: number): Promise<number> {
  const began = performance.now();
  while (!condition() && performance.now() - began < limitMs) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - began;
}
