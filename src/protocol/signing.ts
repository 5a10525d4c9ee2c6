/**
 * The two proofs of an answer (DESIGN rule 4), made and checked over the very bytes that travel.
 *
 * `direct`: one signature over the digest of the request, its nonce and the digest of the list of statements, so that an
 * answer fits one request only. One digest of all instead of one of each: 100 statements take 4 µs instead of 56.
 * `statement`: one signature per statement, without nonce, so that a relay can keep and serve it. Each payload begins
 * with a line of its own: a signature made for one purpose never passes for another.
 */
import { concatBytes, toUtf8 } from '../base/bytes.js';
import type { Crypto, Signer } from '../base/seams.js';
import { encodeStatementList } from './answer-message.js';
import { keyId } from './keys.js';
import type { Proof } from './messages.js';

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

/** The same of statements that stand in an answer already. */
interface DirectList extends Omit<DirectContent, 'statements'> {
  /** The list in the bytes in which it stands there, its head included. */
  readonly list: Uint8Array;
}

/** The message of a direct proof: domain, SHA-256 of the request, nonce, SHA-256 of the list of statements as it is encoded. */
export function directPayload({ statements, ...asked }: DirectContent, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return directListPayload({ ...asked, list: encodeStatementList(statements) }, crypto);
}

function directListPayload({ request, nonce, list }: DirectList, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return concatBytes([toUtf8(directDomain), crypto.sha256(request), nonce, crypto.sha256(list)]);
}

/** The message of a statement proof: domain, then the statement. */
export function statementPayload(statement: Uint8Array): Uint8Array {
  return concatBytes([toUtf8(statementDomain), statement]);
}

/** What a direct proof is made with. */
interface DirectSigning {
  readonly signer: Signer;
  readonly crypto: Pick<Crypto, 'sha256'>;
  /** Of the signer's key, where it is known already. */
  readonly keyId?: Uint8Array | undefined;
}

/** A proof of one answer to one request. */
type DirectProof = Extract<Proof, { kind: 'direct' }>;

/** Signs an answer for the request it is given to. */
export async function proveDirect(content: DirectContent, by: DirectSigning): Promise<DirectProof> {
  const { statements, ...asked } = content;
  return proveDirectList({ ...asked, list: encodeStatementList(statements) }, by);
}

/** The same for statements that are written already. */
export async function proveDirectList(content: DirectList, by: DirectSigning): Promise<DirectProof> {
  const signature = await by.signer.sign(directListPayload(content, by.crypto));
  return { kind: 'direct', keyId: by.keyId ?? keyId(by.signer.publicKey, by.crypto), signature };
}

/** Signs statements one by one; each must carry the id of the signer's key. */
export async function proveStatements(statements: readonly Uint8Array[], signer: Signer): Promise<Proof> {
  const signatures = await Promise.all(statements.map(async (one) => signer.sign(statementPayload(one))));
  return { kind: 'statement', signatures };
}

/** True when the direct proof is the key's, over exactly this request and the list as it came. */
export async function verifyDirect(
  content: DirectList,
  signature: Uint8Array,
  by: { readonly publicKey: Uint8Array; readonly crypto: Crypto },
): Promise<boolean> {
  return by.crypto.verify(by.publicKey, directListPayload(content, by.crypto), signature);
}

/** True when the signature over one statement is the key's. */
export async function verifyStatement(
  statement: Uint8Array,
  signature: Uint8Array,
  by: { readonly publicKey: Uint8Array; readonly crypto: Crypto },
): Promise<boolean> {
  return by.crypto.verify(by.publicKey, statementPayload(statement), signature);
}
