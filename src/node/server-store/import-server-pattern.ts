/** A server pattern into the directory of a server store: verified first, then copied in bounded memory, then made current. */
import type { Crypto } from '../../base/seams.js';
import { hostRuleOf } from '../../pattern/host-rule.js';
import { importTable } from '../../server/store/import/import-table.js';
import { PatternCursor } from '../../server/store/import/pattern-cursor.js';
import type { TableOrigin } from '../../server/store/table-head.js';
import { readCurrent } from './generation-files.js';
import { withStoreLock } from './store-lock.js';
import { storeRefused } from './store-refused.js';
import { verifyPatternFile, type VerifiedPattern } from './verified-pattern.js';
import { writeTable } from './write-table.js';

/** What is imported, and into which directory. */
export interface ImportOptions {
  /** The file of a server pattern. */
  readonly file: string;
  /** Made where it is not there. */
  readonly dir: string;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  /** Raw public keys, one of which has to have signed the file. With none, the file is the caller's own. */
  readonly trust: readonly Uint8Array[];
  /** An older generation takes the place of a newer one: an administrator's explicit wish. */
  readonly rollback?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Imports a server pattern; stores that have the directory open go over to it by themselves. Memory does not grow with the
 * file. One import or change at a time for a directory.
 * @throws VedetteError `pattern-refused` for a file that is not whole, not signed by a trusted key or (`detail.cause`
 * `older`) of an older generation; `config-invalid` for one that cannot be read; `store-busy` while somebody else writes
 * there; `peer-missing` without lmdb; `aborted`.
 */
export async function importServerPattern(options: ImportOptions): Promise<TableOrigin> {
  const pattern = await verifyPatternFile(options.file, options);
  try {
    return await withStoreLock(options.dir, () => importVerified(pattern, options));
  } finally {
    pattern.close();
  }
}

async function importVerified(pattern: VerifiedPattern, { dir, signal, rollback }: ImportOptions): Promise<TableOrigin> {
  const origin = originOf(pattern);
  const current = await readCurrent(dir).catch(() => undefined);
  if (rollback !== true && current !== undefined && current.generation > origin.generation) {
    throw storeRefused('older', `the server store has generation ${current.generation}, the file is generation ${origin.generation}`);
  }
  const cursor = new PatternCursor(pattern.source, pattern.section('hashes'));
  const table = { dir, generation: origin.generation, signal, inUse: current?.file };
  await writeTable(table, (target) => importTable(cursor, { ...target, origin }));
  return origin;
}

function originOf(pattern: VerifiedPattern): TableOrigin {
  const { head, source, contentId } = pattern;
  const meta = new PatternCursor(source, pattern.section('meta'));
  const hostRule = hostRuleOf(meta.u8());
  const { generation, createdAt, expiresAt, periodMs } = head;
  return { generation, createdAt, expiresAt, periodMs, hostRule, contentId };
}
