/**
 * Remedies for files of this machine: rename, delete, quarantine. The object is found again first and acted on only
 * where it still is what was condemned: the content of `result.sha256` under the path of its locator. Other content is
 * not touched and gives `not-needed`, as does a file that is gone.
 *
 * Every remedy may be applied again with the same key: what was interrupted is completed, what was done stays done.
 */
import { resolve } from 'node:path';
import type { ActionHandler } from '../action/action-handler.js';
import type { ActionOutcome, CheckResult } from '../base/check-result.js';
import { unreachable } from '../base/assert.js';
import { throwIfAborted } from '../base/errors.js';
import type { Locator } from '../base/subject.js';
import type { Remedy } from '../base/verdict.js';
import { errnoOf } from './durable-files.js';
import { fileScheme, locatorPath, type FilePath } from './file-path.js';
import { identify, type Condemned } from './remedy/condemned.js';
import { hiddenName, quarantineFile, quarantineId } from './remedy/quarantine.js';
import { renameAway } from './remedy/rename-away.js';
import { deleteCondemned, resumeDeletion, type Moved } from './remedy/verified-move.js';

/** Options of `createFileActions`. */
export interface FileActionsOptions {
  /** Made with mode 0700 when it is first needed. Without it, quarantine is refused as `unable`. */
  readonly quarantineDir?: string | undefined;
  /** Epoch ms, for records of quarantine. */
  readonly now?: (() => number) | undefined;
}

/** What the system answers for good: trying again would not help. */
const finalErrors: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'EEXIST', 'EISDIR', 'ENOTSUP']);

interface Order {
  readonly path: FilePath;
  readonly locator: Locator;
  readonly sha256: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly result: CheckResult;
}

/**
 * Remedies for files. Errors of the system that may pass (no room, too many open files) reject, so that the remedy is
 * tried again; those that will not are `unable` with the error's name.
 */
export function createFileActions(options: FileActionsOptions = {}): ActionHandler {
  return {
    idempotent: true,
    async apply(result, { key, signal }) {
      throwIfAborted(signal);
      const { remedy } = result.decision;
      if (remedy === 'none') {
        return { kind: 'not-needed' };
      }
      const { locator } = result.subject;
      const path = locator === undefined ? undefined : locatorPath(locator);
      if (locator === undefined || path === undefined) {
        return { kind: 'unable', detail: `the subject has no ${fileScheme} locator` };
      }
      if (result.sha256 === undefined) {
        return { kind: 'unable', detail: 'the content that was condemned is not known' };
      }
      const order = { path, locator, sha256: result.sha256.toLowerCase(), key, signal, result };
      return honestly(() => carryOut(remedy, order, options));
    },
  };
}

function carryOut(remedy: Exclude<Remedy, 'none'>, order: Order, options: FileActionsOptions): Promise<ActionOutcome> {
  switch (remedy) {
    case 'rename':
      return renameFile(order);
    case 'delete':
      return deleteFile(order);
    case 'quarantine':
      return quarantine(order, options);
    default:
      return unreachable(remedy);
  }
}

function renameFile(order: Order): Promise<ActionOutcome> {
  return onCondemned(order, async (condemned) => outcomeOf(await renameAway(condemned), condemned));
}

async function deleteFile(order: Order): Promise<ActionOutcome> {
  const hidden = hiddenName(quarantineId(order.key, order.sha256, order.locator));
  const resumed = await resumeDeletion(order.path, hidden, order);
  if (resumed?.kind === 'moved' || resumed?.kind === 'astray') {
    return outcomeOf(resumed, undefined);
  }
  return onCondemned(order, async (condemned) => outcomeOf(await deleteCondemned(condemned, hidden), condemned));
}

async function quarantine(order: Order, options: FileActionsOptions): Promise<ActionOutcome> {
  if (options.quarantineDir === undefined) {
    return { kind: 'unable', detail: 'no quarantine directory is configured' };
  }
  const now = (options.now ?? Date.now)();
  const outcome = await quarantineFile({ ...order, quarantineDir: resolve(options.quarantineDir), now });
  switch (outcome.kind) {
    case 'held':
      return done(outcome.links);
    case 'inside':
      return { kind: 'not-needed' };
    default:
      return outcomeOf(outcome, undefined);
  }
}

async function onCondemned(order: Order, act: (condemned: Condemned) => Promise<ActionOutcome>): Promise<ActionOutcome> {
  const identified = await identify(order.path, order.sha256, order);
  if (identified.kind !== 'condemned') {
    return { kind: 'not-needed' };
  }
  try {
    throwIfAborted(order.signal);
    return await act(identified.condemned);
  } finally {
    await identified.condemned.close();
  }
}

function outcomeOf(moved: Moved, condemned: Condemned | undefined): ActionOutcome {
  switch (moved.kind) {
    case 'moved':
      return done(Number(condemned?.stats.nlink ?? 1n));
    case 'gone':
    case 'changed':
      return { kind: 'not-needed' };
    case 'elsewhere':
      return { kind: 'unable', detail: 'the place to move to is on another device' };
    case 'astray':
      return { kind: 'uncertain', detail: moved.detail };
  }
}

function done(links: number): ActionOutcome {
  return links <= 1 ? { kind: 'done' } : { kind: 'done', detail: `${links - 1} other hard links to the content remain` };
}

async function honestly(act: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  try {
    return await act();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && finalErrors.has(errno)) {
      return { kind: 'unable', detail: errno };
    }
    throw error;
  }
}
