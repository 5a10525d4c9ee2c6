/**
 * Statements signed one by one, for relays that keep them (step S3 of docs/protocol.md).
 *
 * A signature takes some 50 µs, so that a request of 4 kB could cost the server 50 ms: statements are kept and given again
 * for half of their life, and only so many are signed anew for one request.
 */
import { fingerprintKey } from '../base/fingerprint.js';
import type { Clock, Signer } from '../base/seams.js';
import type { Statement } from '../protocol/messages.js';
import { statementPayload } from '../protocol/signing.js';
import type { SignedStatement, StatementStore } from './relay/statement-store.js';

/** What signing needs. */
export interface SigningParts {
  readonly signer: Signer;
  readonly clock: Pick<Clock, 'now'>;
  readonly signed: StatementStore;
  readonly maxSignatures: number;
  /** Undefined for a statement that is over a limit: it is left out. */
  encode(statement: Statement): Uint8Array | undefined;
}

/** The statements with their signatures, in order; those over a limit and those beyond `maxSignatures` are left out. */
export async function signStatements(statements: readonly Statement[], parts: SigningParts): Promise<SignedStatement[]> {
  const keys = statements.map((one) => fingerprintKey(one.kind, one.algorithm, one.prefix));
  const kept = await parts.signed.get(keys);
  const fresh = new Map<string, SignedStatement>();
  const now = parts.clock.now();
  const all: SignedStatement[] = [];
  for (const [i, statement] of statements.entries()) {
    const old = kept[i];
    if (old !== undefined && isGoodFor(old, statement, now)) {
      all.push(old);
    } else if (fresh.size < parts.maxSignatures) {
      const one = await sign(statement, parts);
      if (one !== undefined) {
        fresh.set(keys[i]!, one);
        all.push(one);
      }
    }
  }
  await parts.signed.put(fresh);
  return all;
}

/** A new generation, or a clock that was put back, makes what was signed before useless. */
function isGoodFor(old: SignedStatement, statement: Statement, now: number): boolean {
  const halfLife = old.issuedAt + (old.expiresAt - old.issuedAt) / 2;
  return old.generation === statement.generation && now >= old.issuedAt && now < halfLife;
}

async function sign(statement: Statement, parts: SigningParts): Promise<SignedStatement | undefined> {
  const bytes = parts.encode(statement);
  if (bytes === undefined) {
    return undefined;
  }
  const { generation, issuedAt, expiresAt } = statement;
  return { statement: bytes, signature: await parts.signer.sign(statementPayload(bytes)), generation, issuedAt, expiresAt };
}
