/**
 * The server's side of a question: steps S1 to S4 of docs/protocol.md.
 *
 * A prefix whose statement does not fit is left out and counts as unanswered; nothing is ever said in part.
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { Clock, Crypto, Signer } from '../../base/seams.js';
import { encodeAnswer } from '../../protocol/answer-message.js';
import { keyId } from '../../protocol/keys.js';
import { maxAnswerBytes, maxRecords, maxStatementBytes, signatureBytes } from '../../protocol/limits.js';
import type { AnswerMessage, QueryGroup, QueryMessage, Statement } from '../../protocol/messages.js';
import { proveDirect } from '../../protocol/signing.js';
import { encodeStatement } from '../../protocol/statement.js';
import type { SignedStatement, StatementStore } from '../relay/statement-store.js';
import type { AnswerMemory } from '../encoded/answer-memory.js';
import { answerEncoded } from '../encoded/answer-encoded.js';
import { writesStatements } from '../encoded/statement-writer.js';
import type { ReputationStore } from '../reputation-store.js';
import { signStatements } from '../sign-statements.js';

/** What answering needs. */
export interface AnswerParts {
  readonly store: ReputationStore;
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Without one, answers are unsigned: only literal loopback and in-process clients believe them. */
  readonly signer?: Signer | undefined;
  readonly ttlMs: number;
  /** Statements that were signed one by one and may be given again. */
  readonly signed: StatementStore;
  /** Statements signed one by one for one request. */
  readonly maxSignatures: number;
  /** In which answers are written. */
  readonly memory: AnswerMemory;
}

/** Room that the answer takes besides its statements. */
const envelopeBytes = 256;
/** The longest length field in front of a statement. */
const lengthBytes = 5;
const noKey = new Uint8Array(0);
/** A signature of its own and the length field in front of it. */
const proofBytes = signatureBytes + 2;

/** The body of the answer to a decoded request; `body` is the request as it came. */
export async function answerQuery(message: QueryMessage, body: Uint8Array, parts: AnswerParts): Promise<Uint8Array> {
  const { store, signer } = parts;
  if (writesStatements(store) && (message.wants !== 'statement' || signer === undefined)) {
    return answerEncoded(message, body, { ...parts, store });
  }
  const statements = await lookUp(message, parts);
  const answer = message.wants === 'statement' && signer !== undefined
    ? statementAnswer(await signStatements(statements, { ...parts, signer, encode: encodeWithinLimits }))
    : await directAnswer(statements, { message, body, parts });
  return encodeAnswer(answer, message.wants === undefined ? undefined : body.length); // S4
}

/** The answer with these statements and the signature of each, as many as fit. */
export function statementAnswer(signed: readonly SignedStatement[]): AnswerMessage {
  const fitting = withinRoom(signed, (one) => one.statement.length + lengthBytes + proofBytes);
  const signatures = fitting.map((one) => one.signature);
  return { proof: { kind: 'statement', signatures }, statements: fitting.map((one) => one.statement) };
}

/** S2 and S3: one signature over everything, or none. */
async function directAnswer(
  statements: readonly Statement[],
  to: { readonly message: QueryMessage; readonly body: Uint8Array; readonly parts: AnswerParts },
): Promise<AnswerMessage> {
  const { signer, crypto } = to.parts;
  const encoded = statements.flatMap((one) => encodeWithinLimits(one) ?? []);
  const fitting = withinRoom(encoded, (one) => one.length + lengthBytes);
  const content = { request: to.body, nonce: to.message.nonce, statements: fitting };
  return { proof: signer === undefined ? { kind: 'none' } : await proveDirect(content, { signer, crypto }), statements: fitting };
}

/** Whatever still fits into 4 MiB, in order; one that does not fit keeps no later one out. */
function withinRoom<T>(all: readonly T[], cost: (one: T) => number): T[] {
  let room = maxAnswerBytes - envelopeBytes;
  return all.filter((one) => {
    const bytes = cost(one);
    if (bytes > room) {
      return false;
    }
    room -= bytes;
    return true;
  });
}

/** S1. */
async function lookUp(message: QueryMessage, parts: AnswerParts): Promise<Statement[]> {
  const { store, clock, signer, ttlMs } = parts;
  const { generation } = store;
  const issuedAt = Math.max(0, Math.floor(clock.now()));
  const expiresAt = issuedAt + ttlMs;
  const id = signer === undefined ? noKey : keyId(signer.publicKey, parts.crypto);
  const statements: Statement[] = [];
  for (const group of message.groups) {
    const { kind, algorithm, prefixes } = group;
    const found = await lookUpGroup(group, store);
    // Field by field: to spread what is common takes five times as long as to look the prefix up.
    found.forEach((records, i) => {
      statements.push({ kind, algorithm, prefix: prefixes[i]!, generation, issuedAt, expiresAt, ttlMs, keyId: id, records });
    });
  }
  return statements;
}

async function lookUpGroup(group: QueryGroup, store: ReputationStore): Promise<readonly (readonly AnswerRecord[])[]> {
  const found = await store.lookup(group.kind, group.algorithm, group.prefixes);
  if (found.length !== group.prefixes.length) {
    // Lists are matched by position here: a store that miscounts must not put one prefix's records under another.
    throw new TypeError(`store: expected ${group.prefixes.length} lists, got ${found.length}`);
  }
  return found;
}

function encodeWithinLimits(statement: Statement): Uint8Array | undefined {
  if (statement.records.length > maxRecords) {
    return undefined;
  }
  const bytes = encodeStatement(statement);
  return bytes.length > maxStatementBytes ? undefined : bytes;
}
