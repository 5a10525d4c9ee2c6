/**
 * What the corpus really holds: every place where a part of a signature stands, a part being what is between two `*`.
 * Engines are checked against this, so it shares nothing with any of them: eight bytes are looked up at every position,
 * and what has them is compared node by node.
 */
import type { BenchNode, BenchSignature } from '../../inputs/signature-set.js';
import { WindowTable, richestWindow, windowBytes } from '../window-table.js';

/** One place: a part of a signature, and where it begins and, at the earliest, ends. */
export interface Occurrence {
  readonly signature: number;
  readonly part: number;
  readonly from: number;
  readonly to: number;
}

interface Part {
  readonly signature: number;
  readonly part: number;
  readonly nodes: readonly BenchNode[];
}

/**
 * All occurrences of all parts.
 * @throws RangeError for a part that does not begin with eight given bytes.
 */
export function occurrencesOf(signatures: readonly BenchSignature[], bytes: Buffer): Occurrence[] {
  const parts = signatures.flatMap(({ nodes }, signature) => splitAtAnyGap(nodes).map((run, part): Part => ({ signature, part, nodes: run })));
  const heads = parts.map(headOf);
  const shifts = heads.map(richestWindow);
  const table = new WindowTable(heads.map((head, i) => head.subarray(shifts[i], shifts[i]! + windowBytes)));
  const found: Occurrence[] = [];
  for (let at = 0; at + windowBytes <= bytes.length; at++) {
    for (let i = table.first(bytes, at); i !== -1; i = table.next(i)) {
      const { signature, part, nodes } = parts[i]!;
      const from = at - shifts[i]!;
      const to = from < 0 ? Number.POSITIVE_INFINITY : earliestEnd(nodes, { bytes, at: from });
      if (to !== Number.POSITIVE_INFINITY) {
        found.push({ signature, part, from, to });
      }
    }
  }
  return found;
}

/** The nodes between the gaps without an end. */
export function splitAtAnyGap(nodes: readonly BenchNode[]): BenchNode[][] {
  const runs: BenchNode[][] = [[]];
  for (const node of nodes) {
    if (node.kind === 'gap' && node.max === undefined) {
      runs.push([]);
    } else {
      runs[runs.length - 1]!.push(node);
    }
  }
  return runs;
}

/** Where the nodes end at the earliest when they begin at `at`; Infinity when they do not stand there. */
export function earliestEnd([node, ...rest]: readonly BenchNode[], { bytes, at }: { readonly bytes: Uint8Array; readonly at: number }): number {
  if (node === undefined) {
    return at;
  }
  switch (node.kind) {
    case 'bytes':
      return standsAt(node, bytes, at) ? earliestEnd(rest, { bytes, at: at + node.value.length }) : Number.POSITIVE_INFINITY;
    case 'gap': {
      const lengths = Array.from({ length: (node.max ?? bytes.length - at) - node.min + 1 }, (_, i) => node.min + i);
      return Math.min(...lengths.map((length) => earliestEnd(rest, { bytes, at: at + length })));
    }
    case 'alternatives':
      return Math.min(...node.options.map((option) => earliestEnd([{ kind: 'bytes', ...option }, ...rest], { bytes, at })));
  }
}

function standsAt({ value, mask }: { readonly value: Uint8Array; readonly mask: Uint8Array }, bytes: Uint8Array, at: number): boolean {
  if (at + value.length > bytes.length) {
    return false;
  }
  for (let i = 0; i < value.length; i++) {
    if ((bytes[at + i]! & mask[i]!) !== value[i]) {
      return false;
    }
  }
  return true;
}

/** The run of given bytes at the beginning of a part. */
function headOf({ nodes }: Part, index: number): Uint8Array {
  const [first] = nodes;
  const open = first?.kind === 'bytes' ? first.mask.findIndex((mask) => mask !== 0xff) : 0;
  if (first?.kind !== 'bytes' || (open !== -1 && open < windowBytes) || first.value.length < windowBytes) {
    throw new RangeError(`part ${index} does not begin with ${windowBytes} given bytes`);
  }
  return open === -1 ? first.value : first.value.subarray(0, open);
}
