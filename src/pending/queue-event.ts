/**
 * Everything that changes the pending queue, as data. The queue in memory applies an event and forgets it; the queue
 * on disk writes it to its journal first. Applying the same events in the same order gives the same queue, so the
 * journal is nothing but a list of these.
 */

/** One change. Texts are JSON: of a subject (`subject-record.ts`), of the host's intent or outcome. */
export type QueueEvent =
  /** A subject was accepted: as a further item of `entry`, or as its first. Says all that is needed to make the entry. */
  | { readonly kind: 'enqueued'; readonly entry: string; readonly item: string; readonly at: number; readonly subject: string }
  | { readonly kind: 'claimed'; readonly entries: readonly string[]; readonly leaseMs: number }
  /** `claim` is known in memory only: claims end with the process. */
  | { readonly kind: 'intended'; readonly entry: string; readonly item: string; readonly intent: string; readonly claim?: number | undefined }
  | { readonly kind: 'settled'; readonly entry: string; readonly item: string; readonly outcome: string }
  | {
      readonly kind: 'released';
      readonly entry: string;
      readonly notBeforeAt: number;
      readonly dead: boolean;
      readonly failed: boolean;
    }
  /** How an entry stands from now on, whatever led to it: also what a rewritten journal says instead of its history. */
  | { readonly kind: 'standing'; readonly entry: string; readonly standing: Standing };

/** What of an entry changes from claim to claim. */
export interface Standing {
  readonly attempts: number;
  readonly failures: number;
  /** Epoch ms. */
  readonly notBeforeAt: number;
  readonly dead: boolean;
  /** Absent: not escalated. */
  readonly escalated?: boolean;
  /** Who has adopted it. Absent: still of the owner that its first subject names. */
  readonly owner?: string;
}
