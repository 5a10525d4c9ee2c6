/** Reading the audit log of a directory while another process writes it: nothing is locked and nothing is changed. */
import { resolve } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { AuditLog } from '../../audit/audit-log.js';
import { createAuditKeeper } from '../../audit/audit-keeper.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { nodeFiles, type DurableFiles } from '../files/durable-files.js';
import type { Losses } from '../journal/read-journal.js';
import { readSegment, segmentNumbers } from './segment-medium.js';

/** Options of `readJournalAudit`. */
export interface ReadAuditOptions {
  /** A directory that is not there has no records. */
  readonly dir: string;
  /** Told of a file that cannot be read as a whole. */
  readonly onLoss?: ((path: string, losses: Losses) => void) | undefined;
  readonly files?: DurableFiles | undefined;
}

/**
 * What the log holds now.
 * @throws VedetteError `store-damaged` when the disk fails, `unsupported` when it was written by a later version.
 */
export async function readJournalAudit(options: ReadAuditOptions): Promise<Pick<AuditLog, 'read'>> {
  const { files = nodeFiles, onLoss = () => undefined } = options;
  const dir = resolve(options.dir);
  const numbers = (await files.exists(dir)) ? segmentNumbers(await files.list(dir)) : [];
  const refuse = (): Promise<never> => Promise.reject(new VedetteError('unsupported', 'an audit log that was opened to be read takes no records'));
  const told = new Set<string>();
  return createAuditKeeper({
    clock: createSystemClock(),
    limits: { days: 1, maxBytes: 1 },
    medium: {
      durability: 'disk',
      segments: () => numbers,
      async *read(segment) {
        yield await readSegment({ files, dir }, segment, (path, losses) => {
          if (!told.has(path)) {
            told.add(path);
            onLoss(path, losses);
          }
        });
      },
      append: refuse,
      begin: refuse,
      remove: refuse,
      close: async () => undefined,
    },
  });
}
