/** What begins with a parenthesis: groups, looks, conditionals and changes of options. */
import { relativeGroup, referenceTo } from './escape-node.js';
import { readName } from './group-names.js';
import { checkedLook } from './look-behind.js';
import type { Condition, ExpressionNode, LookNode } from './node.js';
import { alternativesOf } from './node.js';
import { readOptions } from './options.js';
import type { Atom, Parser } from './parse.js';
import { isDecimal } from './reader.js';

/** Reads a group; the reader stands behind its `(`. Undefined where it only sets options. */
export function readGroup(parser: Parser): Atom | undefined {
  const { reader } = parser;
  if (reader.peek() === '*') {
    return readVerb(parser);
  }
  if (!reader.takes('?')) {
    return repeatable(parser.options.namedOnly ? inside(parser) : capture(parser, undefined));
  }
  const look = readLook(parser);
  if (look !== undefined) {
    return repeatable(look);
  }
  if (reader.takes('>')) {
    return repeatable({ kind: 'atomic', body: inside(parser) });
  }
  if (reader.takes('|')) {
    return repeatable(alternativesOf(parser.readInside(true)));
  }
  if (reader.takes('(')) {
    return repeatable(readConditional(parser));
  }
  return readNamed(parser) ?? readOptionGroup(parser);
}

function repeatable(node: ExpressionNode): Atom {
  return { node, repeatable: true };
}

function inside(parser: Parser): ExpressionNode {
  return alternativesOf(parser.readInside());
}

function capture(parser: Parser, name: string | undefined): ExpressionNode {
  const index = parser.groups.open(parser.reader, name, parser.options.sameNames);
  return { kind: 'group', index, body: inside(parser) };
}

/** `(*FAIL)` is an empty negative look; the other verbs change how a search backtracks. */
function readVerb(parser: Parser): Atom {
  if (parser.reader.takes('*FAIL)') || parser.reader.takes('*F)')) {
    return { node: { kind: 'fail' }, repeatable: false };
  }
  throw parser.reader.fault('verbs and settings like (*UTF) are not supported');
}

/** `(?=`, `(?!`, `(?<=`, `(?<!`; the reader stands behind the question mark. */
function readLook(parser: Parser): LookNode | undefined {
  const { reader } = parser;
  const behind = reader.sees('<=') || reader.sees('<!');
  if (behind) {
    reader.next();
  }
  if (reader.peek() !== '=' && reader.peek() !== '!') {
    return undefined;
  }
  const negative = reader.next() === '!';
  parser.lookDepth += 1;
  const body = inside(parser);
  parser.lookDepth -= 1;
  return checkedLook({ kind: 'look', behind, negative, body }, reader);
}

/** Names in all their spellings; the reader stands behind the question mark. */
function readNamed(parser: Parser): Atom | undefined {
  const { reader } = parser;
  if (reader.takes('P=')) {
    return repeatable(referenceTo(parser, readName(reader, ')')));
  }
  if (reader.takes('<') || reader.takes('P<')) {
    return repeatable(capture(parser, readName(reader, '>')));
  }
  return reader.takes("'") ? repeatable(capture(parser, readName(reader, "'"))) : undefined;
}

function readOptionGroup(parser: Parser): Atom | undefined {
  const { reader } = parser;
  const first = reader.peek();
  const called = first === '+' || first === '-' ? isDecimal(reader.peek(1)) : first === 'R' || first === '&' || isDecimal(first);
  if (called || reader.sees('P>')) {
    throw reader.fault('calls of groups are not supported');
  }
  const before = parser.options;
  const options = readOptions(reader, before);
  if (reader.next() === ')') {
    parser.options = options;
    return undefined;
  }
  parser.options = options;
  const node = inside(parser);
  parser.options = before;
  return repeatable(node);
}

function readConditional(parser: Parser): ExpressionNode {
  const condition = readCondition(parser);
  const branches = parser.readInside();
  const [yes, no = { kind: 'empty' } as const, more] = branches;
  if (yes === undefined || more !== undefined) {
    throw parser.reader.fault('a condition has more than two branches');
  }
  return { kind: 'conditional', condition, yes, no };
}

/** What a conditional asks; the reader stands behind the inner `(`. */
function readCondition(parser: Parser): Condition {
  const { reader } = parser;
  if (reader.takes('?')) {
    const look = readLook(parser);
    if (look === undefined) {
      throw reader.fault('a condition in parentheses is not a look');
    }
    return look;
  }
  const sign = reader.peek() === '-' || reader.peek() === '+' ? reader.next() : '';
  const digits = reader.takeWhile(isDecimal, 6);
  if (digits !== '') {
    if (!reader.takes(')')) {
      throw reader.fault('")" is missing');
    }
    return { kind: 'set-group', groups: parser.groups.await(relativeGroup(Number(digits), sign, parser.groups.opened)) };
  }
  return readNamedCondition(parser);
}

function readNamedCondition(parser: Parser): Condition {
  const { reader } = parser;
  const quote = reader.peek();
  if (quote === '<' || quote === "'") {
    reader.next();
    const name = readName(reader, quote === '<' ? '>)' : "')");
    return { kind: 'set-group', groups: parser.groups.await(name) };
  }
  const name = readName(reader, ')');
  if (name === 'DEFINE') {
    return { kind: 'set-group', groups: [] };
  }
  if (/^R(&.*|\d*)$/.test(name)) {
    throw reader.fault('conditions on recursion are not supported');
  }
  return { kind: 'set-group', groups: parser.groups.await(name) };
}
