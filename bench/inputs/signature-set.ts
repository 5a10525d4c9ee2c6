/**
 * The signatures of the scan contest: literals, or the same with 17 % of them turned into wildcard signatures. A
 * wildcard takes the place of bytes of its literal, so that the literal is always an instance of it and what was
 * planted is found either way. Every body begins with eight bytes that are given, and so does what follows a `*`.
 */
/** A run of a body, as `SignatureNode` has them: the forms that every engine of the contest understands. */
export type BenchNode =
  | { readonly kind: 'bytes'; readonly value: Uint8Array; readonly mask: Uint8Array }
  | { readonly kind: 'gap'; readonly min: number; readonly max?: number }
  | { readonly kind: 'alternatives'; readonly negated: false; readonly options: readonly { readonly value: Uint8Array; readonly mask: Uint8Array }[] };

/** One body; its name is `nameOf` of its place in the set. */
export interface BenchSignature {
  readonly nodes: readonly BenchNode[];
}

/** Which signatures. */
export interface SetChoice {
  readonly count: number;
  readonly wildcards: boolean;
}

/** Share of wildcard signatures in a set that has some. */
export const wildcardShare = 0.17;

/** Shorter literals stay literals: eight bytes before the wildcard and eight behind it have to be left. */
const minWildcardBytes = 20;
/** And so do those of which a half says little: what stands on every page by itself is no part of a signature. */
const minDistinct = 6;

type Make = (literal: Buffer, i: number) => BenchNode[];

/** Of twenty wildcard signatures so many have each form: bytes left open are the most common in real sets. */
const forms: readonly Make[] = [
  ...Array.from({ length: 8 }, () => openBytes),
  ...Array.from({ length: 2 }, () => nibbles),
  ...Array.from({ length: 3 }, () => fixedGap),
  ...Array.from({ length: 3 }, () => rangeGap),
  ...Array.from({ length: 2 }, () => alternatives),
  ...Array.from({ length: 2 }, () => anyGap),
];

/** The first `count` of the literals as signatures; the same each time. */
export function signatureSet(literals: readonly Buffer[], { count, wildcards }: SetChoice): BenchSignature[] {
  let made = 0;
  return literals.slice(0, count).map((literal, i) => {
    if (wildcards && canBeOpened(literal) && made < wildcardShare * (i + 1)) {
      return { nodes: forms[(made++ * 7) % forms.length]!(literal, i) };
    }
    return { nodes: [bytes(literal)] };
  });
}

/** `10k-literals`, `10k-wildcards`. */
export function setName({ count, wildcards }: SetChoice): string {
  return `${count % 1_000 === 0 ? `${count / 1_000}k` : String(count)}-${wildcards ? 'wildcards' : 'literals'}`;
}

function canBeOpened(literal: Buffer): boolean {
  const at = middleOf(literal, 4);
  const halves = [literal.subarray(0, at), literal.subarray(at + 4)];
  return literal.length >= minWildcardBytes && halves.every((half) => new Set(half).size >= minDistinct);
}

/** Where so many bytes in the middle begin. */
function middleOf({ length }: Buffer, skipped: number): number {
  return Math.floor((length - skipped) / 2);
}

/** `??`, one to four times. */
function openBytes(literal: Buffer, i: number): BenchNode[] {
  return [masked(literal, { length: 1 + (i % 4), mask: 0x00 })];
}

/** `a?` or `?a`, once or twice. */
function nibbles(literal: Buffer, i: number): BenchNode[] {
  return [masked(literal, { length: 1 + (i % 2), mask: i % 4 < 2 ? 0xf0 : 0x0f })];
}

/** `{n}`. */
function fixedGap(literal: Buffer, i: number): BenchNode[] {
  const skipped = 1 + (i % 4);
  return aroundOf(literal, skipped, { kind: 'gap', min: skipped, max: skipped });
}

/** `{n-m}`. */
function rangeGap(literal: Buffer, i: number): BenchNode[] {
  const skipped = 1 + (i % 4);
  return aroundOf(literal, skipped, { kind: 'gap', min: skipped - 1, max: skipped + 8 });
}

/** `(aa|bb|cc)`. */
function alternatives(literal: Buffer, i: number): BenchNode[] {
  const at = middleOf(literal, 2);
  const own = literal.subarray(at, at + 2);
  const options = [own, Buffer.from([own[0]! ^ 0x55, i & 0xff]), Buffer.from([own[1]! ^ 0xaa, (i >> 8) & 0xff])];
  return aroundOf(literal, 2, { kind: 'alternatives', negated: false, options: options.map(({ length }, k) => ({ value: options[k]!, mask: full(length) })) });
}

/** `*`. */
function anyGap(literal: Buffer): BenchNode[] {
  return aroundOf(literal, 2, { kind: 'gap', min: 0 });
}

function aroundOf(literal: Buffer, skipped: number, node: BenchNode): BenchNode[] {
  const at = middleOf(literal, skipped);
  return [bytes(literal.subarray(0, at)), node, bytes(literal.subarray(at + skipped))];
}

function masked(literal: Buffer, { length, mask }: { readonly length: number; readonly mask: number }): BenchNode {
  const at = middleOf(literal, length);
  const masks = full(literal.length).fill(mask, at, at + length);
  return { kind: 'bytes', value: literal.map((byte, i) => byte & masks[i]!), mask: masks };
}

function bytes(value: Buffer): BenchNode {
  return { kind: 'bytes', value, mask: full(value.length) };
}

function full(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xff);
}
