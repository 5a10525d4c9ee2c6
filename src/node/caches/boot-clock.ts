/** The clock of the machine since its start, under the name of that start: what is kept has an age in the next process too. */
import { uptime } from 'node:os';
import type { SteadyClock } from '../../cache/steady-clock.js';
import { nodeProcesses } from '../journal/lock-holder.js';

/** Undefined where the system does not name its starts (Linux does). */
export function bootClock(): SteadyClock | undefined {
  const { boot } = nodeProcesses.self();
  return boot === '0' ? undefined : { id: `boot-${boot}`, nowMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000 };
}

/** The same, sleep of the machine included, and slower to read: for what is kept by the day. */
export function uptimeClock(): SteadyClock | undefined {
  const { boot } = nodeProcesses.self();
  return boot === '0' ? undefined : { id: `uptime-${boot}`, nowMs: () => uptime() * 1000 };
}
