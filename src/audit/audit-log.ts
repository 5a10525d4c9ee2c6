/**
 * The record of every temporary allow (DESIGN rule 3): what was let through although nobody could verify it, when and
 * why, and how and when it was resolved. Joined by the id of the pending entry and the place where the subject stands.
 *
 * A record whose entry is still pending is never given up, whatever the bounds; of the others the oldest go first.
 */
import type { ActionOutcome } from '../base/check-result.js';
import type { SubjectInfo } from '../base/subject.js';
import type { Access, Disposition, Reason, Remedy } from '../base/verdict.js';

/** One subject that was let through for the time being. */
export interface TemporaryAllow {
  /** Id of its entry in the pending queue. */
  readonly pendingId: string;
  /** Epoch ms. */
  readonly at: number;
  /** Engine that let it through. */
  readonly owner: string;
  readonly kind: 'file' | 'url' | 'digest';
  readonly subject: SubjectInfo;
  /** The text of a URL. */
  readonly url?: string;
  /** Hex; absent where the bytes were not read. */
  readonly sha256?: string;
  /** Why it could not be verified. */
  readonly reason: Reason;
  readonly access: Extract<Access, 'allow' | 'warn'>;
  /** Which policy let it through: the base of a table, the label of one of the host's own, or `host`. */
  readonly policy: string;
}

/** How it ended: what the subject turned out to be, and what was done about it. */
export interface AuditResolution {
  readonly pendingId: string;
  /** Epoch ms. */
  readonly at: number;
  /** The same place as in the allow: only label and locator count. */
  readonly subject: SubjectInfo;
  readonly disposition: Disposition;
  /** Why it is unknown for good: the object is gone, say, or `internal` where the end itself is not on record. */
  readonly reason?: Reason;
  /** Names, 32 at most. */
  readonly threats: readonly string[];
  readonly access: Access;
  readonly remedy: Remedy;
  readonly outcome?: ActionOutcome['kind'];
}

/** One allow with its end, where it has one. */
export interface AuditRecord extends TemporaryAllow {
  /** Further allows at the same place, folded into this record when room was made for others. */
  readonly repeats?: { readonly times: number; readonly lastAt: number };
  readonly resolution?: AuditResolution;
}

/** Which records are wanted: all conditions hold. */
export interface AuditFilter {
  /** Allowed at this instant (epoch ms) or later. */
  readonly fromAt?: number | undefined;
  /** Allowed before this instant (epoch ms). */
  readonly toAt?: number | undefined;
  /** True: without a resolution; false: with one. */
  readonly open?: boolean | undefined;
}

/** Keeps the records. Every promise that resolves has been made as durable as `durability` says. */
export interface AuditLog {
  readonly durability: 'process' | 'disk';
  /** Put on record before the answer of the check is given. */
  allowed(allow: TemporaryAllow): Promise<void>;
  /** Ends every open allow of this entry at this place; of those without a place the oldest. Without one it is kept all the same. */
  resolved(resolution: AuditResolution): Promise<void>;
  /**
   * Records in the order of the allows; what is older than the bounds and still open stands later. What is written while
   * somebody reads may be among them.
   */
  read(filter?: AuditFilter): AsyncIterable<AuditRecord>;
  close?(): Promise<void>;
}
