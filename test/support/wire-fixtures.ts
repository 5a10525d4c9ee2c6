/** An honest server of the wire protocol in a few lines, and the parts of which a dishonest one can be made. */
import { concatBytes, equalBytes } from '../../src/base/bytes.js';
import type { AnswerRecord, Question } from '../../src/base/fingerprint.js';
import type { Signer } from '../../src/base/seams.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { encodeAnswer } from '../../src/protocol/answer-message.js';
import { keyId } from '../../src/protocol/keys.js';
import type { Proof, QueryMessage, Statement } from '../../src/protocol/messages.js';
import { decodeQuery } from '../../src/protocol/query-message.js';
import { proveDirect, proveStatements } from '../../src/protocol/signing.js';
import { encodeStatement } from '../../src/protocol/statement.js';
import type { Reply, Server, Transport } from '../../src/query/transport.js';

export const crypto = createNodeCrypto();
export const trusted = generateKeyPair().signer;
export const stranger = generateKeyPair().signer;
/** Where the wall clocks of client and server stand. */
export const startAt = 1_750_000_000_000;

export const listedPrefix = Uint8Array.of(0xaa, 1, 2, 3);
export const unlistedPrefix = Uint8Array.of(0xbb, 1, 2, 3);
export const listedRecord: AnswerRecord = {
  hash: concatBytes([listedPrefix, new Uint8Array(28).fill(5)]),
  disposition: 'malicious',
  threats: [{ name: 'Test.Listed', type: 'trojan' }],
};
export const question: Question = { kind: 'file', algorithm: 'sha256', hashes: [listedPrefix, unlistedPrefix] };

/** The statement that an honest server makes about a prefix. */
export function statementFor(prefix: Uint8Array, changes: Partial<Statement> = {}): Statement {
  return {
    kind: 'file',
    algorithm: 'sha256',
    prefix,
    generation: 5,
    issuedAt: startAt,
    expiresAt: startAt + 3_600_000,
    ttlMs: 3_600_000,
    keyId: keyId(trusted.publicKey, crypto),
    records: equalBytes(prefix, listedPrefix) ? [listedRecord] : [],
    ...changes,
  };
}

/** Honest encoded statements for everything that a request asks. */
export function statementsFor(query: QueryMessage, changes: Partial<Statement> = {}): Uint8Array[] {
  return query.groups.flatMap(({ kind, algorithm, prefixes }) =>
    prefixes.map((prefix) => encodeStatement(statementFor(prefix, { kind, algorithm, ...changes }))),
  );
}

/** A directly signed answer to the request. */
export async function directAnswer(request: Uint8Array, statements: readonly Uint8Array[], signer: Signer = trusted): Promise<Uint8Array> {
  const { nonce } = decodeQuery(request);
  return answerWith(request, await proveDirect({ request, nonce, statements }, { signer, crypto }), statements);
}

/** An answer whose statements are signed one by one. */
export async function statementAnswer(request: Uint8Array, statements: readonly Uint8Array[], signer: Signer = trusted): Promise<Uint8Array> {
  return answerWith(request, await proveStatements(statements, signer), statements);
}

/** An answer with whatever proof, padded as the request wants it. */
export function answerWith(request: Uint8Array, proof: Proof, statements: readonly Uint8Array[]): Uint8Array {
  return encodeAnswer({ proof, statements }, decodeQuery(request).wants === undefined ? undefined : request.length);
}

/** What the far side does with the bytes of a request. */
export type Responder = (request: Uint8Array) => Uint8Array | Reply<Uint8Array> | Promise<Uint8Array | Reply<Uint8Array>>;

/** A transport over a function. */
export function transportOver(respond: Responder): Transport {
  return {
    schemes: { http: 'plain', https: 'secure', 'in-process': 'secure' },
    send: async (body) => {
      const reply = await respond(body);
      return reply instanceof Uint8Array ? { kind: 'answer', body: reply } : reply;
    },
  };
}

/** A local server at an address. */
export function serverAt(address: string, scope: Server['scope'] = 'local'): Server {
  return { id: 'srv', address, scope };
}
