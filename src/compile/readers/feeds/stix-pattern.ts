/**
 * Patterns of STIX 2.1 (section 9), as far as one file or one URL can be compared with them: comparisons with `=` and
 * `IN`, joined by AND and OR. Linear in the pattern, without recursion; everything else is told as not supported.
 */

/** One comparison: `url:value = 'http://…'`. Paths are in lower case, without quotes. */
export interface StixComparison {
  readonly path: string;
  readonly value: string;
}

/** What a pattern comes to: any of these sets of comparisons that hold together. */
export type StixPattern =
  | { readonly kind: 'alternatives'; readonly alternatives: readonly (readonly StixComparison[])[] }
  | { readonly kind: 'unsupported'; readonly reason: string };

interface Token {
  readonly kind: 'path' | 'text' | 'number' | 'word' | 'sign';
  readonly value: string;
}

const maxLength = 65_536;
const maxAlternatives = 1000;
/** Comparisons that hold together: a file has a few digests and a size. Each one more copies every alternative. */
const maxTogether = 16;

type TokenForms = readonly (readonly [Token['kind'], RegExp])[];

/** Made for each pattern: expressions that go on from a place keep it. The longest name of a type bounds each try. */
const tokenForms = (): TokenForms => [
  ['path', /[a-z0-9-]{1,64}:[\w-]+(?:\.(?:[\w-]+|'(?:[^'\\]|\\.)*'|"[^"]*")|\[(?:\d+|\*)\])*/iy],
  ['text', /'(?:[^'\\]|\\.)*'/sy],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['word', /[a-z]+(?=[^\w:-]|$)/iy],
  ['sign', /!=|<=|>=|[=<>[\](),]/y],
];

/** Reads a pattern. Never throws. */
export function parseStixPattern(text: string): StixPattern {
  const tokens = text.length > maxLength ? undefined : tokensOf(text);
  if (tokens === undefined) {
    return unsupported(text.length > maxLength ? `a pattern of more than ${maxLength} characters` : 'not a pattern of STIX');
  }
  const alternatives: StixComparison[][] = [];
  let at = 0;
  for (;;) {
    const observation = readObservation(tokens, at);
    if (typeof observation === 'string') {
      return unsupported(observation);
    }
    alternatives.push(...observation.alternatives);
    if (alternatives.length > maxAlternatives) {
      return unsupported(`more than ${maxAlternatives} alternatives`);
    }
    at = observation.end;
    if (at === tokens.length) {
      return { kind: 'alternatives', alternatives };
    }
    if (wordAt(tokens, at) !== 'OR') {
      return unsupported('several observations, or one within a time');
    }
    at++;
  }
}

/** `[ a = 'x' AND b = 'y' OR c IN ('u', 'v') ]`. A text says what is wrong. */
function readObservation(tokens: readonly Token[], from: number): { readonly alternatives: StixComparison[][]; readonly end: number } | string {
  if (signAt(tokens, from) !== '[') {
    return signAt(tokens, from) === '(' ? 'parentheses' : 'expected [';
  }
  let at = from + 1;
  const alternatives: StixComparison[][] = [];
  let together: StixComparison[][] = [[]];
  for (;;) {
    const read = readComparison(tokens, at);
    if (typeof read === 'string') {
      return read;
    }
    at = read.end;
    together = together.flatMap((set) => read.values.map((value) => [...set, { path: read.path, value }]));
    if (together.length > maxAlternatives) {
      return `more than ${maxAlternatives} alternatives`;
    }
    if ((together[0]?.length ?? 0) > maxTogether) {
      return `more than ${maxTogether} conditions that hold together`;
    }
    const joined = wordAt(tokens, at);
    const isEnd = signAt(tokens, at) === ']';
    if (joined !== 'AND') {
      alternatives.push(...together);
      together = [[]];
    }
    if (isEnd) {
      return { alternatives, end: at + 1 };
    }
    if (joined !== 'AND' && joined !== 'OR') {
      return 'expected AND, OR or ]';
    }
    at++;
  }
}

function readComparison(tokens: readonly Token[], at: number): { readonly path: string; readonly values: readonly string[]; readonly end: number } | string {
  const path = tokens[at];
  if (path?.kind !== 'path') {
    return signAt(tokens, at) === '(' ? 'parentheses' : wordAt(tokens, at) === 'NOT' ? 'NOT' : 'expected an object path';
  }
  const name = path.value.replaceAll(/['"]/g, '').toLowerCase();
  if (wordAt(tokens, at + 1) === 'IN') {
    const values = readSet(tokens, at + 2);
    return values === undefined ? 'expected a set of values' : { path: name, values, end: at + 3 + 2 * values.length };
  }
  const value = valueAt(tokens, at + 2);
  if (signAt(tokens, at + 1) !== '=' || value === undefined) {
    return `a comparison with ${wordAt(tokens, at + 1) ?? tokens[at + 1]?.value ?? 'nothing'}`;
  }
  return { path: name, values: [value], end: at + 3 };
}

/** `('u', 'v')`: two signs around the values and one between each two make 2n + 1 tokens. */
function readSet(tokens: readonly Token[], from: number): string[] | undefined {
  const values: string[] = [];
  if (signAt(tokens, from) !== '(') {
    return undefined;
  }
  for (let at = from + 1; ; at += 2) {
    const value = valueAt(tokens, at);
    const sign = signAt(tokens, at + 1);
    if (value === undefined || values.length === maxAlternatives || (sign !== ',' && sign !== ')')) {
      return undefined;
    }
    values.push(value);
    if (sign === ')') {
      return values;
    }
  }
}

function valueAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  if (token?.kind === 'text') {
    return token.value.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
  }
  return token?.kind === 'number' ? token.value : undefined;
}

function signAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  return token?.kind === 'sign' ? token.value : undefined;
}

function wordAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  return token?.kind === 'word' ? token.value.toUpperCase() : undefined;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const forms = tokenForms();
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const token = tokenAt(text, at, forms);
    if (token === undefined) {
      return undefined;
    }
    tokens.push(token);
    at += token.value.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number, forms: TokenForms): Token | undefined {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const value = form.exec(text)?.[0];
    if (value !== undefined) {
      return { kind, value };
    }
  }
  return undefined;
}

function unsupported(reason: string): StixPattern {
  return { kind: 'unsupported', reason };
}
