/** The audit log of durability `process`: it is gone with the process, as the memory queue is. */
import { assertInteger } from '../base/assert.js';
import type { Clock } from '../base/seams.js';
import { createAuditKeeper, type AuditMedium } from './audit-keeper.js';
import type { AuditLog } from './audit-log.js';

/** Options of `createMemoryAudit`. */
export interface MemoryAuditOptions {
  /** The real clock, unless told otherwise. */
  readonly clock?: Clock | undefined;
  /** Days that records are kept at least, room permitting (90). */
  readonly days?: number | undefined;
  /** Bytes at most (8 MiB); records that are still open are kept over it. */
  readonly maxBytes?: number | undefined;
}

/**
 * A log in memory.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryAudit(options: MemoryAuditOptions & { readonly clock: Clock }): AuditLog {
  const { clock, days = 90, maxBytes = 8 * 1024 * 1024 } = options;
  assertInteger('days', days, { min: 1, max: 3650 });
  assertInteger('maxBytes', maxBytes, { min: 1 });
  return createAuditKeeper({ medium: memoryMedium(), clock, limits: { days, maxBytes } });
}

function memoryMedium(): AuditMedium {
  const segments = new Map<number, string[]>([[1, []]]);
  let current = 1;
  return {
    durability: 'process',
    segments: () => [...segments.keys()],
    append: async (step) => step().forEach((line) => segments.get(current)?.push(line)),
    begin: async () => {
      segments.set(++current, []);
    },
    async *read(segment) {
      yield (segments.get(segment) ?? []).slice();
    },
    remove: async (segment) => void segments.delete(segment),
    close: async () => undefined,
  };
}
