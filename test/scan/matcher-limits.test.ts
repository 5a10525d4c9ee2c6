/** What a subject, a source or a set of signatures can do to the matcher: cost it its budget, and nothing else. */
import { describe, expect, it } from 'vitest';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import { contextOf } from '../compile/context.js';
import { fitExponent, measure } from '../support/complexity.js';
import { awkwardSource, namesOf, scan } from '../support/scan-feed.js';

const signaturesOf = (...bodies: string[]): ByteSignature[] => {
  const output = readNdb(bodies.map((body, i) => `S${i}:0:${body}`).join('\n'), contextOf());
  expect(output.skipped).toEqual([]);
  return [...output.signatures];
};

/** Two hundred signatures that all begin to match everywhere in a run of one byte and never end. */
const flood = (): ByteSignature[] => signaturesOf(...Array.from({ length: 200 }, (_, i) => `*:${'61'.repeat(16)}{-200}${'61'.repeat(8)}{-200}62${(i + 0x63).toString(16).padStart(2, '0').slice(-2)}`));

describe('a flood of candidates', () => {
  const subject = new Uint8Array(400_000).fill(0x61);

  it('ends as incomplete, with the finds before it kept', async () => {
    const signatures = [...flood(), ...signaturesOf('*:7a7a7a7a7a7a7a7a7a').map((one) => ({ ...one, threat: { ...one.threat, name: 'early' } }))];
    const content = Uint8Array.from([...new Array<number>(9).fill(0x7a), ...subject]);
    const outcome = await scan(createMatcher(signatures), content);
    expect(outcome.incomplete).toBe('budget');
    expect(namesOf(outcome)).toEqual(['early']);
  });

  it('is searched to its end when the budget allows, and the budget is what stops it', async () => {
    const [one] = flood();
    const matcher = createMatcher([one!], { budget: { base: 1e12 } });
    expect((await scan(matcher, subject.subarray(0, 20_000))).incomplete).toBeUndefined();
    expect((await scan(createMatcher([one!], { budget: { base: 0, perByte: 1 } }), subject.subarray(0, 20_000))).incomplete).toBe('budget');
  });

  it('costs time in proportion to the bytes', { timeout: 60_000 }, () => {
    const matcher = createMatcher(flood());
    const points = measure([100_000, 200_000, 400_000, 800_000], (size) => new Uint8Array(size).fill(0x61), (bytes) => {
      const session = matcher.open({ allMatches: true });
      session.update(bytes);
      return session.finish(awkwardSource(bytes, 1), {});
    });
    expect(fitExponent(points)).toBeLessThan(1.6);
  });

  it('would cost more than that without a budget: the check sees it', { timeout: 60_000 }, () => {
    // Every byte of the subject continues every chain that has begun before it.
    const matcher = createNaiveMatcher(signaturesOf('*:6161*6162'));
    const points = measure([150, 300, 600], (size) => new Uint8Array(size).fill(0x61), (bytes) => {
      const session = matcher.open({ allMatches: true });
      session.update(bytes);
      return session.finish(awkwardSource(bytes, 1), {});
    });
    expect(fitExponent(points)).toBeGreaterThan(1.6);
  });

  it('cannot make the matcher remember without end', async () => {
    // Exact wide gaps: every second byte is a place of its own to be remembered.
    const signatures = signaturesOf('*:6162{60000}ffee', '*:6261{40000}ffee');
    const content = Uint8Array.from({ length: 120_000 }, (_, i) => (i % 2 === 0 ? 0x61 : 0x62));
    expect((await scan(createMatcher(signatures), content)).incomplete).toBeUndefined();
    expect((await scan(createMatcher(signatures, { tuning: { maxRemembered: 1000 } }), content)).incomplete).toBe('budget');
  });
});

describe('ordinary bytes', () => {
  it('are searched in time proportional to their number, for chains across any distance as well', { timeout: 60_000 }, () => {
    const matcher = createMatcher(signaturesOf('*:3c3f706870*6576616c28*3f3e', '*:6162636465*6162{-4000}7a7a', '*:616263{3000-9000}78797a', '*:??6162??63'));
    const points = measure(
      [250_000, 500_000, 1_000_000, 2_000_000],
      (size) => Uint8Array.from({ length: size }, (_, i) => 0x61 + ((i * i + (i >> 3)) % 5)),
      (bytes) => {
        const session = matcher.open({ allMatches: true });
        session.update(bytes);
        return session.finish(awkwardSource(bytes, 1), {});
      },
    );
    expect(fitExponent(points)).toBeLessThan(1.6);
  });
});

describe('a subject with bodies placed from its end', () => {
  const matcher = createMatcher(signaturesOf('EOF-4:61626364', 'EOF-70000,60000:7071727374', '*:7778797a'));
  const content = new Uint8Array(200_000).fill(0x2e);
  content.set(Buffer.from('abcd'), content.length - 4);
  content.set(Buffer.from('pqrst'), content.length - 40_000);

  it('is read again from a source, as slow and short as that may be', async () => {
    for (const atMost of [1_000, 65_536, 1_000_000]) {
      expect(namesOf(await scan(matcher, content, { chunks: [70_001], source: awkwardSource(content, atMost) }))).toEqual(['S0', 'S1']);
    }
  });

  it('is not read again when nothing is placed from its end, or the find is made already', async () => {
    const refuses = { read: () => { throw new Error('read'); } };
    const found = Uint8Array.from([...content, ...Buffer.from('wxyz')]);
    expect(namesOf(await scan(matcher, found, { allMatches: false, source: refuses }))).toEqual(['S2']);
    expect(namesOf(await scan(createMatcher(signaturesOf('*:61626364', '3:616263')), content, { source: refuses }))).toEqual(['S0']);
    expect(namesOf(await scan(matcher, Uint8Array.of(1, 2, 3), { source: refuses }))).toEqual([]);
  });

  it('is incomplete when the source ends too early, or was cut before', async () => {
    const short = await scan(matcher, content, { source: awkwardSource(content.subarray(0, 199_990), 65_536) });
    expect(short.incomplete).toBe('limit');
    expect(namesOf(short)).toEqual(['S1']);
    const cut = await scan(matcher, content, { size: content.length + 1 });
    expect(cut).toEqual({ findings: [], incomplete: 'limit' });
  });

  it('passes on what the source throws, and what it counts wrong', async () => {
    const failing = { read: () => Promise.reject(new Error('EIO')) };
    await expect(scan(matcher, content, { source: failing })).rejects.toThrow('EIO');
    for (const count of [-1, 1e9, 0.5, Number.NaN]) {
      await expect(scan(matcher, content, { source: { read: () => count } })).rejects.toMatchObject({ code: 'unsupported' });
    }
  });

  it('ends at once when the caller aborts', async () => {
    await expect(scan(matcher, content, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a session', () => {
  it('takes no more memory for a large subject than for a small one', () => {
    const matcher = createMatcher(signaturesOf('*:61626364*65666768', '*:6162{-9000}ffee', 'EOF-100:61626364'));
    const session = matcher.open({ allMatches: true });
    const chunk = new Uint8Array(1_000_000).fill(0x61);
    session.update(chunk);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50; i++) {
      session.update(chunk);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('is not misled by a size that is nonsense', async () => {
    const matcher = createMatcher(signaturesOf('*:61626364'));
    const content = Buffer.from(`${'.'.repeat(100_000)}abcd`);
    for (const size of [0, 3, -5, Number.NaN, 0.5, Number.MAX_SAFE_INTEGER]) {
      expect(namesOf(await scan(matcher, content, { size, chunks: [1000] }))).toEqual(['S0']);
    }
  });

  it('finds nothing in nothing', async () => {
    expect(await scan(createMatcher(signaturesOf('*:61626364', 'EOF-0:616263')), new Uint8Array(0))).toEqual({ findings: [] });
    expect(await scan(createMatcher([]), Buffer.from('abcd'))).toEqual({ findings: [] });
  });

  it('hands findings out by name, then offset, each once', async () => {
    const [b, a] = signaturesOf('*:62626262', '*:61616161').map((one, i) => ({ ...one, threat: { name: 'BA'[i]!, type: 'x' } }));
    const again = signaturesOf('*:7070616161')[0]!;
    const content = Buffer.from('..bbbb..ppaaaa');
    const outcome = await scan(createMatcher([b!, a!, a!, { ...again, threat: a!.threat }]), content);
    expect(outcome.findings.map(({ threat, at }) => [threat.name, at])).toEqual([['A', 8], ['A', 10], ['B', 2]]);
  });
});

describe('a matcher', () => {
  it.each([createMatcher, createNaiveMatcher])('refuses signatures that are none', (create) => {
    const [one] = signaturesOf('*:616263');
    expect(() => create([{ ...one!, nodes: [] }])).toThrow(TypeError);
  });

  it('works for signatures without any anchor', async () => {
    const nibbles: ByteSignature = { ...signaturesOf('*:616263')[0]!, nodes: [{ kind: 'bytes', value: Uint8Array.of(0x60, 0x02, 0x60), mask: Uint8Array.of(0xf0, 0x0f, 0xf0) }] };
    const anything: ByteSignature = { ...nibbles, threat: { name: 'any', type: 'x' }, nodes: [{ kind: 'bytes', value: new Uint8Array(5), mask: new Uint8Array(5) }] };
    const matcher = createMatcher([nibbles, anything]);
    expect(namesOf(await scan(matcher, Buffer.from('..abc..'), { chunks: [1] }))).toEqual(['S0', 'any']);
    expect(namesOf(await scan(matcher, Buffer.from('....')))).toEqual([]);
  });
});
