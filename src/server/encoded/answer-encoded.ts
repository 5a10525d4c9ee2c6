/**
 * Answers of a store that writes statements: what `answerQuery` gives for one signature over everything or none, byte for
 * byte, in half of the time. The clear form of it is `directAnswer` in routes/query-route.ts.
 */
import { concatBytes } from '../../base/bytes.js';
import { keyId } from '../../protocol/keys.js';
import { maxAnswerBytes } from '../../protocol/limits.js';
import { proofCodes, protocolVersion, type Proof, type QueryMessage } from '../../protocol/messages.js';
import { proveDirectList } from '../../protocol/signing.js';
import { answerClass, padTo } from '../../protocol/size-classes.js';
import { WireWriter } from '../../protocol/codec/wire-writer.js';
import type { AnswerParts } from '../routes/query-route.js';
import { StatementList } from './statement-list.js';
import type { StatementWriter } from './statement-writer.js';

/** Room that the answer takes besides its statements. */
const envelopeBytes = 256;
/** Key id and signature with what stands around them. */
const proofRoom = 96;
const noKey = new Uint8Array(0);

/** The body of the answer; `body` is the request as it came. */
export async function answerEncoded(
  message: QueryMessage,
  body: Uint8Array,
  parts: Omit<AnswerParts, 'store'> & { readonly store: AnswerParts['store'] & StatementWriter },
): Promise<Uint8Array> {
  const { signer, crypto } = parts;
  const id = signer === undefined ? noKey : keyId(signer.publicKey, crypto);
  const list = writeAll(message, id, parts);
  const proof: Proof = signer === undefined ? { kind: 'none' } : await proveDirectList({ request: body, nonce: message.nonce, list }, { signer, crypto, keyId: id });
  const isPadded = message.wants !== undefined;
  const whole = concatBytes([headOf(proof, isPadded), list, tailOf(proof, isPadded)]);
  return isPadded ? padTo(whole, answerClass(body.length, proof.kind, whole.length)) : whole;
}

function writeAll(message: QueryMessage, id: Uint8Array, { store, clock, ttlMs }: Parameters<typeof answerEncoded>[2]): Uint8Array {
  const { generation } = store;
  const issuedAt = Math.max(0, Math.floor(clock.now()));
  const common = { generation, issuedAt, expiresAt: issuedAt + ttlMs, ttlMs, keyId: id };
  const list = new StatementList(maxAnswerBytes - envelopeBytes);
  for (const group of message.groups) {
    list.begin({ kind: group.kind, algorithm: group.algorithm, ...common });
    store.writeStatements(group, list);
  }
  return list.finish();
}

function headOf(proof: Proof, isPadded: boolean): Uint8Array {
  const writer = new WireWriter(proofRoom);
  writer.list(isPadded ? 6 : 5);
  writer.integer(protocolVersion);
  writer.integer(proofCodes[proof.kind]);
  writer.bytes(proof.kind === 'direct' ? proof.keyId : noKey);
  return writer.finish();
}

/** The signature, and the nil in whose place the padding comes. */
function tailOf(proof: Proof, isPadded: boolean): Uint8Array {
  const writer = new WireWriter(proofRoom);
  writer.list(proof.kind === 'direct' ? 1 : 0);
  if (proof.kind === 'direct') {
    writer.bytes(proof.signature);
  }
  if (isPadded) {
    writer.nil();
  }
  return writer.finish();
}
