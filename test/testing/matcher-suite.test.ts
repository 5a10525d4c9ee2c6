import { describe, expect, it } from 'vitest';
import type { ByteSignature } from '../../src/pattern/signature.js';
import type { Matcher, ScanOutcome } from '../../src/scan/matcher.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { bytes, gap, matchesOf, noneOf, oneOf, signature, text } from '../../src/testing/suites/matcher/signatures.js';
import { describeMatcher } from '../../src/testing/suites/matcher-suite.js';
import { failedTests, itCatches } from './sabotage.js';

type Create = (signatures: readonly ByteSignature[]) => Matcher;
const suite = (runner: TestRunner, create: Create): void => describeMatcher(runner, { name: 'under test', create });

/** Keeps all bytes and looks for one signature after the other. */
const plain: Create = (signatures) => buffered((content, { allMatches }) => {
  const found = signatures.flatMap((one) => matchesOf(one, content).slice(0, 1).map((at) => ({ threat: one.threat, at })));
  return { findings: allMatches ? found : found.slice(0, 1) };
});

function buffered(search: (content: Uint8Array, context: { allMatches: boolean; size?: number }) => ScanOutcome): Matcher {
  return {
    open(context) {
      const content: number[] = [];
      return {
        update: (chunk) => chunk.forEach((byte) => content.push(byte)),
        finish: () => search(Uint8Array.from(content), context),
      };
    },
  };
}

/** The plain matcher over signatures that were misread. */
const misread =
  (change: (one: ByteSignature) => ByteSignature): Create =>
  (signatures) =>
    plain(signatures.map(change));

const changedNodes = (change: (node: ByteSignature['nodes'][number]) => ByteSignature['nodes'][number]): Create =>
  misread((one) => ({ ...one, nodes: one.nodes.map(change) }));

const random = 'it agrees with a plain search on random signatures, contents and cuts';

describe('the suite of the matcher', () => {
  it('passes a plain search', async () => {
    const thousand = 'a thousand signatures in a content of a hundred thousand bytes';
    const failed = await failedTests((runner) => describeMatcher(runner, { name: 'under test', create: plain, skip: { [thousand]: 'takes the plain search too long' } }));
    expect(failed).toEqual([]);
  });

  itCatches<Create>(
    [
      { wrong: 'finds nothing', part: () => buffered(() => ({ findings: [] })), caughtBy: 'it finds a literal that is the whole content' },
      { wrong: 'finds everything', part: (signatures) => buffered(() => ({ findings: signatures.map(({ threat }) => ({ threat })) })), caughtBy: 'it finds no literal that lacks its last byte' },
      { wrong: 'misses what lies over the edge of two chunks', part: chunkwise, caughtBy: 'it finds a literal at the very end' },
      { wrong: 'stops at the first find', part: (signatures) => firstOnly(signatures), caughtBy: 'it finds each of several signatures once, however often it matches' },
      { wrong: 'reports every match', part: (signatures) => buffered((content) => ({ findings: signatures.flatMap((one) => matchesOf(one, content).map((at) => ({ threat: one.threat, at }))) })), caughtBy: 'it finds each of several signatures once, however often it matches' },
      { wrong: 'takes upper for lower case', part: (signatures) => buffered((content) => plain(signatures).open({ allMatches: true }) && searchAll(signatures, lower(content))), caughtBy: 'it finds no literal in another case of letters' },
      { wrong: 'ignores masks', part: changedNodes((node) => (node.kind === 'bytes' ? { ...node, mask: node.mask.map(() => 0xff) } : node)), caughtBy: 'it finds a wildcard byte' },
      { wrong: 'takes a nibble for a whole wildcard', part: changedNodes((node) => (node.kind === 'bytes' ? { ...node, mask: node.mask.map((mask) => (mask === 0xff ? 0xff : 0)) } : node)), caughtBy: 'it finds a high and a low nibble' },
      { wrong: 'takes gaps a byte too long', part: changedNodes((node) => (node.kind === 'gap' && node.max !== undefined ? { ...node, max: node.max + 1 } : node)), caughtBy: 'it finds no gap a byte too long' },
      { wrong: 'takes gaps a byte too short', part: changedNodes((node) => (node.kind === 'gap' ? { ...node, min: Math.max(0, node.min - 1) } : node)), caughtBy: 'it finds no gap a byte too short' },
      { wrong: 'cuts open gaps at 100 bytes', part: changedNodes((node) => (node.kind === 'gap' && node.max === undefined ? { ...node, max: 100 } : node)), caughtBy: 'it finds an open gap' },
      { wrong: 'takes only the first alternative', part: changedNodes((node) => (node.kind === 'alternatives' && !node.negated ? { ...node, options: node.options.slice(0, 1) } : node)), caughtBy: 'it finds one of the alternatives' },
      { wrong: 'does not negate', part: changedNodes((node) => (node.kind === 'alternatives' ? { ...node, negated: false } : node)), caughtBy: 'it finds no negated alternative that is there' },
      { wrong: 'looks for the first place of each part only', part: greedy, caughtBy: 'it finds a later end of a part when the first leads nowhere' },
      { wrong: 'ignores offsets', part: misread((one) => ({ ...one, offset: { kind: 'any' } })), caughtBy: 'it finds an offset from the start, exact' },
      { wrong: 'ignores shifts', part: misread((one) => (one.offset.kind === 'any' ? one : { ...one, offset: { ...one.offset, shift: 0 } })), caughtBy: 'it finds an offset from the start with its shift, at both ends' },
      { wrong: 'counts from the end a byte wrong', part: misread((one) => (one.offset.kind === 'end' ? { ...one, offset: { ...one.offset, before: one.offset.before - 1 } } : one)), caughtBy: 'it finds an offset from the end, exact' },
      { wrong: 'needs the size beforehand', part: (signatures) => buffered((content, context) => (context.size === undefined ? { findings: [] } : searchAll(signatures, content))), caughtBy: 'size known or not, the same is found' },
      { wrong: 'says that it was cut short', part: (signatures) => buffered((content) => ({ ...searchAll(signatures, content), incomplete: 'budget' })), caughtBy: 'what is searched completely has no reason to be incomplete' },
      { wrong: 'names the threat by name only', part: (signatures) => buffered((content) => ({ findings: searchAll(signatures, content).findings.map(({ threat }) => ({ threat: { name: threat.name, type: '' } })) })), caughtBy: 'a finding names the whole threat and a place where it is' },
      { wrong: 'says a wrong place', part: (signatures) => buffered((content) => ({ findings: searchAll(signatures, content).findings.map((one) => ({ ...one, at: 0 })) })), caughtBy: 'a finding names the whole threat and a place where it is' },
      { wrong: 'keeps the chunks', part: keepsChunks, caughtBy: 'chunks are neither written to nor kept' },
      { wrong: 'takes the end of a read for the end of the source', part: readsOnce, caughtBy: 'a source that answers late and in small pieces serves as well' },
      { wrong: 'has one buffer for all sessions', part: sharedBuffer, caughtBy: 'sessions that run interleaved do not see each other' },
      { wrong: 'loses one signature of a thousand', part: (signatures) => literalSearch(signatures.length < 1_000 ? signatures : signatures.slice(0, 999)), caughtBy: 'a thousand signatures in a content of a hundred thousand bytes' },
      { wrong: 'looks at the first negated option only', part: changedNodes((node) => (node.kind === 'alternatives' && node.negated ? { ...node, options: node.options.slice(0, 1) } : node)), caughtBy: random },
    ],
    suite,
  );

  it('passes a search for literals where only literals are', async () => {
    const failed = await failedTests((runner) => suite(runner, literalSearch));
    expect(failed).not.toContain('a thousand signatures in a content of a hundred thousand bytes');
  });
});

describe('the plain account of what a signature matches', () => {
  const at = (nodes: ByteSignature['nodes'], content: string): number[] =>
    matchesOf(signature('S', nodes), Uint8Array.from(content, (one) => one.charCodeAt(0)));

  it('is right where the answer is plain', () => {
    expect(at([text('ab')], 'abxab')).toEqual([0, 3]);
    expect(at([text('a'), gap(1, 2), text('b')], 'axb axxb axxxb')).toEqual([0, 4]);
    expect(at([text('a'), gap(0), text('b')], 'aab')).toEqual([0, 1]);
    expect(at([text('a'), oneOf('62', '6363'), text('d')], 'abd accd acd')).toEqual([0, 4]);
    expect(at([text('a'), noneOf('62')], 'abacad')).toEqual([2, 4]);
    expect(at([bytes('6?62')], 'ab ob xb')).toEqual([0, 3]);
  });
});

function searchAll(signatures: readonly ByteSignature[], content: Uint8Array): ScanOutcome {
  return { findings: signatures.flatMap((one) => matchesOf(one, content).slice(0, 1).map((at) => ({ threat: one.threat, at }))) };
}

function firstOnly(signatures: readonly ByteSignature[]): Matcher {
  return buffered((content) => ({ findings: searchAll(signatures, content).findings.slice(0, 1) }));
}

function lower(content: Uint8Array): Uint8Array {
  return content.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
}

function chunkwise(signatures: readonly ByteSignature[]): Matcher {
  return {
    open() {
      const found = new Map<string, ScanOutcome['findings'][number]>();
      return {
        update: (chunk) => searchAll(signatures, chunk).findings.forEach((one) => found.set(one.threat.name, one)),
        finish: () => ({ findings: [...found.values()] }),
      };
    },
  };
}

/** Each node where it first fits, never anywhere else. */
function greedy(signatures: readonly ByteSignature[]): Matcher {
  return buffered((content) => ({ findings: signatures.filter((one) => matchesGreedily(one, content)).map(({ threat }) => ({ threat })) }));
}

function matchesGreedily(one: ByteSignature, content: Uint8Array): boolean {
  let at = 0;
  let [min, max] = [0, Infinity];
  for (const node of one.nodes) {
    if (node.kind === 'gap') {
      [min, max] = [node.min, node.max ?? Infinity];
      continue;
    }
    const [start] = matchesOf(signature('part', [node]), content.subarray(at)).filter((next) => next >= min && next <= max);
    if (start === undefined) {
      return false;
    }
    at += start + (node.kind === 'bytes' ? node.value.length : node.kind === 'class' ? 0 : (node.options[0]?.value.length ?? 0));
    [min, max] = [0, 0];
  }
  return true;
}

function keepsChunks(signatures: readonly ByteSignature[]): Matcher {
  return {
    open() {
      const chunks: Uint8Array[] = [];
      return {
        update: (chunk) => void chunks.push(chunk),
        finish: () => searchAll(signatures, Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))),
      };
    },
  };
}

function readsOnce(signatures: readonly ByteSignature[]): Matcher {
  return {
    open: () => ({
      update: () => undefined,
      async finish(source, options) {
        const whole = new Uint8Array(source.size ?? 0);
        const count = await source.read(0, whole, options);
        return searchAll(signatures, whole.subarray(0, count));
      },
    }),
  };
}

function sharedBuffer(signatures: readonly ByteSignature[]): Matcher {
  const content: number[] = [];
  return { open: () => ({ update: (chunk) => chunk.forEach((byte) => content.push(byte)), finish: () => searchAll(signatures, Uint8Array.from(content)) }) };
}

/** Looks for the first node of each signature as text. */
function literalSearch(signatures: readonly ByteSignature[]): Matcher {
  return buffered((content) => {
    const haystack = Buffer.from(content).toString('latin1');
    const found = signatures.filter(({ nodes }) => nodes[0]?.kind === 'bytes' && haystack.includes(Buffer.from(nodes[0].value).toString('latin1')));
    return { findings: found.map(({ threat }) => ({ threat })) };
  });
}
