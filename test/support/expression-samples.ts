/** Texts that an expression matches, or nearly: drawn from its tree, looks left out, each choice by a seeded random. */
import type { Random } from '../../src/base/seams.js';
import { defaultExpressionLimits } from '../../src/scan/pcre/limits.js';
import type { ExpressionFlags } from '../../src/scan/pcre/flags.js';
import type { ByteSet } from '../../src/scan/pcre/syntax/byte-set.js';
import type { ExpressionNode } from '../../src/scan/pcre/syntax/node.js';
import { parseExpression } from '../../src/scan/pcre/syntax/parse.js';

/** Draws texts of one expression. */
export class ExpressionSampler {
  readonly #root: ExpressionNode;
  readonly #random: Random;
  readonly #members = new Map<ByteSet, ReturnType<typeof membersOf>>();
  #groups = new Map<number, number[]>();

  constructor(source: string, flags: ExpressionFlags, random: Random) {
    this.#root = parseExpression(source, flags, defaultExpressionLimits).root;
    this.#random = random;
  }

  /** A text that matches, but for looks and references across branches. */
  matching(): number[] {
    this.#groups = new Map();
    const bytes: number[] = [];
    this.#draw(this.#root, bytes);
    return bytes;
  }

  /** A text with its end cut off or a byte changed. */
  nearMiss(): number[] {
    const bytes = this.matching();
    const at = Math.floor(this.#random() * bytes.length);
    if (this.#random() < 0.5) {
      return bytes.slice(0, Math.max(1, at));
    }
    bytes[at] = Math.floor(this.#random() * 256);
    return bytes;
  }

  #draw(node: ExpressionNode, into: number[]): void {
    switch (node.kind) {
      case 'set':
        into.push(this.#pick(this.#membersOf(node.set)) ?? 0);
        return;
      case 'sequence':
        node.items.forEach((item) => this.#draw(item, into));
        return;
      case 'alternatives':
        this.#draw(this.#pick(node.branches) ?? { kind: 'empty' }, into);
        return;
      case 'group': {
        const start = into.length;
        this.#draw(node.body, into);
        this.#groups.set(node.index, into.slice(start));
        return;
      }
      case 'repeat': {
        const most = Math.min(node.max, node.min + 1 + Math.floor(this.#random() * 8));
        const rounds = node.min + Math.floor(this.#random() * (most - node.min + 1));
        for (let round = 0; round < rounds && into.length < 20_000; round++) {
          this.#draw(node.body, into);
        }
        return;
      }
      case 'atomic':
        this.#draw(node.body, into);
        return;
      case 'reference':
        into.push(...(node.groups.map((group) => this.#groups.get(group)).find((bytes) => bytes !== undefined) ?? []));
        return;
      case 'conditional':
        this.#draw(this.#random() < 0.5 ? node.yes : node.no, into);
        return;
      default:
    }
  }

  /** The bytes of a set; one time in ten those that cannot be printed too. */
  #membersOf(set: ByteSet): readonly number[] {
    const known = this.#members.get(set) ?? membersOf(set);
    this.#members.set(set, known);
    return known.printable.length > 0 && this.#random() < 0.9 ? known.printable : known.all;
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }
}

function membersOf(set: ByteSet): { readonly all: readonly number[]; readonly printable: readonly number[] } {
  const all = [...set.keys()].filter((byte) => set[byte] === 1);
  return { all, printable: all.filter((byte) => byte >= 0x20 && byte < 0x7f) };
}

/** A text of this size, made of pieces. */
export function filled(size: number, piece: () => readonly number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const next = piece();
    bytes.set(next.slice(0, size - at), at);
    at += Math.max(1, next.length);
  }
  return bytes;
}
