/**
 * The server's side of a question: steps S1 to S4 of docs/protocol.md.
 *
 * A prefix whose statement does not fit is left out and counts as unanswered; nothing is ever said in part.
 */
import type { AnswerRecord } from '../base/fingerprint.js';
import type { Clock, Crypto, Signer } from '../base/seams.js';
import { encodeAnswer } from '../protocol/answer-message.js';
import { keyId } from '../protocol/keys.js';
import { maxAnswerBytes, maxRecords, maxStatementBytes } from '../protocol/limits.js';
import type { Proof, QueryGroup, QueryMessage, Statement } from '../protocol/messages.js';
import { proveDirect } from '../protocol/signing.js';
import { encodeStatement } from '../protocol/statement.js';
import type { ReputationStore } from './reputation-store.js';

/** What answering needs. */
export interface AnswerParts {
  readonly store: ReputationStore;
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Without one, answers are unsigned: only literal loopback and in-process clients believe them. */
  readonly signer?: Signer | undefined;
  readonly ttlMs: number;
}

/** Room that the answer takes besides its statements. */
const envelopeBytes = 256;
/** The longest length field in front of a statement. */
const lengthBytes = 5;

/** The body of the answer to a decoded request; `body` is the request as it came. */
export async function answerQuery(message: QueryMessage, body: Uint8Array, parts: AnswerParts): Promise<Uint8Array> {
  const statements: Uint8Array[] = [];
  let room = maxAnswerBytes - envelopeBytes;
  for (const statement of await lookUp(message, parts)) {
    const bytes = encodeWithinLimits(statement); // S2
    if (bytes !== undefined && bytes.length + lengthBytes <= room) {
      room -= bytes.length + lengthBytes;
      statements.push(bytes);
    }
  }
  const proof = await prove({ request: body, nonce: message.nonce, statements }, parts); // S3
  return encodeAnswer({ proof, statements }); // S4
}

/** S1. */
async function lookUp(message: QueryMessage, parts: AnswerParts): Promise<Statement[]> {
  const { store, clock, signer, ttlMs } = parts;
  const issuedAt = Math.max(0, Math.floor(clock.now()));
  const common = {
    generation: store.generation,
    issuedAt,
    expiresAt: issuedAt + ttlMs,
    ttlMs,
    keyId: signer === undefined ? new Uint8Array(0) : keyId(signer.publicKey, parts.crypto),
  };
  const statements: Statement[] = [];
  for (const group of message.groups) {
    const { kind, algorithm } = group;
    const found = await lookUpGroup(group, store);
    found.forEach((records, i) => statements.push({ ...common, kind, algorithm, prefix: group.prefixes[i]!, records }));
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

async function prove(content: Parameters<typeof proveDirect>[0], parts: AnswerParts): Promise<Proof> {
  return parts.signer === undefined ? { kind: 'none' } : proveDirect(content, { signer: parts.signer, crypto: parts.crypto });
}
