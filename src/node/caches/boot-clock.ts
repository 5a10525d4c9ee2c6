/** The clock of the machine since its start, under the name of that start: what is kept has an age in the next process too. */
import type { SteadyClock } from '../../cache/steady-clock.js';
import { nodeProcesses } from '../journal/lock-holder.js';

/** Undefined where the system does not name its starts (Linux does). */
export function bootClock(): SteadyClock | undefined {
  const { boot } = nodeProcesses.self();
  return boot === '0' ? undefined : { id: `boot-${boot}`, nowMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000 };
}
