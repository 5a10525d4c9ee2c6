/** The retro and audit logs in memory on the real clock, for hosts that do not bring one of their own. */
import type { MemoryAuditOptions } from '../audit/memory-audit.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { MemoryRetroOptions } from '../retro/memory-retro.js';
import type { RetroLog } from '../retro/retro-log.js';
import { memoryAuditLog, memoryRetroLog } from './lazy-logs.js';
import { createSystemClock } from './system-seams.js';

export type { MemoryAuditOptions, MemoryRetroOptions };

/**
 * A record of temporary allows that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryAudit(options: MemoryAuditOptions = {}): AuditLog {
  return memoryAuditLog({ ...options, clock: options.clock ?? createSystemClock() });
}

/**
 * The memory of a retro-hunt that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryRetro(options: MemoryRetroOptions = {}): RetroLog {
  return memoryRetroLog({ ...options, clock: options.clock ?? createSystemClock() });
}
