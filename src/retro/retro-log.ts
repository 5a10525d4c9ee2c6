/**
 * What was let through in the last days, by fingerprint: the memory of the retro-hunt. When a newer pattern or answer
 * makes one of them malicious, the entry becomes one finding for each place where it was seen, and a finding is kept
 * until what follows from it has been done.
 *
 * Findings carry their remedy through a crash as pending items do (DESIGN rule 3): intent before, outcome after, one key.
 */
import type { Fingerprint } from '../base/fingerprint.js';
import type { Json } from '../base/seams.js';
import type { SubjectInfo } from '../base/subject.js';
import type { Verdict } from '../base/verdict.js';

/** One place where a content was let through, and by whom. */
export interface RetroPlace {
  /** Engine that let it through: its policy and its hands are for a finding. */
  readonly owner: string;
  readonly subject: SubjectInfo;
}

/** One subject that was let through. */
export interface Allowed extends RetroPlace {
  readonly kind: 'file' | 'url' | 'digest';
  /** SHA-256 in hex: of the content, or of a URL's exact expression. */
  readonly key: string;
  /** For URLs: the text, from which the fingerprints are made anew. */
  readonly url?: string;
  /** Of a file or digest: every digest that is known. Empty for URLs. */
  readonly fingerprints: readonly Fingerprint[];
}

/** One fingerprint with every place where it was let through. */
export interface RetroEntry extends Omit<Allowed, 'owner' | 'subject'> {
  /** Oldest first, a bounded number of them: of more, the latest. At least one. */
  readonly places: readonly RetroPlace[];
  /** Kept until this instant (epoch ms). */
  readonly untilAt: number;
}

/** One place whose content turned out to be malicious. */
export interface RetroFinding extends RetroPlace {
  /** Never the same again: the key of its remedy. */
  readonly id: string;
  readonly kind: 'file' | 'url' | 'digest';
  readonly key: string;
  readonly url?: string;
  /** Bytes, where known. */
  readonly size?: number;
  readonly verdict: Verdict;
  /** Epoch ms. */
  readonly foundAt: number;
  /** A remedy was begun; without an outcome it is not known whether it was carried out. */
  readonly intent?: Json;
  /** What became of it: nothing more is to be done. */
  readonly outcome?: Json;
}

/** How much is kept. */
export interface RetroCounts {
  readonly entries: number;
  /** Bytes of all entries, in the log's own count. */
  readonly bytes: number;
  /** Findings about which something is still to be done. */
  readonly open: number;
}

/** The memory itself: bounded by days, entries and bytes; what is over the bounds goes, oldest first. */
export interface RetroEntries {
  /**
   * Keeps a further sighting. What is seen again at the same place stays one place, and is young again. Resolves when
   * it is as durable as the log is; nobody has to wait for that.
   */
  remember(allowed: Allowed): Promise<void>;
  /** Keys of all entries, oldest first. */
  keys(): Promise<readonly string[]>;
  /** One element per key, in order; undefined for what is not, or no longer, there. */
  find(keys: readonly string[]): Promise<readonly (RetroEntry | undefined)[]>;
  /** Forgets a place, or the entry with all of them: it is in other hands now. */
  forget(key: string, place?: RetroPlace): Promise<void>;
  /** What the last whole hunt was made by, undefined before the first. */
  mark(): Promise<string | undefined>;
  /** Keeps the mark of a hunt that has come to its end (1,000 characters at most). */
  hunted(mark: string): Promise<void>;
  counts(): Promise<RetroCounts>;
}

/** What was found. */
export interface RetroFindings {
  /**
   * The places of the entry, or those of one owner, become findings in one durable step; other places stay. None where
   * there is no such entry.
   */
  raise(key: string, verdict: Verdict, owner?: string): Promise<readonly RetroFinding[]>;
  /** Journals that a remedy is about to be carried out. Nothing happens where there is no such open finding. */
  intend(id: string, intent: Json): Promise<void>;
  /** Journals what became of a finding. True by the call that ended it. */
  settle(id: string, outcome: Json): Promise<boolean>;
  /** Oldest first; those that are settled are kept for as long as entries are, a bounded number of them. */
  findings(): AsyncIterable<RetroFinding>;
}

/** The whole log. Promises of findings resolve when what they say is as durable as `durability` says. */
export interface RetroLog extends RetroEntries, RetroFindings {
  readonly durability: 'process' | 'disk';
  close?(): Promise<void>;
}
