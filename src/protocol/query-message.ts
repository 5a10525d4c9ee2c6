/**
 * The request on the wire: `[1, nonce, [[kind, algorithm, prefixes], …]]`, prefixes as one byte string of 4·n bytes. With
 * `wants` two values more, the code of the proof and zeros that fill the message up to its size class.
 */
import { assertBytes, assertInteger } from '../base/assert.js';
import { prefixAt, prefixBytes, prefixNumber } from '../base/fingerprint.js';
import { decodeValue, encodeValue, type WireValue } from './codec/codec.js';
import { maxGroups, maxPrefixes, maxRequestBytes, nonceBytes } from './limits.js';
import { algorithmCodes, kindCodes, proofCodes, protocolVersion, wordOf, type QueryGroup, type QueryMessage, type WantedProof } from './messages.js';
import { padTo, requestClass } from './size-classes.js';
import { readBlob, readBytes, readInteger, readList, readTuple } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';

const structure = { maxBytes: maxRequestBytes, maxDepth: 3, maxItems: 5 + 1 + maxGroups * 4 } as const;

/**
 * The bytes of a request. Prefixes are put in order: the order in which they were found would say something.
 * @throws RangeError over 1000 prefixes, 6 groups, or for a prefix given twice.
 */
export function encodeQuery(message: QueryMessage): Uint8Array {
  assertBytes('nonce', message.nonce, nonceBytes);
  assertInteger('groups of a query', message.groups.length, { min: 1, max: maxGroups });
  const total = message.groups.reduce((sum, group) => sum + group.prefixes.length, 0);
  assertInteger('prefixes of a query', total, { min: 1, max: maxPrefixes });
  const plain: WireValue[] = [protocolVersion, message.nonce, message.groups.map(groupToWire)];
  if (message.wants === undefined) {
    return encodeValue(plain);
  }
  const unpadded = encodeValue([...plain, proofCodes[message.wants], null]);
  return padTo(unpadded, requestClass(unpadded.length));
}

/**
 * The request that the bytes are.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeQuery(bytes: Uint8Array): QueryMessage {
  const fields = readList('request', decodeValue(bytes, structure), { min: 3, max: 5 });
  const [version, nonce, groups] = fields;
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const message: QueryMessage = {
    nonce: readBytes('nonce', nonce, nonceBytes),
    groups: readList('groups', groups, { min: 1, max: maxGroups }).map(groupFromWire),
    ...(fields.length === 3 ? {} : { wants: readWants(fields) }),
  };
  if (new Set(message.groups.map((group) => `${group.kind} ${group.algorithm}`)).size !== message.groups.length) {
    throw badMessage('two groups of one kind and algorithm');
  }
  if (message.groups.reduce((sum, group) => sum + group.prefixes.length, 0) > maxPrefixes) {
    throw badMessage(`more than ${maxPrefixes} prefixes`);
  }
  return message;
}

/** What the padding is made of is nobody's business but the sender's. */
function readWants(fields: readonly WireValue[]): WantedProof {
  const [, , , code, padding] = readTuple('request', fields, 5);
  readBlob('padding', padding, maxRequestBytes);
  const proof = wordOf(proofCodes, readInteger('proof', code, 255));
  if (proof === undefined || proof === 'none') {
    throw badMessage('a proof that nobody can give');
  }
  return proof;
}

function groupToWire(group: QueryGroup): WireValue {
  return [kindCodes[group.kind], algorithmCodes[group.algorithm], joinPrefixes(group.prefixes)];
}

/** Sorted as numbers: 100 prefixes take 5 µs instead of 20. */
function joinPrefixes(prefixes: readonly Uint8Array[]): Uint8Array {
  const sorted = new Uint32Array(prefixes.length);
  for (let i = 0; i < prefixes.length; i++) {
    const prefix = prefixes[i]!;
    assertBytes('prefix', prefix, prefixBytes);
    sorted[i] = prefixNumber(prefix);
  }
  sorted.sort();
  const joined = new Uint8Array(sorted.length * prefixBytes);
  const view = new DataView(joined.buffer);
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i - 1] === sorted[i]) {
      throw new RangeError('encodeQuery: a prefix is given twice');
    }
    view.setUint32(i * prefixBytes, sorted[i]!);
  }
  return joined;
}

function groupFromWire(value: WireValue): QueryGroup {
  const [kindCode, algorithmCode, blob] = readTuple('group', value, 3);
  const kind = wordOf(kindCodes, readInteger('kind', kindCode, 255));
  const algorithm = wordOf(algorithmCodes, readInteger('algorithm', algorithmCode, 255));
  if (kind === undefined || algorithm === undefined) {
    throw badMessage('a kind or algorithm that this version does not know');
  }
  return { kind, algorithm, prefixes: splitPrefixes(readBlob('prefixes', blob, maxPrefixes * prefixBytes)) };
}

function splitPrefixes(blob: Uint8Array): Uint8Array[] {
  if (blob.length === 0 || blob.length % prefixBytes !== 0) {
    throw badMessage('prefixes that are not 4 bytes each');
  }
  const prefixes: Uint8Array[] = [];
  let previous = -1;
  for (let at = 0; at < blob.length; at += prefixBytes) {
    const prefix = prefixAt(blob, at);
    const number = prefixNumber(prefix);
    if (number <= previous) {
      throw badMessage('prefixes that are not ascending');
    }
    previous = number;
    prefixes.push(prefix);
  }
  return prefixes;
}
