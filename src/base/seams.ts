/**
 * The seams through which time, chance, cryptography and durable state enter. Only presets, `node/` and `cli/` touch
 * the real ones; everything else is handed these interfaces, so that a test can replace them.
 */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Options of a call that may wait: the wait ends at once when the signal fires. */
export interface Signal {
  readonly signal?: AbortSignal | undefined;
}

/** Wall clock, monotonic clock and waiting. */
export interface Clock {
  /** Wall-clock time, epoch ms. May jump either way. */
  now(): number;
  /** Monotonic time in ms from an arbitrary origin. Never goes back, never jumps with the wall clock. */
  monotonicMs(): number;
  /**
   * Resolves after `ms`; rejects with `VedetteError` `aborted` at once when the signal fires.
   * A `background` wait does not keep the process alive where the host knows the difference.
   */
  sleep(ms: number, signal: AbortSignal, options?: { readonly background?: boolean }): Promise<void>;
}

/** A monotonic clock with a name: its instants compare with those of every clock of the same id. */
export interface SteadyClock {
  /** The same for all processes whose instants compare: a boot of the machine, or this process alone. */
  readonly id: string;
  /** Ms from an origin that is the same for all of one id. */
  nowMs(): number;
}

/** Uniform chance in [0, 1). */
export type Random = () => number;

/** The cryptography that the portable core needs. Ed25519 after RFC 8032; keys are the 32 raw public bytes. */
export interface Crypto {
  /** SHA-256 of a byte string (32 bytes). Synchronous: for small inputs such as statements and section tables. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** True when the signature is valid. A malformed key or signature is false, never a throw. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
  /** Cryptographically strong random bytes. */
  randomBytes(count: number): Uint8Array;
}

/** A private Ed25519 key that signs. */
export interface Signer {
  /** The 32 raw public bytes. */
  readonly publicKey: Uint8Array;
  /** The 64-byte signature of the message. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Small durable values by key: installed patterns, newest generation seen, server waits. */
export interface StateStore {
  /** The bytes last set, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Resolves when the value is as durable as the store is. */
  set(key: string, value: Uint8Array): Promise<void>;
  /** Several values in one step: after a crash all of them are new, or none. Absent: one after the other. */
  setAll?(values: readonly (readonly [key: string, value: Uint8Array])[]): Promise<void>;
}
