/** Signed statements in memory, bounded in bytes: what was used longest ago goes first. */
import { assertInteger } from '../../base/assert.js';
import type { SignedStatement, StatementStore } from './statement-store.js';

/** What an entry takes besides its statement: signature, key, objects, the entry of the map. */
const entryBytes = 400;

const defaultMaxBytes = 64 * 1024 * 1024;

/** An empty store of at most `maxBytes` (default 64 MiB; measured as statements and 400 bytes each). */
export function createMemoryStatementStore(options: { readonly maxBytes?: number | undefined } = {}): StatementStore {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  assertInteger('maxBytes', maxBytes, { min: 0 });
  // A map gives its keys in the order in which they were set: what is used is set anew.
  const kept = new Map<string, SignedStatement>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= costOf(kept.get(key));
    kept.delete(key);
  };
  return {
    get entries() {
      return kept.size;
    },
    get: (keys): readonly (SignedStatement | undefined)[] =>
      keys.map((key) => {
        const found = kept.get(key);
        if (found !== undefined) {
          kept.delete(key);
          kept.set(key, found);
        }
        return found;
      }),
    put(statements) {
      for (const [key, statement] of statements) {
        drop(key);
        // Copies: what comes in may be views of a whole answer.
        kept.set(key, { ...statement, statement: statement.statement.slice(), signature: statement.signature.slice() });
        bytes += costOf(statement);
      }
      while (bytes > maxBytes) {
        drop(kept.keys().next().value!);
      }
    },
  };
}

function costOf(statement: SignedStatement | undefined): number {
  return statement === undefined ? 0 : statement.statement.length + entryBytes;
}
