/**
 * From a pattern text to its tree: the PCRE2 language without UTF, as Perl's documentation and that of PCRE2 10.42
 * describe it. What is left out (calls of groups, callouts, verbs, Unicode properties) is reported, never guessed.
 */
import type { ExpressionFlags } from '../flags.js';
import type { ExpressionLimits } from '../limits.js';
import { setOf, setOfByte } from './byte-set.js';
import type { ByteSet } from './byte-set.js';
import { readClass } from './class.js';
import { readEscape } from './escape-node.js';
import { GroupNames } from './group-names.js';
import { readGroup } from './group.js';
import type { ExpressionNode, ParsedExpression } from './node.js';
import { alternativesOf, sequenceOf } from './node.js';
import type { Options } from './options.js';
import { optionsOf } from './options.js';
import { readQuantifier, repeatOf } from './quantifier.js';
import { PatternReader } from './reader.js';

/** What was read, and whether a quantifier may follow. Nothing: options or the like, that leave no node. */
export interface Atom {
  readonly node: ExpressionNode;
  readonly repeatable: boolean;
}

/** Reads a whole expression. @throws VedetteError `unsupported` with the reason. */
export function parseExpression(source: string, flags: ExpressionFlags, limits: ExpressionLimits): ParsedExpression {
  const parser = new Parser(source, flags, limits);
  const root = parser.readAll();
  return { root, groups: parser.groups.count };
}

/** The state of one reading; the functions of the other files of this folder read parts with it. */
export class Parser {
  readonly reader: PatternReader;
  readonly groups: GroupNames;
  options: Options;
  /** How many looks this place is in: `\K` is not allowed there. */
  lookDepth = 0;
  readonly #maxDepth: number;
  readonly #dots: readonly [ByteSet, ByteSet] = [setOf((byte) => byte !== 0x0a), setOf(() => true)];
  readonly #bytes = new Map<number, ByteSet>();
  #depth = 0;

  constructor(source: string, flags: ExpressionFlags, limits: ExpressionLimits) {
    this.reader = new PatternReader(source);
    this.groups = new GroupNames(limits.maxGroups);
    this.options = optionsOf(flags);
    this.#maxDepth = limits.maxDepth;
    if (source.length > limits.maxLength) {
      throw this.reader.fault(`the expression is longer than ${limits.maxLength} characters`);
    }
  }

  readAll(): ExpressionNode {
    const root = alternativesOf(this.readBranches());
    if (!this.reader.done) {
      throw this.reader.fault('")" has no "("');
    }
    this.groups.settle(this.reader);
    return root;
  }

  /** Reads up to the `)` of a group, and takes that; options are as before then. */
  readInside(reset = false): ExpressionNode[] {
    const { options } = this;
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw this.reader.fault(`groups are nested deeper than ${this.#maxDepth}`);
    }
    const branches = this.readBranches(reset);
    if (!this.reader.takes(')')) {
      throw this.reader.fault('")" is missing');
    }
    this.#depth -= 1;
    this.options = options;
    return branches;
  }

  /** Reads alternatives up to a `)` or the end. In a branch reset each counts its groups from the same number. */
  readBranches(reset = false): ExpressionNode[] {
    const first = this.groups.opened;
    let last = first;
    const branches: ExpressionNode[] = [];
    do {
      this.groups.opened = reset ? first : this.groups.opened;
      branches.push(this.#readSequence());
      last = Math.max(last, this.groups.opened);
    } while (this.reader.takes('|'));
    this.groups.opened = last;
    return branches;
  }

  /** The node of one byte in the case that holds here. */
  byteNode(byte: number): ExpressionNode {
    const { ignoreCase } = this.options;
    const key = ignoreCase ? byte + 256 : byte;
    const set = this.#bytes.get(key) ?? setOfByte(byte, ignoreCase);
    this.#bytes.set(key, set);
    return { kind: 'set', set };
  }

  #readSequence(): ExpressionNode {
    const items: ExpressionNode[] = [];
    for (;;) {
      this.reader.skipIgnored(this.options.extended);
      if (this.reader.done || (!this.reader.quoting && (this.reader.peek() === '|' || this.reader.peek() === ')'))) {
        return sequenceOf(items);
      }
      const atom = this.#readAtom();
      if (atom !== undefined) {
        items.push(this.#readRepeat(atom));
      }
    }
  }

  #readRepeat({ node, repeatable }: Atom): ExpressionNode {
    const mark = this.reader.at;
    const { quoting } = this.reader;
    this.reader.skipIgnored(this.options.extended);
    const quantifier = this.reader.quoting ? undefined : readQuantifier(this.reader, this.options.ungreedy);
    if (quantifier === undefined) {
      this.reader.at = mark;
      this.reader.quoting = quoting;
      return node;
    }
    if (!repeatable) {
      throw this.reader.fault('a quantifier follows what cannot be repeated');
    }
    return repeatOf(node, quantifier);
  }

  #readAtom(): Atom | undefined {
    if (this.reader.quoting) {
      return { node: this.byteNode(this.reader.next().charCodeAt(0)), repeatable: true };
    }
    const at = this.reader.at;
    const character = this.reader.next();
    switch (character) {
      case '(':
        return readGroup(this);
      case '\\':
        return readEscape(this);
      case '[':
        return { node: { kind: 'set', set: readClass(this.reader, this.options) }, repeatable: true };
      case '.':
        return { node: { kind: 'set', set: this.options.dotAll ? this.#dots[1] : this.#dots[0] }, repeatable: true };
      case '^':
        return { node: { kind: 'place', place: this.options.multiLine ? 'line-start' : 'text-start' }, repeatable: false };
      case '$':
        return { node: { kind: 'place', place: this.#dollar() }, repeatable: false };
      default:
        return this.#readPlain(at, character);
    }
  }

  #readPlain(at: number, character: string): Atom {
    this.reader.at = at;
    if (readQuantifier(this.reader, false) !== undefined) {
      throw this.reader.fault('a quantifier follows what cannot be repeated');
    }
    this.reader.at = at + 1;
    const code = character.charCodeAt(0);
    if (code > 255) {
      throw this.reader.fault('a character is greater than one byte');
    }
    return { node: this.byteNode(code), repeatable: true };
  }

  #dollar(): 'line-end' | 'text-end' | 'text-end-or-final-newline' {
    if (this.options.multiLine) {
      return 'line-end';
    }
    return this.options.dollarEndOnly ? 'text-end' : 'text-end-or-final-newline';
  }
}
