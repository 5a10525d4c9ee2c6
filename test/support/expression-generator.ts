/** Random expressions in the language of PCRE, and short texts that they have a chance to match. */
import type { Random } from '../../src/base/seams.js';

const plain = ['a', 'b', 'c', 'A', 'B', '_', '-', '\\n', '\\x61', 'ab', 'abc', '\\.', '\\Qa.b\\E'];
const classes = ['.', '[ab]', '[^a]', '[a-c]', '\\w', '\\W', '\\s', '\\d', '[\\w-]', '[^\\n]', '[[:alpha:]]', '\\S', '[A-C_]', '\\h', '\\N', '\\R', '\\v'];
const places = ['^', '$', '\\b', '\\B', '\\A', '\\Z', '\\z', '\\G', '\\K'];
const behinds = ['a', 'ab', 'b', '.', '^a', '\\n', '\\ba', '[ab]c', '', 'a|bc'];
const quantifiers = ['*', '+', '?', '{2}', '{1,2}', '{0,3}', '{2,}', '{3}', '*', '+'];
const options = ['(?i)', '(?-i)', '(?s)', '(?m)', '(?U)', '(?x) '];
const pieces = ['a', 'a', 'b', 'b', 'c', 'A', 'B', '\n', '_', '-', ' ', '\r\n', '1', '.', '\u00e9', 'ab', 'aab'];

/** Draws expressions. */
export class ExpressionGenerator {
  readonly #random: Random;
  #groups = 0;
  #named: string[] = [];
  #lookDepth = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  expression(): string {
    this.#groups = 0;
    this.#named = [];
    return this.#branches(3);
  }

  flags(): string {
    return [...'ismEUxA'].filter(() => this.#random() < 0.12).join('');
  }

  subject(): string {
    return Array.from({ length: Math.floor(this.#random() * 14) }, () => this.#pick(pieces)).join('');
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  #branches(depth: number): string {
    let text = this.#sequence(depth);
    while (this.#random() < 0.25) {
      text += `|${this.#random() < 0.1 ? '' : this.#sequence(depth)}`;
    }
    return text;
  }

  #sequence(depth: number): string {
    return Array.from({ length: 1 + Math.floor(this.#random() * 3.2) }, () => this.#item(depth)).join('');
  }

  #item(depth: number): string {
    const chance = this.#random();
    if (chance < 0.07) {
      const place = this.#pick(places);
      return place === '\\K' && this.#lookDepth > 0 ? '^' : place;
    }
    if (chance < 0.09) {
      return this.#pick(options);
    }
    return this.#atom(depth) + this.#quantifier();
  }

  #quantifier(): string {
    return this.#random() < 0.55 ? '' : this.#pick(quantifiers) + this.#pick(['', '', '', '?', '?', '+']);
  }

  #atom(depth: number): string {
    const chance = this.#random();
    if (chance < 0.4 || depth === 0) {
      return this.#pick(plain);
    }
    if (chance < 0.55) {
      return this.#pick(classes);
    }
    return chance < 0.75 ? this.#group(depth - 1) : this.#special(depth - 1);
  }

  #group(depth: number): string {
    const number = ++this.#groups;
    const name = this.#random() < 0.3 ? `n${number}` : undefined;
    const opening = name === undefined ? '(' : `${this.#pick(['(?<', '(?P<'])}${name}>`;
    const text = `${opening}${this.#branches(depth)})`;
    if (name !== undefined) {
      this.#named.push(name);
    }
    return text;
  }

  #special(depth: number): string {
    const group = this.#groups > 0 ? 1 + Math.floor(this.#random() * this.#groups) : undefined;
    const chance = this.#random();
    if (chance < 0.25) {
      return `(?:${this.#branches(depth)})`;
    }
    if (chance < 0.4) {
      this.#lookDepth += 1;
      const look = `${this.#pick(['(?=', '(?!'])}${this.#branches(depth)})`;
      this.#lookDepth -= 1;
      return look;
    }
    if (chance < 0.52) {
      return `${this.#pick(['(?<=', '(?<!'])}${this.#pick(behinds)})`;
    }
    if (chance < 0.62) {
      return `(?>${this.#branches(depth)})`;
    }
    if (chance < 0.67) {
      return `(?i:${this.#branches(depth)})`;
    }
    return group === undefined ? `(?(?=${this.#pick(behinds)})${this.#sequence(depth)}|${this.#sequence(depth)})` : this.#reference(group, depth);
  }

  #reference(group: number, depth: number): string {
    if (this.#random() < 0.3) {
      return `(?(${group})${this.#sequence(depth)}|${this.#sequence(depth)})`;
    }
    const name = this.#named.length > 0 ? this.#pick(this.#named) : undefined;
    return this.#pick([`\\g{${group}}`, `(?:\\${group})`, name === undefined ? `\\g${group}` : `(?P=${name})`, name === undefined ? `\\g{${group}}` : `\\k<${name}>`]);
  }
}
