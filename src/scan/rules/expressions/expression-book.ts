/** The expressions of a pattern, compiled when they are first needed: most scans need none, and never load the room. */
import type { PcreSubsignature } from '../../../pattern/signature.js';
import type { SearchableExpression } from './expression-search.js';

/** How many compiled expressions are kept. Each keeps up to 64 KiB of tables (`keptTableBytes`): 16 MiB at most. */
const maxKept = 256;

/** Compiled expressions by the caller's keys. */
export class ExpressionBook {
  readonly #kept = new Map<string, SearchableExpression | 'unsupported'>();

  /** The expression, or undefined when it cannot be searched for. The same key means the same part. */
  async get(key: string, part: PcreSubsignature): Promise<SearchableExpression | undefined> {
    const known = this.#kept.get(key) ?? (await compiled(part));
    // What was used last stands last; the first one has been waiting longest.
    this.#kept.delete(key);
    this.#kept.set(key, known);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) {
        break;
      }
      this.#kept.delete(oldest);
    }
    return known === 'unsupported' ? undefined : known;
  }
}

async function compiled({ source, flags }: PcreSubsignature): Promise<SearchableExpression | 'unsupported'> {
  const [{ compileExpression }, { readExpressionFlags }] = await Promise.all([import('../../pcre/expression.js'), import('../../pcre/flags.js')]);
  const result = compileExpression(source, readExpressionFlags(flags).flags);
  return result.kind === 'expression' ? result.expression : 'unsupported';
}
