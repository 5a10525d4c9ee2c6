/**
 * What a part of a ClamAV body (between `*` and `{…}`) has to have before clamscan loads it, as its documentation says
 * and clamscan 1.4.6 confirms. The rules keep out signatures that would be found everywhere.
 */
import type { SignatureNode } from '../../../pattern/signature.js';

/** Exact bytes in a row that every part needs. */
const minStatic = 2;

/** Targets in whose files clamscan looks for the first places of parts before it looks for parts: any, PE, mail, text. */
const filtered: ReadonlySet<number> = new Set([0, 1, 4, 7]);

/** What depends on where the part stands. */
export interface PartRules {
  /** Bytes of the `aa` in `HEX[x-y]aa`: 1, or 2 where every byte is followed by a zero. */
  readonly anchorBytes: number;
  /** Bytes that a part needs that is a whole body and has exact bytes only. */
  readonly minLiteral: number;
  /** Alternatives of single bytes are like all others: so it is in a subsignature with modifiers. */
  readonly isModified: boolean;
  /** ClamAV target type. */
  readonly target: number;
}

/** What is wrong with a part; undefined when nothing is. */
export function partFault(part: readonly SignatureNode[], { anchorBytes, minLiteral, isModified, target }: PartRules): string | undefined {
  if (part.length === 0) {
    return 'a part of the body is empty';
  }
  const fault = anchoredFault(part, anchorBytes) ?? (filtered.has(target) ? beginningFault(part, isModified) : undefined);
  if (fault !== undefined) {
    return fault;
  }
  const runs = part.map(longestStatic);
  if (Math.max(...runs) < minStatic) {
    return `a part of the body has no ${minStatic} exact bytes in a row`;
  }
  const [only] = part;
  const isLiteral = part.length === 1 && only?.kind === 'bytes' && runs[0] === only.value.length;
  return isLiteral && only.value.length < minLiteral ? `a body of exact bytes needs ${minLiteral} of them` : undefined;
}

/** `aa[x-y]HEX[x-y]aa`: each range has a single byte on its outer side, and the rest of the part on the other. */
function anchoredFault(part: readonly SignatureNode[], bytes: number): string | undefined {
  const isAnchor = (node: SignatureNode | undefined): boolean => node?.kind === 'bytes' && node.value.length === bytes;
  const places = part.flatMap((node, i) => (node.kind === 'gap' ? [i] : []));
  const isRight = places.every((i) => (i === 1 && isAnchor(part[0])) || (i === part.length - 2 && isAnchor(part[part.length - 1])));
  return isRight && !(places.length > 1 && part.length < 5) ? undefined : 'a range in brackets has a single byte at the outer end of its part on one side';
}

/** As clamscan begins with two places of a part, the second cannot be a class, or alternatives of no single place. */
function beginningFault(part: readonly SignatureNode[], isModified: boolean): string | undefined {
  let places = 0;
  for (const node of part) {
    if (node.kind === 'gap') {
      places = 0;
    } else if (node.kind === 'bytes') {
      places += node.value.length;
    } else if (node.kind === 'alternatives' && !isModified && node.options.every(({ mask }) => mask.length === 1 && mask[0] === 0xff)) {
      places++;
    } else if (places === 1) {
      return 'a class, or alternatives of several bytes, behind the first byte of a part';
    }
  }
  return undefined;
}

function longestStatic(node: SignatureNode): number {
  if (node.kind !== 'bytes') {
    return 0;
  }
  let longest = 0;
  let length = 0;
  for (const mask of node.mask) {
    length = mask === 0xff ? length + 1 : 0;
    longest = Math.max(longest, length);
  }
  return longest;
}
