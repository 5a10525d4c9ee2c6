/**
 * The two proofs of an answer (DESIGN rule 4), made and checked over the very bytes that travel.
 *
 * `direct`: one signature over the digest of the request, its nonce and the digest of the list of statements, so that an
 * answer fits one request only. One digest of all instead of one of each: 100 statements take 4 µs instead of 56. `statement`: one signature per statement, without nonce, so that a relay can keep and
 * serve it. Each payload begins with a line of its own: a signature made for one purpose never passes for another.
 */
import { concatBytes, toUtf8 } from '../base/bytes.js';
import type { Crypto, Signer } from '../base/seams.js';
import { encodeStatementList } from './answer-message.js';
import { keyId } from './keys.js';
import type { AnswerMessage, Proof } from './messages.js';

const directDomain = 'vedette direct v1\n';
const statementDomain = 'vedette statement v1\n';

/** What a direct proof signs. */
export interface DirectContent {
  /** The body of the request as it was sent. */
  readonly request: Uint8Array;
  readonly nonce: Uint8Array;
  /** In the order of the answer. */
  readonly statements: readonly Uint8Array[];
}

/** The message of a direct proof: domain, SHA-256 of the request, nonce, SHA-256 of the list of statements as it is encoded. */
export function directPayload(content: DirectContent, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return concatBytes([
    toUtf8(directDomain),
    crypto.sha256(content.request),
    content.nonce,
    crypto.sha256(encodeStatementList(content.statements)),
  ]);
}

/** The message of a statement proof: domain, then the statement. */
export function statementPayload(statement: Uint8Array): Uint8Array {
  return concatBytes([toUtf8(statementDomain), statement]);
}

/** Signs an answer for the request it is given to. */
export async function proveDirect(content: DirectContent, by: { readonly signer: Signer; readonly crypto: Pick<Crypto, 'sha256'> }): Promise<Proof> {
  const signature = await by.signer.sign(directPayload(content, by.crypto));
  return { kind: 'direct', keyId: keyId(by.signer.publicKey, by.crypto), signature };
}

/** Signs statements one by one; each must carry the id of the signer's key. */
export async function proveStatements(statements: readonly Uint8Array[], signer: Signer): Promise<Proof> {
  const signatures = await Promise.all(statements.map(async (one) => signer.sign(statementPayload(one))));
  return { kind: 'statement', signatures };
}

/** True when the direct proof of the answer is the key's, over exactly this request. */
export async function verifyDirect(
  answer: AnswerMessage & { readonly proof: Extract<Proof, { kind: 'direct' }> },
  asked: Pick<DirectContent, 'request' | 'nonce'>,
  by: { readonly publicKey: Uint8Array; readonly crypto: Crypto },
): Promise<boolean> {
  const payload = directPayload({ ...asked, statements: answer.statements }, by.crypto);
  return by.crypto.verify(by.publicKey, payload, answer.proof.signature);
}

/** True when the signature over one statement is the key's. */
export async function verifyStatement(
  statement: Uint8Array,
  signature: Uint8Array,
  by: { readonly publicKey: Uint8Array; readonly crypto: Crypto },
): Promise<boolean> {
  return by.crypto.verify(by.publicKey, statementPayload(statement), signature);
}
