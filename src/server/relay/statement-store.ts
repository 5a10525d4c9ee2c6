/** Where signed statements are kept until they expire: a relay's memory. What is lost from it is asked again. */

/** A statement with the signature over it alone, as it came from its origin. */
export interface SignedStatement {
  /** Encoded; the signature is over these bytes. */
  readonly statement: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** What the statement says about itself, so that it need not be decoded to be judged. */
  readonly generation: number;
  /** Epoch ms. */
  readonly issuedAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/**
 * Keeps statements by key. It need not be trusted: who is served a statement from it verifies the origin's signature.
 * Bounded by whatever means it likes; dropping anything at any time is allowed.
 */
export interface StatementStore {
  /** Statements kept, where the store knows. */
  readonly entries?: number;
  /** One element per key, in order; undefined for what is not kept. */
  get(keys: readonly string[]): readonly (SignedStatement | undefined)[] | Promise<readonly (SignedStatement | undefined)[]>;
  /** Keeps these, instead of what was kept under their keys. */
  put(statements: ReadonlyMap<string, SignedStatement>): void | Promise<void>;
}
