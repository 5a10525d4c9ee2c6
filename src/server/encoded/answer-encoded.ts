/**
 * Answers of a store that writes statements: what `answerQuery` gives for one signature over everything or none, byte for
 * byte, in half of the time. The clear form of it is `directAnswer` in routes/query-route.ts.
 */
import { keyId } from '../../protocol/keys.js';
import { keyIdBytes, maxAnswerBytes, signatureBytes } from '../../protocol/limits.js';
import { proofCodes, protocolVersion, type Proof, type QueryMessage } from '../../protocol/messages.js';
import { proveDirectList } from '../../protocol/signing.js';
import { answerClass, putPadding } from '../../protocol/size-classes.js';
import { WireWriter } from '../../protocol/codec/wire-writer.js';
import type { AnswerParts } from '../routes/query-route.js';
import type { AnswerMemory } from './answer-memory.js';
import { StatementList } from './statement-list.js';
import type { StatementWriter } from './statement-writer.js';

/** Room that the answer takes besides its statements. */
const envelopeBytes = 256;
/** What stands before the statements: head of the array, version, proof, and the id of the key. */
const headRoom = 3 + 2 + keyIdBytes;
/** What stands behind them, unpadded: list of one signature or none, and nil. */
const tailRoom = 1 + 2 + signatureBytes + 1;
/** What a statement takes as a rule. */
const statementRoom = 128;
const noKey = new Uint8Array(0);

/** The body of the answer, in memory of `parts.memory`; `body` is the request as it came. */
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
  const head = headOf(proof, isPadded);
  const tail = tailOf(proof, isPadded);
  const plain = head.length + list.length + tail.length;
  const length = isPadded ? answerClass(body.length, proof.kind, plain) : plain;
  const { whole, at } = withRoom(list, { before: head.length, length, memory: parts.memory });
  whole.set(head, at);
  whole.set(tail, at + head.length + list.length);
  const answer = whole.subarray(at, at + length);
  if (isPadded) {
    // In the place of the nil.
    putPadding(answer, plain - 1);
  }
  return answer;
}

function writeAll(message: QueryMessage, id: Uint8Array, { store, clock, ttlMs, memory }: Parameters<typeof answerEncoded>[2]): Uint8Array<ArrayBuffer> {
  const { generation } = store;
  const issuedAt = Math.max(0, Math.floor(clock.now()));
  const common = { generation, issuedAt, expiresAt: issuedAt + ttlMs, ttlMs, keyId: id };
  const count = message.groups.reduce((sum, group) => sum + group.prefixes.length, 0);
  const list = new StatementList({ maxBytes: maxAnswerBytes - envelopeBytes, expectedBytes: count * statementRoom + tailRoom, headRoom, memory });
  for (const group of message.groups) {
    list.begin({ kind: group.kind, algorithm: group.algorithm, ...common });
    store.writeStatements(group, list);
  }
  return list.finish();
}

/** The memory in which a list lies, or other with the list at the same place where it is too short for the answer. */
function withRoom(
  list: Uint8Array<ArrayBuffer>,
  { before, length, memory }: { readonly before: number; readonly length: number; readonly memory: AnswerMemory },
): { readonly whole: Uint8Array; readonly at: number } {
  const at = list.byteOffset - before;
  const whole = new Uint8Array(list.buffer);
  if (at + length <= whole.length) {
    return { whole, at };
  }
  const longer = memory.take(at + length);
  longer.set(list, list.byteOffset);
  memory.giveBack(list);
  return { whole: longer, at };
}

function headOf(proof: Proof, isPadded: boolean): Uint8Array {
  const writer = new WireWriter(headRoom);
  writer.list(isPadded ? 6 : 5);
  writer.integer(protocolVersion);
  writer.integer(proofCodes[proof.kind]);
  writer.bytes(proof.kind === 'direct' ? proof.keyId : noKey);
  return writer.finish();
}

/** The signature, and the nil in whose place the padding comes. */
function tailOf(proof: Proof, isPadded: boolean): Uint8Array {
  const writer = new WireWriter(tailRoom);
  writer.list(proof.kind === 'direct' ? 1 : 0);
  if (proof.kind === 'direct') {
    writer.bytes(proof.signature);
  }
  if (isPadded) {
    writer.nil();
  }
  return writer.finish();
}
