/**
 * One look for updates: from the first source that can be believed, what is newer of the components that are asked for,
 * by deltas where these are small, into use by the host's one `install`, all in one switch. Whatever fails leaves
 * everything as it is.
 *
 *     sources in order ─▶ metadata verified (TUF) ─▶ plan ─▶ files by digest ─▶ containers ─▶ install ─▶ switch
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import { sourceFaults, type UpdateSource, type Whereabouts } from '../../update/sources.js';
import { errnoOf, type DurableFiles } from '../files/durable-files.js';
import { storeError } from '../store-error.js';
import type { TransferLimits } from './fetch/download.js';
import type { ApplyDelta } from './fetch/fetch-component.js';
import type { GenerationStore, LastLook } from './generation-store.js';
import type { Fetch } from './fetch/http-body.js';
import { Round } from './look/round.js';
import { visitPrefix } from './fetch/tuf-client.js';

/** What an updater is made of. */
export interface UpdaterOptions {
  readonly store: GenerationStore;
  /** Text of the root metadata that the host trusts from the start. */
  readonly root: string;
  readonly sources: readonly UpdateSource[];
  readonly clock: Clock;
  readonly fetch?: Fetch | undefined;
  /** Default: `applyDelta` of the delta format. */
  readonly applyDelta?: ApplyDelta | undefined;
  readonly limits?: Partial<TransferLimits> | undefined;
  readonly files?: DurableFiles | undefined;
  /** Files are kept as they were downloaded for as long as the metadata name them, for a relay to pass on (false). */
  readonly keepTargets?: boolean | undefined;
}

/** One look. */
export interface LookOptions {
  readonly components: readonly ComponentKind[];
  /**
   * Takes fetched files into use, all or none; rejects with `pattern-refused` for what it does not take. `deltas`: those by
   * which a component was made, for stores that take changes.
   */
  install(containers: readonly Uint8Array[], deltas: ReadonlyMap<ComponentKind, readonly Uint8Array[]>): Promise<unknown>;
  /** Where the host is now. Default: outside, with no known address. */
  readonly at?: Whereabouts | undefined;
  /** Addresses to ask in this order, in the place of the updater's sources. */
  readonly only?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another process that is looking (0). */
  readonly waitMs?: number | undefined;
}

/** A component that was brought up to date. */
export interface UpdatedComponent {
  readonly component: ComponentKind;
  readonly from?: number;
  readonly to: number;
  readonly by: 'full' | 'deltas';
  /** Bytes of the files that it took. */
  readonly bytes: number;
}

/** Something that was not taken. */
export interface UpdateRefusal {
  readonly source: string;
  readonly component?: ComponentKind;
  /** The name of the attack, or of the fault. */
  readonly cause: string;
  readonly message: string;
  /** The source asked to be left alone for so long. */
  readonly waitMs?: number;
}

/** How a look ended. */
export interface UpdateReport {
  /** `current`: everything asked for is in use. `failed`: nothing was changed, since something could not be had. */
  readonly kind: 'updated' | 'current' | 'failed';
  /** The source whose word it is. */
  readonly source?: string;
  readonly updated: readonly UpdatedComponent[];
  /** Components that could not be brought up to date. */
  readonly failed: readonly ComponentKind[];
  /** Components that were fetched and not taken, because others of the same look failed. */
  readonly heldBack: readonly ComponentKind[];
  readonly refused: readonly UpdateRefusal[];
  /** Paths of all targets that were downloaded. */
  readonly targets: readonly string[];
}

/** Looks for updates. */
export interface Updater {
  /**
   * Never rejects for what a source does: that is in the report.
   * @throws VedetteError `aborted`, `store-busy`, `store-damaged`, `peer-missing`.
   */
  look(options: LookOptions): Promise<UpdateReport>;
}

/** @throws VedetteError `config-invalid` when a source cannot be used. */
export function createUpdater(options: UpdaterOptions): Updater {
  const faults = sourceFaults(options.sources);
  if (faults.length > 0) {
    throw new VedetteError('config-invalid', `update sources: ${faults.join('; ')}`, { detail: { faults } });
  }
  return {
    async look(look) {
      throwIfAborted(look.signal);
      try {
        return await lookOnce(options, look);
      } catch (error) {
        throw isOfDisk(error) ? storeError('updating', 'the directory of patterns', error) : error;
      }
    },
  };
}

async function lookOnce(options: UpdaterOptions, look: LookOptions): Promise<UpdateReport> {
  const downloads = await options.store.downloads(look.waitMs ?? 0);
  try {
    await removeLeftovers(downloads.dir);
    const report = await new Round(options, look, downloads.dir).run();
    await options.store.keepLook(lookFrom(report, options.clock.now()));
    return report;
  } finally {
    await downloads.release();
  }
}

/** A call of the system that failed: a full disk, a missing right. */
function isOfDisk(error: unknown): boolean {
  return !VedetteError.is(error) && errnoOf(error) !== undefined;
}

/** What is kept of a report. */
export function lookFrom(report: UpdateReport, at: number): LastLook {
  const [refusal] = report.refused;
  return {
    at,
    ...(report.source === undefined ? {} : { source: report.source }),
    ...(refusal === undefined ? {} : { error: { cause: refusal.cause, message: refusal.message } }),
  };
}

/** What a process that was killed left behind while it verified metadata. */
async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith(visitPrefix)) {
      await rm(join(dir, name), { recursive: true, force: true });
    }
  }
}
