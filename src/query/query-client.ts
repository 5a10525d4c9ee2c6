/**
 * Step 4: asks, as often and as politely as the schedule allows, and says honestly when nobody answered.
 */
import type { Answer, Fingerprint } from '../base/fingerprint.js';

/** What became of one fingerprint. */
export type AskOutcome =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly from: string }
  | {
      readonly kind: 'unanswered';
      readonly reason: 'unreachable' | 'throttled' | 'bad-answer' | 'server-behind';
      /** A positive from a server that is behind: serves only because nobody else answered. */
      readonly fallback?: { readonly answer: Answer; readonly from: string };
      /** Attempts made, for the trace. */
      readonly attempts: number;
    };

/** Options of one `ask`. */
export interface AskOptions {
  /** The caller's own abort: rejects with `aborted` at once, back-off waits included. */
  readonly signal?: AbortSignal | undefined;
  /** Time in all that the caller waits; the client's own hold when absent. */
  readonly holdMs?: number;
  /** Negatives of an older generation do not count; the next server is asked instead. */
  readonly minGeneration?: number;
  /** Only sources that rate URLs are asked: the question is for the rating alone. */
  readonly rating?: boolean;
  /** Questions are shared between callers of one group only; all callers are one group when absent. */
  readonly group?: symbol;
}

/** State of one server, as `status()` shows it. */
export interface ServerStatus {
  readonly id: string;
  /** `closed`: in use; `open`: left alone until `untilAt` (epoch ms); `waiting`: it asked for a pause until then. */
  readonly state: 'closed' | 'open' | 'half-open' | 'waiting';
  readonly untilAt?: number;
  /** It is in use, but the last exchange with it failed. */
  readonly failing?: true;
}

/** The client that the engine talks to. */
export interface QueryClient {
  /** One outcome per fingerprint, in order. Rejects only with `aborted` or `closed`. */
  ask(fingerprints: readonly Fingerprint[], options: AskOptions): Promise<readonly AskOutcome[]>;
  /** Asks servers that are left alone or failing whether they are back: true as soon as one answers. */
  probe(options: { readonly signal: AbortSignal }): Promise<boolean>;
  /** Epoch ms before which a further probe is of no use. */
  nextProbeAt(): number;
  /** The network has changed: breakers close, server waits stay. */
  reset(): void;
  servers(): readonly ServerStatus[];
  /** Questions on the wire now. */
  inFlight(): number;
  close(): Promise<void>;
}
