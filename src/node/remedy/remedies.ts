/**
 * Remedies for files of this machine: rename, delete, quarantine. The object is found again first and acted on only
 * where it still is what was condemned: the content of `result.sha256` under the path of its locator, with no symbolic
 * link on the way. Other content is not touched and gives `not-needed`, as does a file that is gone.
 *
 * Every remedy may be applied again with the same key: what was interrupted is completed, what was done stays done.
 */
import type { ActionHandler } from '../../action/action-handler.js';
import { unreachable } from '../../base/assert.js';
import type { ActionOutcome, CheckResult } from '../../base/check-result.js';
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Remedy } from '../../base/verdict.js';
import { errnoOf } from '../files/durable-files.js';
import { fileScheme, locatorPath, type FilePath } from '../files/file-path.js';
import { identify, type Condemned } from './condemned.js';
import { nameAside, renameAway } from './rename-away.js';
import type { RemedyFiles } from './remedy-files.js';
import { splitPath, type PinnedDirectory } from './pinned-directory.js';
import { deleteAside, deleteCondemned, findAside, type Moved } from './verified-move.js';
import { hiddenName, quarantineFile, vaultId, type RemedyOrder, type VaultRoom } from '../vault/quarantine.js';

/** What the remedies are carried out with. Without a vault, quarantine is refused as `unable`. */
export interface RemedyTools {
  readonly files: RemedyFiles;
  readonly vault?: VaultRoom | undefined;
}

/** What the system answers for good: trying again would not help. */
const finalErrors: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted: the file or its directory is immutable, or belongs to somebody else'],
  ['EROFS', 'the file system is read-only'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EEXIST', 'no name is free'],
  ['EISDIR', 'a directory is in the way'],
  ['ENOTSUP', 'the file system cannot do it'],
  ['ELOOP', 'a symbolic link is on the way, and none is followed'],
  ['EBUSY', 'the file is in use'],
]);

/** A file that is touched again and again between look and act; then nobody can say. */
const maxAttempts = 3;

/**
 * The handler. Errors that may pass (no room, too many open files) reject, so that the remedy is tried again; those that
 * will not are `unable` and say why.
 */
export function createRemedies(tools: RemedyTools): ActionHandler {
  return {
    idempotent: true,
    async apply(result, { key, signal }) {
      throwIfAborted(signal);
      const { remedy } = result.decision;
      if (remedy === 'none') {
        return { kind: 'not-needed' };
      }
      const order = orderOf(result, key, signal);
      return 'kind' in order ? order : honestly(() => persistently(() => carryOut(remedy, order, tools), order.signal));
    },
  };
}

function orderOf(result: CheckResult, key: string, signal: AbortSignal): RemedyOrder | ActionOutcome {
  const { locator } = result.subject;
  const path = locator === undefined ? undefined : locatorPath(locator);
  if (locator === undefined || path === undefined) {
    return { kind: 'unable', detail: `the subject has no ${fileScheme} locator` };
  }
  if (result.sha256 === undefined) {
    return { kind: 'unable', detail: 'the content that was condemned is not known' };
  }
  return { path, locator, sha256: result.sha256.toLowerCase(), key, signal, result };
}

/** How one attempt ended; `links` counts the names that the content had. */
type Attempt =
  | Exclude<Moved, { readonly kind: 'moved' }>
  | { readonly kind: 'held' | 'done'; readonly links: number }
  | { readonly kind: 'no-vault' };

async function carryOut(remedy: Exclude<Remedy, 'none'>, order: RemedyOrder, tools: RemedyTools): Promise<Attempt> {
  switch (remedy) {
    case 'rename':
      return takeAway(order, tools, { fresh: renameAway, aside: nameAside });
    case 'delete':
      return takeAway(order, tools, { fresh: deleteCondemned, aside: deleteAside });
    case 'quarantine':
      return tools.vault === undefined ? { kind: 'no-vault' } : quarantineFile(order, tools.vault);
    default:
      return unreachable(remedy);
  }
}

interface Ways {
  fresh(condemned: Condemned, hidden: string): Promise<Moved>;
  /** What an interrupted run set aside from `name`. */
  aside(dir: PinnedDirectory, hidden: string, name: FilePath): Promise<Moved>;
}

async function takeAway(order: RemedyOrder, { files }: RemedyTools, ways: Ways): Promise<Attempt> {
  const { path, sha256, signal } = order;
  const hidden = hiddenName(vaultId(order.key, sha256, order.locator));
  const left = await findAside(path, { hidden, sha256 }, { files, signal });
  if (left.kind === 'back' && left.moved.kind === 'astray') {
    return left.moved;
  }
  const identified = left.kind === 'condemned' ? left : await identify(path, sha256, { files, signal });
  if (identified.kind !== 'condemned') {
    // Other content was never condemned: for a remedy the file is gone.
    return { kind: 'gone' };
  }
  const { condemned } = identified;
  try {
    throwIfAborted(signal);
    const moved = await (left.kind === 'condemned' ? ways.aside(condemned.dir, hidden, splitPath(path).name) : ways.fresh(condemned, hidden));
    return moved.kind === 'moved' ? { kind: 'done', links: Number(condemned.stats.nlink) } : moved;
  } finally {
    await condemned.close();
  }
}

/** A file that was touched between look and act is looked at anew: touching it is no way around a remedy. */
async function persistently(attempt: () => Promise<Attempt>, signal: AbortSignal): Promise<ActionOutcome> {
  for (let count = 0; count < maxAttempts; count++) {
    const ended = await attempt();
    if (ended.kind !== 'changed') {
      return outcomeOf(ended);
    }
    throwIfAborted(signal);
  }
  return { kind: 'uncertain', detail: `the file was changed ${maxAttempts} times while it was to be treated` };
}

function outcomeOf(ended: Exclude<Attempt, { readonly kind: 'changed' }>): ActionOutcome {
  switch (ended.kind) {
    case 'done':
    case 'held':
      return done(ended.links);
    case 'gone':
      return { kind: 'not-needed' };
    case 'astray':
      return { kind: 'uncertain', detail: ended.detail };
    case 'no-vault':
      return { kind: 'unable', detail: 'no quarantine directory is configured' };
  }
}

/** Nobody can find the other names of a file but by a search of its whole file system. */
function done(links: number): ActionOutcome {
  if (links <= 1) {
    return { kind: 'done' };
  }
  const others = links === 2 ? '1 other hard link' : `${links - 1} other hard links`;
  return { kind: 'done', detail: `${others} to the content, not treated` };
}

async function honestly(act: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  try {
    return await act();
  } catch (error) {
    const errno = VedetteError.is(error) ? undefined : errnoOf(error);
    const words = errno === undefined ? undefined : finalErrors.get(errno);
    if (words !== undefined) {
      return { kind: 'unable', detail: `${errno}: ${words}` };
    }
    throw error;
  }
}
