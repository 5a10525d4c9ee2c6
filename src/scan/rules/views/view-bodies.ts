/**
 * Which bodies can stand in a view of a content at all: those of its targets, and in a normalised text only such whose
 * bytes it has. Few signatures are made of lower case, digits and signs alone; the others need not be looked for there.
 */
import type { MaskedBytes, SignatureNode } from '../../../pattern/signature.js';
import type { SurveyedSignature } from '../../../pattern/signatures/signature-walk.js';
import type { BodyRole, RuleSet, SignatureList } from '../rule-set.js';

/** What a view is searched for. */
export interface SearchedView {
  readonly targets: readonly number[];
  /** By byte: whether it occurs in such views; absent where all do. */
  readonly has?: (byte: number) => boolean;
}

/** Numbers of the bodies that can stand in the view, ascending. The cost is a walk over all of them. */
export function bodiesInView(set: RuleSet, signatures: SignatureList, { targets, has }: SearchedView): Uint32Array {
  const found: number[] = [];
  const alphabet = has === undefined ? undefined : new Alphabet(has);
  if (signatures.survey !== undefined) {
    signatures.survey((index, one) => {
      if (targets.includes(one.target) && (alphabet === undefined || alphabet.mayHoldSurveyed(one))) {
        found.push(index);
      }
    });
  }
  for (let body = signatures.survey === undefined ? 0 : set.signatures; body < set.bodies.count; body++) {
    if (targets.includes(set.targetOf(body)) && (alphabet === undefined || alphabet.mayHold(nodesOf(set.roleOf(body))))) {
      found.push(body);
    }
  }
  return Uint32Array.from(found);
}

function nodesOf(role: BodyRole): readonly SignatureNode[] {
  switch (role.kind) {
    case 'signature':
      return role.signature.nodes;
    case 'part':
      return role.body.nodes;
    case 'macro':
      return role.macro.nodes;
  }
}

/** The bytes of a kind of view. */
class Alphabet {
  readonly #has: Uint8Array;
  /** The same where a capital letter stands for both cases. */
  readonly #hasCaseless: Uint8Array;

  constructor(has: (byte: number) => boolean) {
    const isCapital = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
    this.#has = Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
    this.#hasCaseless = Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) || (isCapital(byte) && has(byte + 0x20)) ? 1 : 0));
  }

  /** Runs of nibbles are taken for possible. */
  mayHoldSurveyed({ decoded, nodes, kinds, bytesAt, lengths, section }: SurveyedSignature): boolean {
    if (decoded !== undefined) {
      return this.mayHold(decoded.nodes);
    }
    for (let node = 0; node < nodes; node++) {
      const kind = kinds[node]!;
      const table = kind === 0 ? this.#has : this.#hasCaseless;
      const end = kind > 1 ? 0 : bytesAt[node]! + lengths[node]!;
      for (let at = bytesAt[node]!; at < end; at++) {
        if (table[section[at]!] === 0) {
          return false;
        }
      }
    }
    return true;
  }

  mayHold(nodes: readonly SignatureNode[]): boolean {
    return nodes.every((node) => {
      switch (node.kind) {
        case 'bytes':
          return this.#mayHoldRun(node);
        case 'alternatives':
          return node.negated || node.options.some((option) => this.#mayHoldRun(option));
        case 'gap':
        case 'class':
          return true;
      }
    });
  }

  #mayHoldRun({ value, mask }: MaskedBytes): boolean {
    return value.every((byte, i) => (mask[i] === 0xff ? this.#has[byte] === 1 : this.#has.some((has, other) => has === 1 && (other & mask[i]!) === byte)));
  }
}
