/**
 * What a part of a ClamAV body (between `*` and `{…}`) has to have before clamscan loads it, as its documentation says
 * and clamscan 1.4.6 confirms. The rules keep out signatures that would be found everywhere.
 */
import type { SignatureNode } from '../../../pattern/signature.js';

/** Exact bytes in a row that every part needs. */
const minStatic = 2;

/** Bytes that a body of exact bytes only needs. */
const minLiteral = 3;

/** What is wrong with a part; undefined when nothing is. */
export function partFault(part: readonly SignatureNode[], isWhole: boolean): string | undefined {
  if (part.length === 0) {
    return 'a part of the body is empty';
  }
  const anchored = anchoredFault(part);
  if (anchored !== undefined) {
    return anchored;
  }
  const runs = part.map(longestStatic);
  if (Math.max(...runs) < minStatic) {
    return `a part of the body has no ${minStatic} exact bytes in a row`;
  }
  const [only] = part;
  const isLiteral = isWhole && part.length === 1 && only?.kind === 'bytes' && runs[0] === only.value.length;
  return isLiteral && only.value.length < minLiteral ? `a body of exact bytes needs ${minLiteral} of them` : undefined;
}

/** `aa[x-y]HEX[x-y]aa`: each range has a single byte on its outer side, and the rest of the part on the other. */
function anchoredFault(part: readonly SignatureNode[]): string | undefined {
  const places = part.flatMap((node, i) => (node.kind === 'gap' ? [i] : []));
  const isRight = places.every((i) => (i === 1 && isSingleByte(part[0])) || (i === part.length - 2 && isSingleByte(part[part.length - 1])));
  return isRight && !(places.length > 1 && part.length < 5) ? undefined : 'a range in brackets has a single byte at the outer end of its part on one side';
}

function isSingleByte(node: SignatureNode | undefined): boolean {
  return node?.kind === 'bytes' && node.value.length === 1;
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
