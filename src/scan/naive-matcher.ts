/**
 * The oracle: keeps a copy of the whole subject and tries every signature at every place, node by node, with the set of
 * all positions that can be reached. Nothing in it is fast, and nothing in it is shared with the matcher that is.
 */
import { concatBytes, toLatin1 } from '../base/bytes.js';
import type { ByteSignature, MaskedBytes, SignatureBody, SignatureNode, SignatureOffset } from '../pattern/signature.js';
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

/** True when the body stands at `start`, its offset included. Places in executables are nowhere here. */
export function matchesAt(body: SignatureBody, subject: Uint8Array, start: number): boolean {
  return mayBeginAt(body.offset, start, subject.length) && endsOfBody(body, subject, start).length > 0;
}

/** All positions at which the body ends that begins at `start`, wherever it may begin; ascending. */
export function endsOfBody(body: SignatureBody, subject: Uint8Array, start: number): number[] {
  if (body.fullword === true && !mayBeginWord(subject, start, body.wide === true)) {
    return [];
  }
  let positions = new Set([start]);
  body.nodes.forEach((node, i) => {
    const isFirst = i === 0 || body.nodes[i - 1]!.kind === 'gap';
    const isLast = i === body.nodes.length - 1 || body.nodes[i + 1]!.kind === 'gap';
    positions = new Set([...positions].flatMap((position) => endsOf(node, subject, { position, isFirst, isLast })));
  });
  const ends = [...positions].sort((a, b) => a - b);
  return body.fullword === true ? ends.filter((end) => mayEndWord(subject, end, body.wide === true)) : ends;
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

/** Where in the subject, and where in its part of the body, a node stands. */
interface Place {
  readonly position: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function endsOf(node: SignatureNode, subject: Uint8Array, place: Place): number[] {
  const at = place.position;
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
      return endsOfClass(node, toLatin1(subject), place);
  }
}

/** What a class takes, as an expression: at the ends of a part it takes nothing. */
function endsOfClass({ of, negated }: Extract<SignatureNode, { kind: 'class' }>, text: string, { position, isFirst, isLast }: Place): number[] {
  const { left, right, inner } = classTexts[of];
  if (isFirst && !negated) {
    return position === 0 || new RegExp(`^${left}$`, 's').test(text.slice(position - 1, position)) ? [position] : [];
  }
  if (isLast && !isFirst) {
    const holds = new RegExp(`^${right}`, 's').test(text.slice(position));
    return (position === text.length ? !negated : holds !== negated) ? [position] : [];
  }
  if (negated) {
    return position < text.length && !new RegExp(`^${inner}`, 's').test(text[position]!) ? [position + 1] : [];
  }
  const taken = new RegExp(`^${inner}`, 's').exec(text.slice(position, position + 2))?.[0].length ?? 0;
  return taken === 0 ? [] : [position + taken];
}

const classTexts = {
  'word-boundary': { left: '[ \\-./<@_]', right: '[\\n\\r "\'\\-/=>_]', inner: '[\\n\\r "\'\\-./<=>@_]' },
  'line-boundary': { left: '\\n', right: '\\r?\\n', inner: '\\r?\\n' },
  'non-alphanumeric': { left: '[^0-9A-Za-z]', right: '[^0-9A-Za-z]', inner: '[^0-9A-Za-z]' },
} as const;

function mayBeginWord(subject: Uint8Array, start: number, wide: boolean): boolean {
  const before = toLatin1(subject.subarray(Math.max(0, start - 2), start));
  return !(wide ? /^[0-9A-Za-z]\0$/ : /[0-9A-Za-z]$/).test(before);
}

function mayEndWord(subject: Uint8Array, end: number, wide: boolean): boolean {
  return !(wide ? /^[0-9A-Za-z](?:\0|$)/ : /^[0-9A-Za-z]/).test(toLatin1(subject.subarray(end, end + 2)));
}

function standsAt(run: MaskedBytes, subject: Uint8Array, at: number): boolean {
  return (
    at + run.value.length <= subject.length &&
    run.value.every((value, i) => (value & run.mask[i]!) === (subject[at + i]! & run.mask[i]!))
  );
}
