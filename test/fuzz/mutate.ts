/** Mutations of texts and bytes: small damage, pieces of other inputs, repetitions, and what parsers stumble over. */
import type { Random } from '../../src/base/seams.js';

const tokens = [
  ':', ';', ',', '/', '(', ')', '|', '!', '*', '{', '}', '[', ']', '-', '?', '#', '$', '&', '=', '>', '<', '::', '::i', '::w', '\\', '"', '\t', '\r', '\0', '\ud800', 'é', '\ufeff', '%', '0', '1', '64', '255',
  '65536', '4294967295', '4294967296', '99999999999999999999', '-1', '0x', '(B)', '{0}', '{-}', '[1-32]', '(?:', '(?<=', '\\1', '{1,65535}', '++', '__proto__', 'constructor', 'Target:', 'Engine:1-255,',
];
const words = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 3, 6, 7, 8, 0x20, 0xff];

/** An integer below `limit`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One element. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!;
}

/** The text after one to three mutations; `other` lends pieces. */
export function mutateText(random: Random, text: string, other: string): string {
  let mutated = text;
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const at = below(random, mutated.length + 1);
    const to = Math.min(mutated.length, at + below(random, 12));
    mutated = pieceFor(random, mutated, { at, to, other });
  }
  return mutated.length > 100_000 ? mutated.slice(0, 100_000) : mutated;
}

function pieceFor(random: Random, text: string, { at, to, other }: { readonly at: number; readonly to: number; readonly other: string }): string {
  const [head, cut, tail] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
  const from = below(random, other.length + 1);
  switch (below(random, 7)) {
    case 0:
      return head + pick(random, tokens) + text.slice(at);
    case 1:
      return head + pick(random, tokens) + tail;
    case 2:
      return head + tail;
    case 3:
      return head + other.slice(from, from + below(random, 40)) + text.slice(at);
    case 4:
      return head + cut.repeat(1 + below(random, random() < 0.05 ? 2000 : 20)) + tail;
    case 5:
      return head + String.fromCharCode(below(random, random() < 0.9 ? 0x80 : 0x10000)) + tail;
    default:
      return random() < 0.2 ? head : text;
  }
}

/** The bytes after one to eight mutations, a copy; now and then some are inserted or cut out. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let mutated = bytes.slice();
  for (let count = 1 + below(random, 8); count > 0 && mutated.length > 0; count--) {
    const at = below(random, mutated.length);
    const kind = below(random, 8);
    if (kind < 3) {
      mutated[at] = mutated[at]! ^ (1 << below(random, 8));
    } else if (kind < 6) {
      mutated[at] = pick(random, words);
    } else {
      const to = Math.min(mutated.length, at + below(random, 9));
      const inserted = kind === 6 ? mutated.subarray(below(random, mutated.length)).subarray(0, 9) : new Uint8Array(0);
      mutated = Uint8Array.from([...mutated.subarray(0, at), ...inserted, ...mutated.subarray(to)]);
    }
  }
  return mutated;
}
