/**
 * What passes between a server and the process that updates its data directory: one order, then words until the last one. Both
 * ends are this package; whoever can write to the pipe is the server itself.
 */
import { describeError, VedetteError, type ErrorCode } from '../../../base/errors.js';
import type { Json } from '../../../base/seams.js';
import type { UpdateSource } from '../../../update/sources.js';
import type { LookOptions, UpdateReport } from '../updater.js';

/** What is looked for, and where. */
export type LookOrder = Pick<LookOptions, 'components' | 'at' | 'only'>;

/** The order. */
export interface UpdateOrders {
  readonly dataDir: string;
  /** Text of the root metadata. */
  readonly root: string;
  readonly sources: readonly UpdateSource[];
  /** `ed25519:…` */
  readonly trust: readonly string[];
  /** How far the server's clock is ahead of the system's. */
  readonly aheadMs: number;
  /** 0 to 19, as in `os.setPriority`. */
  readonly priority: number;
  readonly task: { readonly kind: 'look'; readonly look: LookOrder } | { readonly kind: 'serve' };
}

/** The other order: leave everything as it is. */
export const stopOrder = 'stop';

/** What the process says. `fault` is not the last word. */
export type UpdateWord =
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'looked'; readonly report: UpdateReport }
  | { readonly kind: 'served' }
  | { readonly kind: 'failed'; readonly code?: ErrorCode; readonly message: string; readonly detail?: Json };

/** An error as a word. */
export function failureOf(error: unknown): UpdateWord {
  const told = VedetteError.is(error) ? { code: error.code, detail: error.detail } : {};
  return { kind: 'failed', message: describeError(error), ...told };
}

/** The error that a word stands for. */
export function errorOf({ code, message, detail = null }: Extract<UpdateWord, { readonly kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new VedetteError(code, message, { detail });
}
