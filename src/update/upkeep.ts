/**
 * What keeps the components of an engine up to date: a part that the engine's background work calls, and that hands it
 * what it has found. Who looks where is the host's choice; the engine only knows this promise.
 */
import type { ComponentKind } from '../pattern/container-format.js';

/** What an upkeep may do with an engine. */
export interface UpkeepHands {
  /** Components from a network, into use in one switch. Rejects with `pattern-refused`. */
  install(components: readonly Uint8Array[], deltas: ReadonlyMap<ComponentKind, readonly Uint8Array[]>): Promise<unknown>;
  /** Components that are in place on the disk already, put there by another process or by an administrator. */
  adopt(components: readonly Uint8Array[], how: { readonly rollback: boolean }): Promise<void>;
  inUse(kind: ComponentKind): { readonly generation: number; readonly digest: string } | undefined;
  /** Where the host is (`internal` or `external`), and the addresses of sources that its profile there names. */
  here(): { readonly location: string; readonly sources: readonly string[] | undefined };
  /** The server generation that the filter covers, and the newest one that was heard of. */
  heard(): { readonly covers: number | undefined; readonly newest: number | undefined };
  /** A component of these was looked for and could not be brought up to date. */
  onFault(error: unknown): void;
  /** There is something to do before the instant that was named. */
  soon(): void;
}

/** Keeps components up to date. */
export interface Upkeep {
  /** All that is due. Never rejects. @returns in how many ms to look again. */
  tend(hands: UpkeepHands, signal: AbortSignal): Promise<number>;
  status(): UpdateStatus | undefined;
}

/** How updates go. */
export interface UpdateStatus {
  /** Instants are epoch ms. */
  readonly lastLookAt?: number;
  /** Address of the source that was believed then. */
  readonly source?: string;
  /** Why it could not bring everything up to date: the name of the attack or fault, and a sentence. */
  readonly error?: { readonly cause: string; readonly message: string };
  readonly nextLookAt?: number;
  /** Components from which an administrator went back, until a newer generation comes. */
  readonly rolledBack: readonly { readonly component: ComponentKind; readonly from: number; readonly to: number; readonly at: number }[];
}
