/**
 * Whether an expression of a signature can be used: asked of the very parser that a scan uses, so that what is loaded is
 * what is understood there. The one import of `scan` in this room (docs/architecture.md).
 */
import { VedetteError } from '../base/errors.js';
import { readExpressionFlags } from '../scan/pcre/flags.js';
import { defaultExpressionLimits } from '../scan/pcre/limits.js';
import { parseExpression } from '../scan/pcre/syntax/parse.js';

/** Why a Perl-compatible expression, one character a byte, cannot be used with these flags; undefined when it can. */
export function regexFault(source: string, flags: string): string | undefined {
  try {
    parseExpression(source, readExpressionFlags(flags).flags, defaultExpressionLimits);
    return undefined;
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'unsupported') {
      return error.message;
    }
    throw error;
  }
}
