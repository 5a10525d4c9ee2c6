/**
 * What a part of a ClamAV body (between `*` and `{…}`) has to have before clamscan loads it, as its documentation says
 * and clamscan 1.4.6 confirms. The rules keep out signatures that would be found everywhere.
 */
import type { SignatureNode } from '../../../pattern/signature.js';

/** Exact bytes in a row that every part needs. */
const minStatic = 2;

/** What depends on where the part stands. */
export interface PartRules {
  /** Bytes of the `aa` in `HEX[x-y]aa`: 1, or 2 where every byte is followed by a zero. */
  readonly anchorBytes: number;
  /** Bytes that a part needs that is a whole body and has exact bytes only. */
  readonly minLiteral: number;
}

/** What is wrong with a part; undefined when nothing is. */
export function partFault(part: readonly SignatureNode[], { anchorBytes, minLiteral }: PartRules): string | undefined {
  if (part.length === 0) {
    return 'a part of the body is empty';
  }
  const anchored = anchoredFault(part, anchorBytes);
  if (anchored !== undefined) {
    return anchored;
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
