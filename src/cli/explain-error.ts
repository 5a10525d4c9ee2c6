/** Failures for people: one line that says what is wrong and, where that is not plain, what to do. */
import { VedetteError } from '../base/errors.js';

/** The error in one line, with what the user can do about it where that is not plain. */
export function explainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!VedetteError.is(error)) {
    return `internal error: ${message}`;
  }
  if (message.includes('needs a trusted key')) {
    return `${message}: name it with --trust KEY.pub`;
  }
  const cause = typeof error.detail === 'object' && error.detail !== null && 'cause' in error.detail ? error.detail.cause : undefined;
  if (error.code === 'pattern-refused' && (cause === 'unsigned' || cause === 'untrusted')) {
    return `${message}: sign it with compile --key, or name its key with --trust`;
  }
  return error.code === 'store-busy' ? `${message}: wait until the other process ends` : message;
}
