/** Opening the audit log of a directory, for this process alone. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { AuditLog } from '../../audit/audit-log.js';
import { openAuditKeeper } from '../../audit/audit-keeper.js';
import { assertInteger } from '../../base/assert.js';
import type { Clock, SteadyClock } from '../../base/seams.js';
import { ensureDirectory, nodeFiles, type DurableFiles } from '../files/durable-files.js';
import { nodeProcesses, type ProcessProbe } from '../journal/lock-holder.js';
import { acquireLock, type Lock } from '../journal/lock.js';
import type { JournalDamage } from '../journal/open-journal.js';
import { storeError } from '../store-error.js';
import { SegmentMedium } from './segment-medium.js';

/** An audit log with files behind it. */
export type JournalAudit = AuditLog & { close(): Promise<void> };

/** Options of `openJournalAudit`. */
export interface JournalAuditOptions {
  /** Made with mode 0700 when it is not there. */
  readonly dir: string;
  readonly clock: Clock;
  /** The clock of the machine, where it has one: a wall clock that jumps then makes no record older over restarts either. */
  readonly steady?: SteadyClock | undefined;
  /** Days that records are kept at least, room permitting (90). */
  readonly days?: number | undefined;
  /** Bytes of all files at most (64 MiB), about; records that are still open are kept over it. */
  readonly maxBytes?: number | undefined;
  /** How long to wait for another process to let go of the directory (0). */
  readonly waitMs?: number | undefined;
  /** Told of a file that could not be read as a whole; what could be is there. */
  readonly onDamage?: ((damage: JournalDamage) => void) | undefined;
  /** Told when old records could not be put away: the log goes on. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  readonly files?: DurableFiles | undefined;
  readonly processes?: ProcessProbe | undefined;
}

/**
 * Opens the audit log of a directory.
 * @throws VedetteError `store-busy` when another process has it, `unsupported` when it was written by a later version,
 * `store-damaged` when the disk fails; RangeError when a bound is no positive integer.
 */
export async function openJournalAudit(options: JournalAuditOptions): Promise<JournalAudit> {
  const { clock, days = 90, maxBytes = 64 * 1024 * 1024, onFault, onDamage, files = nodeFiles } = options;
  assertInteger('days', days, { min: 1, max: 3650 });
  assertInteger('maxBytes', maxBytes, { min: 1 });
  const dir = resolve(options.dir);
  const lock = await lockDirectory(dir, options);
  try {
    const common = { dir, clock, files, processes: options.processes, onDamage };
    const onLoss = (path: string, losses: Omit<JournalDamage, 'copy'>): void => onDamage?.({ ...losses, copy: path });
    const medium = await SegmentMedium.open({ ...common, lock, onLoss });
    return await openAuditKeeper({ medium, clock, steady: options.steady, limits: { days, maxBytes }, onFault }).catch(async (error: unknown) => {
      await medium.close();
      throw error;
    });
  } catch (error) {
    await lock.release();
    throw storeError('opening', dir, error);
  }
}

async function lockDirectory(dir: string, options: JournalAuditOptions): Promise<Lock> {
  const { clock, waitMs = 0, files = nodeFiles, processes = nodeProcesses } = options;
  try {
    await ensureDirectory(files, dir);
    const token = (): string => randomBytes(8).toString('hex');
    return await acquireLock({ files, dir, name: 'audit.lock', guards: 'audit', clock, waitMs, processes, token });
  } catch (error) {
    throw storeError('locking', dir, error);
  }
}
