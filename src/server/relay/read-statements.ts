/**
 * What a relay keeps of an upstream's answer (step R4 of docs/protocol.md): the statements that it asked for and that a
 * client would believe, each on its own. A relay that did not look could be filled with rubbish by whoever is upstream.
 */
import { fingerprintKey } from '../../base/fingerprint.js';
import type { Crypto } from '../../base/seams.js';
import { decodeAnswer, isCanonicalAnswer } from '../../protocol/answer-message.js';
import type { KeyRing } from '../../protocol/key-ring.js';
import { maxClockSkewMs } from '../../protocol/limits.js';
import type { Statement } from '../../protocol/messages.js';
import { verifyStatement } from '../../protocol/signing.js';
import { decodeStatement } from '../../protocol/statement.js';
import type { SignedStatement } from './statement-store.js';

/** What an answer is judged by. */
export interface ReadRules {
  /** The request as it was sent, padded. */
  readonly request: Uint8Array;
  /** Keys of the statements that were asked for. */
  readonly asked: ReadonlySet<string>;
  readonly keys: Pick<KeyRing, 'find'>;
  readonly crypto: Crypto;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The good statements of an answer by their keys. Undefined for bytes that are no such answer and for one with nothing
 * good in it; an answer that says nothing at all is one: what does not fit is left out.
 */
export async function readStatements(bytes: Uint8Array, rules: ReadRules): Promise<Map<string, SignedStatement> | undefined> {
  const good = new Map<string, SignedStatement>();
  const all = claimed(bytes, rules);
  for (const one of all ?? []) {
    const key = rules.keys.find(one.head.keyId, rules.now);
    const isNews = rules.asked.has(one.key) && !good.has(one.key) && isCurrent(one.head, rules.now);
    if (!isNews || key.kind !== 'trusted') {
      continue;
    }
    if (await verifyStatement(one.statement, one.signature, { publicKey: key.publicKey, crypto: rules.crypto })) {
      const { generation, issuedAt, expiresAt } = one.head;
      good.set(one.key, { statement: one.statement, signature: one.signature, generation, issuedAt, expiresAt });
    }
  }
  return all === undefined || (all.length > 0 && good.size === 0) ? undefined : good;
}

/** Whether a statement may be served: unexpired, and not issued in what even another clock would call the future. */
export function isCurrent(of: Pick<Statement, 'issuedAt' | 'expiresAt'>, now: number): boolean {
  return now < of.expiresAt && now >= of.issuedAt - maxClockSkewMs;
}

interface Claimed {
  readonly key: string;
  readonly head: Omit<Statement, 'records'>;
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the answer says, unverified. A disposition of a later version is passed on: clients may know it. */
function claimed(bytes: Uint8Array, rules: ReadRules): Claimed[] | undefined {
  try {
    const answer = decodeAnswer(bytes);
    if (answer.proof.kind !== 'statement' || !isCanonicalAnswer(bytes, answer, rules.request.length)) {
      return undefined;
    }
    const { signatures } = answer.proof;
    return answer.statements.map((statement, i) => {
      const head = decodeStatement(statement).statement;
      const key = fingerprintKey(head.kind, head.algorithm, head.prefix);
      return { key, head, statement, signature: signatures[i]! };
    });
  } catch {
    return undefined;
  }
}
