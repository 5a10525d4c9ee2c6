/** What a process holds: for tests that nothing is left behind. */
import { readdirSync } from 'node:fs';

/** Open files and sockets, and timers that keep the process alive. */
export interface OpenResources {
  readonly files: number;
  readonly timers: number;
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
