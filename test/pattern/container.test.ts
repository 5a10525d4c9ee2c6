import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/base/bytes.js';
import { encodeSignedPart } from '../../src/pattern/container-format.js';
import type { Container, ContainerLimits } from '../../src/pattern/container.js';
import { buildContainer, keyIdOf, openContainer, requireSection, verifyContainer } from '../../src/pattern/container.js';
import { causeOf, causeOfAsync, crypto, head, hex, parts, signerFrom, toHex } from './fixtures.js';

const open = (bytes: Uint8Array, limits?: ContainerLimits): Container => openContainer(bytes, { crypto, limits });

describe('a container', () => {
  it('gives back what it was built from, as views, sorted by name', async () => {
    const bytes = await buildContainer(parts());
    const container = open(bytes);
    expect(container).toMatchObject({ ...head, formatVersion: 1, byteLength: bytes.length });
    expect(container.keyId).toBeUndefined();
    expect([...container.sections.keys()]).toEqual(['alpha', 'beta']);
    expect(container.sections.get('beta')).toEqual(Uint8Array.of(1, 2, 3));
    expect(container.sections.get('beta')!.buffer).toBe(bytes.buffer);
  });

  it('is the same bytes for the same parts, whatever their order, signed or not', async () => {
    const turned = [...parts().sections].reverse();
    expect(await buildContainer(parts({ sections: turned }))).toEqual(await buildContainer(parts()));
    const signer = signerFrom(1);
    expect(await buildContainer(parts({ signer }))).toEqual(await buildContainer(parts({ signer })));
  });

  it('may have no section, empty sections, and lie anywhere in a larger buffer', async () => {
    expect(open(await buildContainer(parts({ sections: [] }))).sections.size).toBe(0);
    const bytes = await buildContainer(parts({ sections: [['empty', new Uint8Array(0)]] }));
    const shifted = concatBytes([Uint8Array.of(1, 2, 3), bytes]).subarray(3);
    expect(open(shifted).sections.get('empty')).toHaveLength(0);
  });

  it.each([[['']], [['Upper']], [['with space']], [['a'.repeat(25)]], [['twice', 'twice']]])(
    'is not built with section names %j',
    async (names) => {
      const sections = names.map((name) => [name, new Uint8Array(1)] as const);
      await expect(buildContainer(parts({ sections }))).rejects.toThrow(RangeError);
    },
  );

  it.each([['generation'], ['createdAt'], ['expiresAt'], ['periodMs']])('is not built with a %s out of range', async (field) => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(buildContainer(parts({ head: { ...head, [field]: value } }))).rejects.toThrow(RangeError);
    }
    expect(open(await buildContainer(parts({ head: { ...head, [field]: 2 ** 53 - 1 } })))).toMatchObject({ [field]: 2 ** 53 - 1 });
  });

  it('reads format version 1 as it was first written (golden file)', () => {
    const container = open(golden);
    expect(container).toMatchObject({ ...head, keyId: '34750f98bd59fcfc', formatVersion: 1 });
    expect(container.sections.get('alpha')).toEqual(Uint8Array.of(9));
  });

  it('is still written as the golden file', async () => {
    expect(toHex(await buildContainer(parts({ signer: signerFrom(1) })))).toBe(toHex(golden));
  });
});

describe('opening refuses', () => {
  it('every single flipped bit, of a signed and of an unsigned container', async () => {
    for (const bytes of [await buildContainer(parts()), await buildContainer(parts({ signer: signerFrom(1) }))]) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(causeOf(() => open(flipped)), `bit ${bit}`).not.toBe('accepted');
      }
    }
  });

  it('flipped bits only because digests are computed (sabotage)', async () => {
    const blind = { sha256: () => new Uint8Array(32) };
    const bytes = await buildContainer(parts({ crypto: blind }));
    bytes[bytes.length - 1]! ^= 1;
    expect(causeOf(() => openContainer(bytes, { crypto: blind }))).toBe('accepted');
  });

  it('every truncation and every trailing byte', async () => {
    const bytes = await buildContainer(parts({ signer: signerFrom(1) }));
    for (let length = 1; length < bytes.length; length++) {
      expect(causeOf(() => open(bytes.subarray(0, length))), `length ${length}`).toBe('truncated');
    }
    expect(causeOf(() => open(new Uint8Array(0)))).toBe('not-a-pattern');
    expect(causeOf(() => open(concatBytes([bytes, Uint8Array.of(0)])))).toBe('malformed');
  });

  it('another file, another version, an unknown kind or flag', async () => {
    const bytes = await buildContainer(parts());
    expect(causeOf(() => open(new TextEncoder().encode('<!doctype html><html></html>')))).toBe('not-a-pattern');
    expect(causeOf(() => open(patched(bytes, 8, 2)))).toBe('version');
    expect(causeOf(() => open(mended(patched(bytes, 10, 0))))).toBe('version');
    expect(causeOf(() => open(mended(patched(bytes, 10, 6))))).toBe('version');
    expect(causeOf(() => open(mended(patched(bytes, 11, 2))))).toBe('version');
  });

  it('heads with right digests that are not canonical', async () => {
    const bytes = await buildContainer(parts());
    expect(causeOf(() => open(mended(patched(bytes, 23, 0xff)))), 'generation over 2^53').toBe('malformed');
    expect(causeOf(() => open(mended(patched(bytes, 48, 0x7a)))), 'names out of order').toBe('malformed');
    expect(causeOf(() => open(mended(patched(bytes, 48, 0x41)))), 'upper-case name').toBe('malformed');
    expect(causeOf(() => open(mended(patched(bytes, 60, 0x61)))), 'a name after its end').toBe('malformed');
    const twice = withRows([row('same', 1), row('same', 1)], Uint8Array.of(5, 5));
    expect(causeOf(() => open(twice)), 'a name twice').toBe('malformed');
  });

  it('tables that promise more, or less, than is there', () => {
    expect(causeOf(() => open(withRows([row('one', 3)], Uint8Array.of(5, 5))))).toBe('truncated');
    expect(causeOf(() => open(withRows([row('one', 1)], Uint8Array.of(5, 5))))).toBe('malformed');
    expect(causeOf(() => open(withRows([row('one', 2 ** 53 - 1)], Uint8Array.of(5))))).toBe('limit');
    expect(causeOf(() => open(patched(withRows([], new Uint8Array(0)), 15, 0xff)))).toBe('limit');
  });

  it('exactly what is over a limit', async () => {
    const bytes = await buildContainer(parts());
    const exact = { maxBytes: bytes.length, maxSections: 2, maxSectionBytes: 3 };
    expect(causeOf(() => open(bytes, exact))).toBe('accepted');
    expect(causeOf(() => open(bytes, { ...exact, maxBytes: bytes.length - 1 }))).toBe('limit');
    expect(causeOf(() => open(bytes, { ...exact, maxSections: 1 }))).toBe('limit');
    expect(causeOf(() => open(bytes, { ...exact, maxSectionBytes: 2 }))).toBe('limit');
  });

  it('a component of another kind, and one without the section that it needs', async () => {
    const container = open(await buildContainer(parts()));
    expect(causeOf(() => requireSection(container, 'filter', 'alpha'))).toBe('kind');
    expect(causeOf(() => requireSection(container, 'lists', 'gamma'))).toBe('malformed');
    expect(requireSection(container, 'lists', 'alpha')).toEqual(Uint8Array.of(9));
  });
});

describe('verifying', () => {
  const signer = signerFrom(1);
  const other = signerFrom(2);
  const verify = (bytes: Uint8Array, ...trust: Uint8Array[]): Promise<string> => verifyContainer(bytes, { crypto, trust });

  it('names the trusted key that signed', async () => {
    const bytes = await buildContainer(parts({ signer }));
    expect(await verify(bytes, other.publicKey, signer.publicKey)).toBe(keyIdOf(signer.publicKey, crypto));
    expect(open(bytes).keyId).toBe(keyIdOf(signer.publicKey, crypto));
  });

  it('refuses what is unsigned, and what nobody trusted has signed', async () => {
    expect(await causeOfAsync(verify(await buildContainer(parts()), signer.publicKey))).toBe('unsigned');
    const bytes = await buildContainer(parts({ signer }));
    expect(await causeOfAsync(verify(bytes))).toBe('untrusted');
    expect(await causeOfAsync(verify(bytes, other.publicKey))).toBe('untrusted');
  });

  it('refuses a signature moved from another container, and one under another key id', async () => {
    const bytes = await buildContainer(parts({ signer }));
    const newer = await buildContainer(parts({ signer, head: { ...head, generation: 8 } }));
    const keyAt = 48 + 2 * 64;
    const moved = rehashed(newer, (copy) => copy.set(bytes.subarray(keyAt, keyAt + 72), keyAt));
    expect(await causeOfAsync(verify(moved, signer.publicKey))).toBe('altered');
    const renamed = rehashed(bytes, (copy) => copy.set(crypto.sha256(other.publicKey).subarray(0, 8), keyAt));
    expect(await causeOfAsync(verify(renamed, signer.publicKey, other.publicKey))).toBe('altered');
  });

  it('refuses a changed head or section even when all digests are made to fit', async () => {
    const bytes = await buildContainer(parts({ signer }));
    const newer = rehashed(bytes, (copy) => (copy[16] = 99));
    expect(open(newer).generation).toBe(99);
    expect(await causeOfAsync(verify(newer, signer.publicKey))).toBe('altered');
    const swapped = rehashed(bytes, (copy) => {
      copy[copy.length - 1]! ^= 1;
      copy.set(crypto.sha256(copy.subarray(-3)), 48 + 64 + 32);
    });
    expect(open(swapped).sections.get('beta')).toEqual(Uint8Array.of(1, 2, 2));
    expect(await causeOfAsync(verify(swapped, signer.publicKey))).toBe('altered');
    const shortened = bytes.slice();
    shortened[shortened.length - 1]! ^= 1;
    expect(await causeOfAsync(verify(shortened, signer.publicKey))).toBe('altered');
  });

  it('refuses a signature made over the same bytes for another purpose', async () => {
    const plain = { publicKey: signer.publicKey, sign: (message: Uint8Array) => signer.sign(message.subarray('vedette container 1\0'.length)) };
    expect(await causeOfAsync(verify(await buildContainer(parts({ signer: plain })), signer.publicKey))).toBe('altered');
  });

  it('would be noticed if the signature were not looked at (sabotage)', async () => {
    const lazy = { ...crypto, verify: () => true };
    const newer = rehashed(await buildContainer(parts({ signer })), (copy) => (copy[16] = 99));
    expect(await causeOfAsync(verifyContainer(newer, { crypto: lazy, trust: [signer.publicKey] }))).toBe('accepted');
  });
});

/** A copy with one byte replaced and no digest mended. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

/** The head's digest mended, as whoever forges an unsigned container would do. */
function mended(bytes: Uint8Array): Uint8Array {
  return rehashed(bytes, () => undefined);
}

function rehashed(bytes: Uint8Array, change: (copy: Uint8Array) => unknown): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  const digestAt = 48 + 2 * 64 + ((bytes[11]! & 1) === 1 ? 72 : 0);
  copy.set(crypto.sha256(copy.subarray(0, digestAt)), digestAt);
  return copy;
}

function row(name: string, length: number): { name: string; length: number; digest: Uint8Array } {
  return { name, length, digest: crypto.sha256(Uint8Array.of(5)) };
}

function withRows(rows: ReturnType<typeof row>[], body: Uint8Array): Uint8Array {
  const signedPart = encodeSignedPart(head, rows, false);
  return concatBytes([signedPart, crypto.sha256(signedPart), body]);
}

const golden = hex(`
  89564454540d0a1a010004010200000007000000000000000068e5cf8b0100000030646a8c01000080ee360000000000
  616c7068610000000000000000000000000000000000000001000000000000002b4c342f5433ebe591a1da77e013d1b7
  2475562d48578dca8b84bac6651c3cb9
  6265746100000000000000000000000000000000000000000300000000000000039058c6f2c0cb492c533b0a4d14ef77
  cc0f78abccced5287d84a1a2011cfb81
  34750f98bd59fcfc0f5e93252177a6b14706fc3dbe29f883fefe58b284de4421194f02c4819eba589c9ce9653a7053d7
  3532c1924a05b8de91a9062b3e67d8fc6264cff2f83d1705
  e77a4c2dffc8199eebc77f65714cafebb595b86df65170401804239a13e65e6d
  09010203
`);
