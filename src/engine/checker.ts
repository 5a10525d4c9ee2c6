/**
 * The public face of the engine: what hosts, adapters and fakes depend on. `Checker` is the part that judges,
 * `Engine` adds what belongs to its life.
 */
import type { ActionHandler } from '../action/action-handler.js';
import type { Policy, PolicyTable, WebLevels } from '../action/policy.js';
import type { CheckResult } from '../base/check-result.js';
import type { Signal } from '../base/seams.js';
import type { Subject, SubjectInfo } from '../base/subject.js';
import type { Generations, Verdict } from '../base/verdict.js';
import type { HostLists } from '../lists/host-lists.js';
import type { PendingCounts, PendingEntry } from '../pending/pending-queue.js';
import type { UpdateStatus } from '../update/upkeep.js';
import type { EngineEvent } from './events.js';
import type { HuntStatus } from './life/retro/hunt-status.js';
import type { EngineConfig, Limits } from './options.js';

declare global {
  // Consumers whose `lib` ends at es2022 do not know the symbol; those that do declare it in the same words.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** Options of one check. */
export interface CheckOptions extends Signal {
  /**
   * Time after which the check resolves with what is known, `unknown: deadline` at least. Unlike an abort the question
   * goes on and its answer feeds the cache.
   */
  readonly deadlineMs?: number | undefined;
  /** `local` never asks; `remote` skips the local pattern and the filter. Host lists hold in every case. */
  readonly layers?: 'all' | 'local' | 'remote' | undefined;
  /** Find every threat: a find does not end the search. */
  readonly allMatches?: boolean | undefined;
  /** False: a subject that cannot be verified is not flagged. */
  readonly pending?: boolean | undefined;
  /** False: remedies are decided but not carried out. */
  readonly apply?: boolean | undefined;
  /** Record which layers answered what. */
  readonly trace?: boolean | undefined;
}

/** How a stream is received. */
export interface ReceiveOptions extends Signal {
  /** Bytes that are kept for the byte signatures (64 MiB); what comes after them is fingerprinted only. */
  readonly maxBytes?: number | undefined;
  /** Find every threat. Said here and not at the end: the matcher is at work from the first byte on. */
  readonly allMatches?: boolean | undefined;
}

/** A subject that is judged while its bytes arrive. */
export interface Receiver {
  /** Resolves when more may be written. The chunk is kept until `end`: do not write to it afterwards. */
  write(chunk: Uint8Array): Promise<void>;
  /** The verdict on all bytes written. Called once. */
  end(options?: Omit<CheckOptions, 'allMatches'>): Promise<CheckResult>;
  /** Gives everything back; `end` then rejects with `aborted`. */
  abort(): void;
}

/** Judges subjects. Never throws for what a subject, a server or a file does: such things end as `unknown`. */
export interface Checker {
  /** @throws VedetteError `aborted` on the caller's own abort, `closed` after `close`. */
  check(subject: Subject, options?: CheckOptions): Promise<CheckResult>;
  /** Results in the order of the subjects, one batch of questions for all of them. */
  checkMany(subjects: readonly Subject[], options?: CheckOptions): Promise<CheckResult[]>;
  /** Results as they come, or in order; at most `concurrency` (default 16) subjects at a time. */
  checkAll(
    subjects: Iterable<Subject> | AsyncIterable<Subject>,
    options?: CheckOptions & { readonly concurrency?: number | undefined; readonly ordered?: boolean | undefined },
  ): AsyncIterable<CheckResult>;
  /**
   * Synchronous verdict on a URL from lists, local pattern and filter alone: what `check` would say where these can tell,
   * else `unknown` with `not-asked` (only a server can tell: `check` it), `no-pattern` or `pattern-expired`. For hosts
   * that filter streams: an unlisted URL takes less time than `new URL`.
   */
  checkLocal(url: string): Verdict;
  /** Judges a stream: what is larger than `maxBytes` is asked about by fingerprint, and is `unknown: limit` if not listed. */
  receive(info: SubjectInfo, options?: ReceiveOptions): Receiver;
}

/** What differs in a derived engine: a tenant, or a second product on the same tables. */
export interface DeriveOptions {
  /** Unique in the family; owner of its pending entries. */
  readonly name: string;
  readonly policy?: PolicyTable | Policy | undefined;
  readonly level?: WebLevels | undefined;
  readonly lists?: HostLists | undefined;
  readonly actions?: ActionHandler | undefined;
  readonly limits?: Limits | undefined;
}

/** What one owner has in the queue. */
export interface PendingOwner {
  readonly owner: string;
  readonly entries: number;
  /** Of these, the ones that were set aside. */
  readonly dead: number;
  /** No engine of this family has that name: nobody drains these entries until somebody adopts them. */
  readonly orphaned: boolean;
}

/** The pending-verification queue as its owner sees it. */
export interface PendingView {
  /** The entries of this engine; with `orphaned`, those of owners that no engine of this family has the name of. */
  list(options?: { readonly orphaned?: boolean | undefined }): AsyncIterable<PendingEntry>;
  /**
   * Checks every entry anew, due or not, and yields each result as its item is settled; with `dead` what was set aside
   * as well. It keeps to `pending.drainPerSecond`.
   */
  drain(options?: CheckOptions & { readonly limit?: number | undefined; readonly dead?: boolean | undefined }): AsyncIterable<CheckResult>;
  /**
   * The result with which the entry is settled; for several items the worst.
   * @throws VedetteError `unsupported` when the id is not known.
   */
  settled(id: string, options?: Signal): Promise<CheckResult>;
  /** `orphaned` counts entries of owners that no engine of this family has the name of. */
  counts(): Promise<PendingCounts>;
  /** Takes one entry that was set aside, or all of them, back among the living: due now. Gives their number. */
  revive(id?: string): Promise<number>;
  /** Every owner that has something in the queue, the one with the oldest entry first. */
  owners(): Promise<readonly PendingOwner[]>;
  /**
   * Makes the entries of an owner that no longer exists those of this engine, to be checked from the beginning: what a
   * renamed engine left behind is not left alone. Gives their number.
   * @throws VedetteError `config-invalid` when an engine of this family has that name, `unsupported` when the queue
   * cannot do it.
   */
  adopt(owner: string): Promise<number>;
}

/** State of an engine, for a status page. */
export interface Status {
  readonly ready: boolean;
  /** `internal` or `external`: what is not known to be inside is outside. */
  readonly location: string;
  /** What told it. */
  readonly locatedBy: string;
  readonly generations: Generations;
  /** Age of the oldest installed component, 0 without any. */
  readonly patternAgeMs: number;
  readonly stale: boolean;
  readonly servers: readonly { readonly id: string; readonly state: string; readonly untilAt?: number }[];
  readonly inFlight: number;
  /** How updates go: last look, errors, generations that were rolled back. Absent: the engine looks for none by itself. */
  readonly updates?: UpdateStatus;
  /** How far the retro-hunt is. Absent: nothing that was let through is kept. */
  readonly retro?: HuntStatus;
  /** Bytes of unfinished receivers that are kept in memory. */
  readonly bytesHeld: number;
}

/** A checker with its life: patterns, queue, background work. */
export interface Engine extends Checker {
  /** Resolves when the patterns are loaded; `check` waits for it by itself. */
  ready(options?: Signal): Promise<void>;
  derive(options: DeriveOptions): Engine;
  /** @throws VedetteError `config-invalid` with every fault; the old configuration then stays. */
  configure(config: EngineConfig): Promise<void>;
  /**
   * Installs a component, or several in one switch: signed by a trusted key, newer than the installed one, unexpired, loaded
   * before the switch.
   * @throws VedetteError `pattern-refused`; what is installed then stays in use, all of it.
   */
  install(pattern: Uint8Array | readonly Uint8Array[]): Promise<Generations>;
  /** All background work that is due now, for hosts without timers. `nextAt`: when to call again (epoch ms). */
  maintain(options?: Signal & { readonly deadlineMs?: number | undefined }): Promise<{ readonly nextAt: number }>;
  /** The host's signal: breakers close, proofs of a location end, and the place is looked at again. */
  networkChanged(): void;
  /** Events may be lost; a listener that throws hurts nobody. Returns the function that removes the listener. */
  on<K extends EngineEvent['kind']>(
    kind: K,
    listener: (event: Extract<EngineEvent, { readonly kind: K }>) => void,
  ): () => void;
  readonly lists: HostLists;
  readonly pending: PendingView;
  status(): Status;
  stats(): Readonly<Record<string, number>>;
  /** Ends background work, lets checks in flight end with `closed`, closes what the engine itself made. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
