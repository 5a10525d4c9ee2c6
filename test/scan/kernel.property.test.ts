/** The kernel and its twin: the same hits, whatever the anchors, the cells and the bytes; and the naive matcher agrees. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSignature, SignatureNode } from '../../src/pattern/signature.js';
import type { BodySink } from '../../src/scan/body-search.js';
import { createBodySearch } from '../../src/scan/body-search.js';
import type { Kernel } from '../../src/scan/kernel/kernel.js';
import { loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import { WorkBudget } from '../../src/scan/stream/work-budget.js';
import { namesOf, scan } from '../support/scan-feed.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const kernel = loadKernelSync();

/** Few letters in both cases, some bytes that only look like letters folded, and a zero. */
const letter = fc.constantFrom(0x41, 0x61, 0x42, 0x62, 0x40, 0x60, 0x00);

const literal: fc.Arbitrary<SignatureNode> = fc
  .tuple(fc.array(letter, { minLength: 2, maxLength: 14 }), fc.boolean())
  .map(([bytes, isCaseless]) => ({
    kind: 'bytes',
    value: Uint8Array.from(bytes, (byte) => (isCaseless && byte >= 0x61 && byte <= 0x62 ? byte - 0x20 : byte)),
    mask: Uint8Array.from(bytes, (byte) => (isCaseless && (byte & 0xdf) >= 0x41 && (byte & 0xdf) <= 0x42 ? 0xdf : 0xff)),
  }));

const nodes = fc.oneof(
  { weight: 5, arbitrary: literal.map((node) => [node]) },
  { weight: 1, arbitrary: fc.tuple(literal, fc.nat(9), literal).map(([a, min, b]): SignatureNode[] => [a, { kind: 'gap', min }, b]) },
  { weight: 1, arbitrary: fc.tuple(literal, literal).map(([a, b]): SignatureNode[] => [{ kind: 'alternatives', negated: false, options: [a, b].flatMap((one) => (one.kind === 'bytes' ? [one] : [])) }]) },
);

const signatures: fc.Arbitrary<ByteSignature[]> = fc
  .array(nodes, { minLength: 1, maxLength: 12 })
  .map((all) => all.map((one, i) => ({ threat: { name: `S${i}`, type: 'x' }, target: 0, offset: { kind: 'any' }, nodes: one })));

const bytesOf = (node: SignatureNode): number[] => (node.kind === 'bytes' ? [...node.value] : node.kind === 'alternatives' ? [...node.options[0]!.value] : []);

const cases = signatures.chain((all) =>
  fc.record({
    signatures: fc.constant(all),
    haystack: fc
      .array(fc.oneof(fc.array(letter, { maxLength: 12 }), fc.constantFrom(...all).map((one) => one.nodes.flatMap(bytesOf))), { maxLength: 14 })
      .map((parts) => Uint8Array.from(parts.flat())),
    cellBytes: fc.constantFrom(1, 3, 4, 7, 31, 32, 33, 64, 65_536),
    chunk: fc.constantFrom(1, 5, 64, 1000),
  }),
);

/** Everything that a body search tells its sink, and what it cost. */
function heard(all: readonly ByteSignature[], haystack: Uint8Array, options: { readonly kernel: Kernel | undefined; readonly cellBytes: number; readonly chunk: number; readonly wanted: 'one' | 'all' }): unknown[] {
  const log: unknown[] = [];
  const done = new Set<number>();
  const sink: BodySink = {
    hit(body, at, end) {
      log.push([body, at, end]);
      if (options.wanted === 'one') {
        done.add(body);
      }
    },
    isDone: (body) => done.has(body),
    over: false,
  };
  const steps: number[] = [];
  const budget = new WorkBudget({ base: 1e9, perByte: 0 });
  const spend = budget.spend.bind(budget);
  budget.spend = (count) => spend((steps.push(count), count));
  const search = createBodySearch(all.map((body) => ({ body, wanted: options.wanted })), { kernel: options.kernel, tuning: { cellBytes: options.cellBytes } });
  const pass = search.open({ sink, budget });
  for (let at = 0; at < haystack.length; at += options.chunk) {
    pass.push(haystack.subarray(at, at + options.chunk));
  }
  pass.finish();
  return [log, steps];
}

describe('the kernel', () => {
  it('finds what its twin finds, in the same order and at the same price', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('one' as const, 'all' as const), (one, wanted) => {
        const [a, b] = [kernel, undefined].map((code) => heard(one.signatures, one.haystack, { ...one, kernel: code, wanted }));
        expect(a).toEqual(b);
      }),
      runs,
    );
  });

  it('tells the same however the bytes are cut', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('one' as const, 'all' as const), (one, wanted) => {
        const whole = heard(one.signatures, one.haystack, { ...one, kernel, wanted, chunk: 1e9 });
        expect(heard(one.signatures, one.haystack, { ...one, kernel, wanted })).toEqual(whole);
      }),
      runs,
    );
  });

  it('finds what the naive matcher finds', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ signatures: all, haystack, cellBytes, chunk }) => {
        const expected = namesOf(await scan(createNaiveMatcher(all), haystack));
        expect(namesOf(await scan(createMatcher(all, { kernel, tuning: { cellBytes } }), haystack, { chunks: [chunk] }))).toEqual(expected);
      }),
      runs,
    );
  });

  it('hears of every end of a match, each once', () => {
    fc.assert(
      fc.property(cases, ({ signatures: all, haystack, cellBytes, chunk }) => {
        const plain = all.filter(({ nodes: [node], nodes: { length } }) => length === 1 && node!.kind === 'bytes');
        const [log] = heard(plain, haystack, { kernel, cellBytes, chunk, wanted: 'all' }) as [[number, number, number][]];
        const expected = plain.flatMap(({ nodes: [node] }, body) => (node?.kind === 'bytes' ? startsOf(node, haystack).map((at) => `${body}:${at}:${at + node.value.length}`) : []));
        expect(log.map((hit) => hit.join(':')).sort()).toEqual(expected.sort());
      }),
      runs,
    );
  });
});

function startsOf({ value, mask }: { readonly value: Uint8Array; readonly mask: Uint8Array }, haystack: Uint8Array): number[] {
  const starts = Array.from({ length: Math.max(0, haystack.length - value.length + 1) }, (_, at) => at);
  return starts.filter((at) => value.every((byte, i) => (byte & mask[i]!) === (haystack[at + i]! & mask[i]!)));
}

describe('passes that run interleaved', () => {
  it('do not wake or put to sleep one another\'s anchors', () => {
    fc.assert(
      fc.property(cases, fc.infiniteStream(fc.nat(2)), (one, turns) => {
        const { signatures: all, cellBytes, chunk } = one;
        const haystacks = [one.haystack, one.haystack.slice().reverse(), Uint8Array.from([...one.haystack, ...one.haystack])];
        const search = createBodySearch(all.map((body) => ({ body, wanted: 'one' as const })), { kernel, tuning: { cellBytes } });
        const passes = haystacks.map((haystack) => {
          const found = new Set<number>();
          const sink: BodySink = { hit: (body) => void found.add(body), isDone: (body) => found.has(body), over: false };
          return { haystack, found, at: 0, pass: search.open({ sink, budget: new WorkBudget({ base: 1e9, perByte: 0 }) }) };
        });
        for (let left = passes.filter(({ at, haystack }) => at < haystack.length); left.length > 0; left = left.filter(({ at, haystack }) => at < haystack.length)) {
          const turn = left[(turns.next().value as number) % left.length]!;
          turn.pass.push(turn.haystack.subarray(turn.at, turn.at + chunk));
          turn.at += chunk;
        }
        for (const { pass, haystack, found } of passes) {
          pass.finish();
          const [log] = heard(all, haystack, { kernel, cellBytes, chunk, wanted: 'one' }) as [[number][]];
          expect([...found].sort()).toEqual(log.map(([body]) => body).sort());
        }
      }),
      runs,
    );
  });
});
