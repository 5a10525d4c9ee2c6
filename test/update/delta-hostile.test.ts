import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.js';
import type { Crypto, Random } from '../../src/base/seams.js';
import { VedetteError } from '../../src/base/errors.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { applyDelta } from '../../src/update/delta/apply-delta.js';
import type { DeltaOptions } from '../../src/update/delta/delta.js';
import { makeDelta } from '../../src/update/delta/make-delta.js';
import { readDelta } from '../../src/update/delta/read-delta.js';
import { causeOf } from '../pattern/fixtures.js';
import { driftingComponent, kinds } from './delta-chains.js';

/** 100000 for the figure in docs/updates.md. */
const mutations = Number(process.env['MUTATIONS'] ?? 2_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const crypto: Pick<Crypto, 'sha256'> = { sha256 };
const limits = { maxBytes: 1 << 20 };

interface Step {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly delta: Uint8Array;
}

async function steps(random: Random): Promise<Step[]> {
  const found: Step[] = [];
  while (found.length < 40) {
    const [from, to] = await driftingComponent(kinds[found.length % kinds.length]!, random, 2);
    found.push({ from: from!, to: to!, delta: makeDelta(from!, to!, { crypto }) });
  }
  return found;
}

/** Some bytes changed, put in, taken out or repeated; half of the time with a checksum that fits. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let body: Uint8Array = bytes.slice(0, -8);
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const at = Math.floor(random() * body.length);
    const end = Math.min(body.length, at + 1 + Math.floor(random() * 8));
    const noise = Uint8Array.from({ length: 1 + Math.floor(random() * 4) }, () => (random() < 0.3 ? 0xff : Math.floor(random() * 256)));
    const kind = Math.floor(random() * 5);
    if (kind === 0) {
      body[at]! ^= 1 << Math.floor(random() * 8);
    } else if (kind === 1) {
      body.set(noise.subarray(0, body.length - at), at);
    } else if (kind === 2) {
      body = concatBytes([body.subarray(0, at), noise, body.subarray(at)]);
    } else if (kind === 3) {
      body = concatBytes([body.subarray(0, at), body.subarray(end)]);
    } else {
      body = concatBytes([body.subarray(0, end), body.subarray(at, end), body.subarray(end)]);
    }
  }
  return concatBytes([body, random() < 0.5 ? sha256(body).subarray(0, 8) : bytes.subarray(-8)]);
}

interface Outcome {
  readonly faults: string[];
  readonly causes: Map<string, number>;
}

type Apply = (base: Uint8Array, delta: Uint8Array, options: DeltaOptions) => Uint8Array;

async function mutationRun(runs: number, apply: Apply = applyDelta): Promise<Outcome> {
  const random = createSeededRandom(seed);
  const known = await steps(random);
  const outcome: Outcome = { faults: [], causes: new Map() };
  for (let run = 0; run < runs; run++) {
    const { from, to, delta } = known[run % known.length]!;
    const bad = mutated(delta, random);
    for (const use of [() => assertSame(apply(from, bad, { crypto, limits }), to), () => drained(bad)]) {
      try {
        use();
        count(outcome, 'accepted');
      } catch (error) {
        if (VedetteError.is(error) && error.code === 'pattern-refused') {
          count(outcome, String((error.detail as { cause: string }).cause));
        } else {
          outcome.faults.push(`run ${run}: ${String(error)}`);
        }
      }
    }
  }
  return outcome;
}

/** A mutated delta may still be one (a bit that nobody reads): what comes out is then the file that was meant. */
function assertSame(result: Uint8Array, to: Uint8Array): void {
  if (toHex(result) !== toHex(to)) {
    throw new Error('a wrong result, unnoticed');
  }
}

function drained(delta: Uint8Array): void {
  for (const section of readDelta(delta, { crypto, limits }).sections) {
    for (const group of section.kind === 'table' ? section.groups : []) {
      for (const _ of group.added()) {
        expect(_.hash.length).toBeGreaterThan(0);
      }
    }
  }
}

function count({ causes }: Outcome, cause: string): void {
  causes.set(cause, (causes.get(cause) ?? 0) + 1);
}

describe('mutated deltas', () => {
  it('are refused with a cause or give the right file, and never anything else', { timeout: 900_000 }, async () => {
    const outcome = await mutationRun(mutations);
    expect(outcome.faults.slice(0, 5)).toEqual([]);
    // Half of them get past the checksum: the depths are reached.
    for (const cause of ['altered', 'malformed', 'truncated', 'version', 'limit', 'base']) {
      expect(outcome.causes.get(cause) ?? 0, cause).toBeGreaterThan(0);
    }
  });

  it('would be noticed to give a wrong file, or to break (sabotage of this test)', async () => {
    const blind: Apply = (base) => base.slice();
    expect((await mutationRun(20, blind)).faults.length).toBeGreaterThan(0);
    const breaks: Apply = () => {
      throw new RangeError('Invalid array length');
    };
    expect((await mutationRun(20, breaks)).faults).toHaveLength(20);
  });
});

describe('a delta', () => {
  it('is refused on every file but the one that it was made for', async () => {
    const random = createSeededRandom(5);
    const [one, two, three] = await driftingComponent('filter', random, 3);
    const delta = makeDelta(one!, two!, { crypto });
    expect(causeOf(() => applyDelta(three!, delta, { crypto }))).toBe('base');
    const [lists] = await driftingComponent('lists', random, 1);
    expect(causeOf(() => applyDelta(lists!, delta, { crypto }))).toBe('kind');
    expect(causeOf(() => applyDelta(delta, delta, { crypto }))).toBe('not-a-pattern');
  });

  it('notices each flipped bit of the base', async () => {
    const [from, to] = await driftingComponent('server-pattern', createSeededRandom(8), 2);
    const delta = makeDelta(from!, to!, { crypto });
    for (let at = 0; at < from!.length; at += Math.ceil(from!.length / 300)) {
      const damaged = from!.slice();
      damaged[at]! ^= 1 << (at % 8);
      const cause = causeOf(() => {
        const result = applyDelta(damaged, delta, { crypto });
        // A bit in a row that goes may make no difference.
        expect(toHex(result)).toBe(toHex(to!));
      });
      expect(cause, `byte ${at}`).toMatch(/^(accepted|altered|base|not-a-pattern|version|malformed|truncated|limit|kind)$/);
    }
  });

  it('makes no file of more bytes than allowed: n passes, n + 1 does not', async () => {
    const [from, to] = await driftingComponent('server-pattern', createSeededRandom(9), 2);
    const delta = makeDelta(from!, to!, { crypto });
    const largest = Math.max(delta.length, to!.length);
    expect(applyDelta(from!, delta, { crypto, limits: { maxBytes: largest } })).toEqual(to);
    expect(causeOf(() => applyDelta(from!, delta, { crypto, limits: { maxBytes: largest - 1 } }))).toBe('limit');
    expect(causeOf(() => readDelta(delta, { crypto, limits: { maxBytes: largest - 1 } }))).toBe('limit');
  });

  it('says nothing of the files when it was made for two kinds', async () => {
    const [filter] = await driftingComponent('filter', createSeededRandom(1), 1);
    const [lists] = await driftingComponent('lists', createSeededRandom(1), 1);
    expect(() => makeDelta(filter!, lists!, { crypto })).toThrow(TypeError);
  });
});
