/**
 * The one error class of vedette and its closed set of codes.
 *
 * Callers match on `code`, never on the message. Everything that comes from outside and cannot be used becomes a
 * `VedetteError` where it enters; `TypeError` and `RangeError` are kept for mistakes in the caller's own code.
 */
import type { Json } from './seams.js';

/** What went wrong, as a closed set that callers may switch over. */
export type ErrorCode =
  | 'config-invalid'
  | 'aborted'
  | 'closed'
  | 'pending-full'
  | 'store-busy'
  | 'claim-lost'
  | 'store-damaged'
  | 'pattern-refused'
  | 'peer-missing'
  | 'url-invalid'
  | 'transport-failed'
  | 'unsupported';

const brand: unique symbol = Symbol.for('vedette.error') as never;

/** The error that every part of vedette throws for what comes from outside. */
export class VedetteError extends Error {
  override readonly name: string = 'VedetteError';
  readonly code: ErrorCode;
  /** Structured facts about the failure: paths of faulty settings, the refused section, a limit and the value. */
  readonly detail: Json;

  constructor(code: ErrorCode, message: string, options: { readonly detail?: Json; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail ?? null;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for errors of any copy of vedette in the process: `instanceof` fails across copies, this does not. */
  static is(error: unknown): error is VedetteError {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[brand] === true;
  }
}

/** The error with which an abort ends a call: the signal's own reason where that is one of ours, else `aborted`. */
export function abortedError(signal?: AbortSignal): VedetteError {
  if (VedetteError.is(signal?.reason)) {
    return signal.reason;
  }
  return new VedetteError('aborted', 'the caller aborted the call', { cause: signal?.reason });
}

/** @throws VedetteError `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw abortedError(signal);
  }
}

/** A short text for logs and traces: the message of an error, or the value itself; never a stack. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
