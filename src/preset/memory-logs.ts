/** The retro and audit logs in memory on the real clock, for hosts that do not bring one of their own. */
import { createMemoryAudit as createAudit, type MemoryAuditOptions as AuditOptions } from '../audit/memory-audit.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../base/seams.js';
import { createMemoryRetro as createRetro, type MemoryRetroOptions as RetroOptions } from '../retro/memory-retro.js';
import type { RetroLog } from '../retro/retro-log.js';
import { createSystemClock } from './system-seams.js';

/** Options of `createMemoryAudit`. */
export type MemoryAuditOptions = Omit<AuditOptions, 'clock'> & { readonly clock?: Clock | undefined };

/** Options of `createMemoryRetro`. */
export type MemoryRetroOptions = Omit<RetroOptions, 'clock'> & { readonly clock?: Clock | undefined };

/**
 * A record of temporary allows that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryAudit(options: MemoryAuditOptions = {}): AuditLog {
  return createAudit({ ...options, clock: options.clock ?? createSystemClock() });
}

/**
 * The memory of a retro-hunt that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryRetro(options: MemoryRetroOptions = {}): RetroLog {
  return createRetro({ ...options, clock: options.clock ?? createSystemClock() });
}
