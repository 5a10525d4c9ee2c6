/**
 * Whether an expression of a signature can be used: asked of the very code that a scan uses, so that what is loaded is
 * what is understood there. The one import of `scan` in this room (docs/architecture.md).
 */
import { compileExpression } from '../scan/pcre/expression.js';
import { readExpressionFlags } from '../scan/pcre/flags.js';

/** Characters of a reason: some name what stands in the expression, which may be long. */
const maxReasonLength = 300;

/** Why a Perl-compatible expression, one character a byte, cannot be used with these flags; undefined when it can. */
export function regexFault(source: string, flags: string): string | undefined {
  const result = compileExpression(source, readExpressionFlags(flags).flags);
  return result.kind === 'unsupported' ? result.reason.slice(0, maxReasonLength) : undefined;
}
