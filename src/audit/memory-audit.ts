/** The audit log of durability `process`: it is gone with the process, as the memory queue is. */
import type { Clock } from '../base/seams.js';
import { openAuditKeeper, type AuditMedium } from './audit-keeper.js';
import type { AuditLog } from './audit-log.js';

/** Options of `openMemoryAudit`. */
export interface MemoryAuditOptions {
  readonly clock: Clock;
  /** Days that records are kept at least, room permitting (90). */
  readonly days?: number | undefined;
  /** Bytes at most (8 MiB); records that are still open are kept over it. */
  readonly maxBytes?: number | undefined;
}

/** A log in memory. */
export function openMemoryAudit(options: MemoryAuditOptions): Promise<AuditLog & { close(): Promise<void> }> {
  const { clock, days = 90, maxBytes = 8 * 1024 * 1024 } = options;
  return openAuditKeeper({ medium: memoryMedium(), clock, limits: { days, maxBytes } });
}

function memoryMedium(): AuditMedium {
  const segments = new Map<number, string[]>([[1, []]]);
  let current = 1;
  return {
    durability: 'process',
    segments: () => [...segments.keys()],
    append: async (lines) => lines.forEach((line) => segments.get(current)?.push(line)),
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
