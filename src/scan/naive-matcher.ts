/**
 * The oracle: keeps a copy of the whole subject and tries every signature at every place, node by node, with the set of
 * all positions that can be reached. Nothing in it is fast, and nothing in it is shared with the matcher that is.
 */
import { concatBytes } from '../base/bytes.js';
import type { ByteSignature, SignatureNode, SignatureOffset } from '../pattern/signature.js';
import { signatureFault } from '../pattern/signatures/signature-shape.js';
import { sortedFindings } from './findings.js';
import type { Finding, Matcher } from './matcher.js';

/**
 * A matcher that is right by inspection. Memory: the subject; time: signatures × bytes × length of the signature.
 * @throws TypeError for a signature that is none.
 */
export function createNaiveMatcher(signatures: readonly ByteSignature[]): Matcher {
  for (const signature of signatures) {
    const fault = signatureFault(signature);
    if (fault !== undefined) {
      throw new TypeError(`signature ${JSON.stringify(signature.threat.name)}: ${fault}`);
    }
  }
  return {
    open() {
      const chunks: Uint8Array[] = [];
      return {
        update: (chunk) => void chunks.push(chunk.slice()),
        finish: () => ({ findings: sortedFindings(findAll(signatures, concatBytes(chunks))) }),
      };
    },
  };
}

/** True when the body of the signature stands at `start`, its offset included. */
export function matchesAt(signature: ByteSignature, subject: Uint8Array, start: number): boolean {
  if (!mayBeginAt(signature.offset, start, subject.length)) {
    return false;
  }
  let positions = new Set([start]);
  for (const node of signature.nodes) {
    positions = new Set([...positions].flatMap((position) => endsOf(node, subject, position)));
  }
  return positions.size > 0;
}

function* findAll(signatures: readonly ByteSignature[], subject: Uint8Array): Generator<Finding> {
  for (const signature of signatures) {
    for (let start = 0; start <= subject.length; start++) {
      if (matchesAt(signature, subject, start)) {
        yield { threat: signature.threat, at: start };
        break;
      }
    }
  }
}

function mayBeginAt(offset: SignatureOffset, start: number, size: number): boolean {
  switch (offset.kind) {
    case 'any':
      return true;
    case 'start':
      return start >= offset.at && start <= offset.at + offset.shift;
    case 'end': {
      const at = size - offset.before;
      return at >= 0 && start >= at && start <= at + offset.shift;
    }
    default:
      return false;
  }
}

function endsOf(node: SignatureNode, subject: Uint8Array, at: number): number[] {
  switch (node.kind) {
    case 'bytes':
      return standsAt(node, subject, at) ? [at + node.value.length] : [];
    case 'gap': {
      const last = Math.min(subject.length, at + (node.max ?? Number.POSITIVE_INFINITY));
      return Array.from({ length: Math.max(0, last - at - node.min + 1) }, (_, i) => at + node.min + i);
    }
    case 'alternatives': {
      const standing = node.options.filter((option) => standsAt(option, subject, at));
      if (!node.negated) {
        return standing.map((option) => at + option.value.length);
      }
      const end = at + node.options[0]!.value.length;
      return standing.length === 0 && end <= subject.length ? [end] : [];
    }
    case 'class':
      return [];
  }
}

function standsAt(run: { readonly value: Uint8Array; readonly mask: Uint8Array }, subject: Uint8Array, at: number): boolean {
  return (
    at + run.value.length <= subject.length &&
    run.value.every((value, i) => (value & run.mask[i]!) === (subject[at + i]! & run.mask[i]!))
  );
}
