/** The bytes of a vault: version 1 for ever, and no damage is believed. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVault } from '../../src/node/vault/create-vault.js';
import { chunkBytes, chunkCount, openHead, prefixBytes, readPrefix, seal, sealHead, unseal } from '../../src/node/vault/item-format.js';
import { encodeMetadata, maxMetadataBytes, parseMetadata, type Metadata } from '../../src/node/vault/metadata.js';
import { vaultKey } from '../../src/node/vault/vault-key.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { tempDir } from '../support/temp-dir.js';
import { contentOf, itemsOf, onlyItem, sha256 } from './vault-scene.js';

const root = tempDir('vault-format');
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_250_101);
const golden = new URL('golden-vault/', import.meta.url);
const id = 'a'.repeat(32);
const keyBytes = Uint8Array.from({ length: 32 }, (_, i) => i);
const salt = Uint8Array.from({ length: 32 }, (_, i) => 200 - i);
const content = Buffer.from('inert marker of a bad file');
const metadata: Metadata = {
  id, key: 'item:1', ref: 'bytes:/tmp/odd%ff', label: 'odd', sha256: sha256(content), size: content.length, mode: 0o4755, uid: 1000, gid: 100,
  atimeNs: '1700000000123456789', mtimeNs: '-1500000000', links: 2, parent: '2050:131', threats: [{ name: 'Test.Marker', type: 'test' }], quarantinedAt: 1_700_000_000_000,
};

function itemOf(facts: Metadata, bytes: Buffer): Buffer {
  const head = sealHead(encodeMetadata(facts), { key: vaultKey(keyBytes), salt });
  const count = chunkCount(bytes.length);
  const chunks = Array.from({ length: count }, (_, at) =>
    seal(head.seal, { index: at + 1, isLast: at + 1 === count }, bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
  );
  return Buffer.concat([head.bytes, ...chunks]);
}

let count = 0;
/** A vault that holds these bytes as its one item. */
function vaultWith(item: Uint8Array, key: Uint8Array | undefined = keyBytes): ReturnType<typeof createVault> {
  const dir = join(root, `vault-${count++}`);
  mkdirSync(dir);
  writeFileSync(join(dir, `${id}.item`), item);
  return createVault({ dir, key });
}

function fromHex(name: string): Buffer {
  return Buffer.from(readFileSync(new URL(name, golden), 'latin1').replaceAll(/\s/g, ''), 'hex');
}

describe('the format of an item, version 1', () => {
  it('is written as ever', () => {
    expect(itemOf(metadata, content).toString('hex')).toBe(fromHex('item-v1.hex').toString('hex'));
  });

  it('is read as ever, with the key file as ever', async () => {
    const vault = vaultWith(fromHex('item-v1.hex'));
    expect(await onlyItem(vault)).toEqual({
      state: 'held', id, key: 'item:1', path: '/tmp/odd\\xff', ref: 'bytes:/tmp/odd%ff', label: 'odd', sha256: sha256(content), size: content.length,
      mode: 0o4755, uid: 1000, gid: 100, atimeMs: 1_700_000_000_123.456_789, mtimeMs: -1500, links: 2, threats: [{ name: 'Test.Marker', type: 'test' }],
      quarantinedAt: 1_700_000_000_000,
    });
    expect((await contentOf(vault, id)).toString()).toBe(content.toString());
    const dir = join(root, `vault-${count++}`);
    mkdirSync(dir);
    writeFileSync(join(dir, 'vault.key'), fromHex('key-v1.hex'));
    writeFileSync(join(dir, `${id}.item`), fromHex('item-v1.hex'));
    expect((await contentOf(createVault({ dir }), id)).toString()).toBe(content.toString());
  });

  it('of a newer version is said to be that', async () => {
    const bytes = fromHex('item-v1.hex');
    bytes[8] = 2;
    expect(await itemsOf(vaultWith(bytes))).toEqual([expect.objectContaining({ state: 'damaged', why: 'version' })]);
  });
});

/** `undefined` when the damage was noticed, else the content that was believed. */
async function believed(bytes: Uint8Array): Promise<Buffer | undefined> {
  const vault = vaultWith(bytes);
  const [item] = await itemsOf(vault);
  try {
    const read = await contentOf(vault, id);
    return item?.state === 'held' ? read : Buffer.from(`${item?.state}, but read`);
  } catch (error) {
    expect(error).toMatchObject({ code: 'store-damaged', detail: { id } });
    return undefined;
  }
}

describe('an item', () => {
  it(`with any bit flipped is not believed (${numRuns} of them, seed ${seed})`, async () => {
    const whole = itemOf(metadata, content);
    const random = createSeededRandom(seed);
    for (let run = 0; run < numRuns; run++) {
      const at = Math.floor(random() * whole.length * 8);
      const bytes = Buffer.from(whole);
      bytes[at >> 3]! ^= 1 << (at & 7);
      expect(await believed(bytes), `bit ${at}`).toBeUndefined();
    }
  });

  it('that was cut or lengthened anywhere is not believed', async () => {
    const whole = itemOf(metadata, content);
    for (let length = 0; length < whole.length; length += numRuns > 100 ? 1 : 7) {
      expect(await believed(whole.subarray(0, length)), `cut to ${length}`).toBeUndefined();
    }
    expect(await believed(Buffer.concat([whole, Buffer.of(0)]))).toBeUndefined();
  });

  it('whose chunks were exchanged, left out or taken from another is not believed', async () => {
    const bytes = Buffer.alloc(chunkBytes * 2 + 5, 7);
    const facts = { ...metadata, size: bytes.length, sha256: sha256(bytes) };
    const whole = itemOf(facts, bytes);
    const start = whole.length - (bytes.length + 3 * 16);
    const chunk = (n: number): Buffer => whole.subarray(start + n * (chunkBytes + 16), Math.min(whole.length, start + (n + 1) * (chunkBytes + 16)));
    expect(await believed(whole)).toEqual(bytes);
    expect(await believed(Buffer.concat([whole.subarray(0, start), chunk(1), chunk(0), chunk(2)]))).toBeUndefined();
    expect(await believed(Buffer.concat([whole.subarray(0, start), chunk(0), chunk(2)]))).toBeUndefined();
    const other = itemOf({ ...facts, key: 'other' }, bytes);
    expect(await believed(Buffer.concat([whole.subarray(0, start), other.subarray(other.length - (whole.length - start))]))).toBeUndefined();
  });

  it('that is somebody else\'s file, huge, or a link is damaged and nothing more', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('text'), Buffer.alloc(100_000, 0x89), createHash('sha512').digest()]) {
      expect(await believed(bytes)).toBeUndefined();
    }
    const claims = Buffer.from(itemOf(metadata, content));
    claims.writeUInt32LE(0xffff_ffff, 12);
    expect(await believed(claims)).toBeUndefined();
  });

  it('is not opened with another key', async () => {
    const vault = vaultWith(itemOf(metadata, content), new Uint8Array(32).fill(9));
    await expect(vault.open(id)).rejects.toMatchObject({ detail: { id, why: 'foreign' } });
  });

  it('of another id is not believed', async () => {
    expect(await believed(itemOf({ ...metadata, id: 'b'.repeat(32) }, content))).toBeUndefined();
  });
});

describe('what is sealed', () => {
  it('comes back for every content, and for no other place', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(1000), fc.boolean(), (bytes, index, isLast) => {
      const head = sealHead(encodeMetadata(metadata), { key: vaultKey(keyBytes), salt });
      const sealed = seal(head.seal, { index, isLast }, bytes);
      expect(unseal(head.seal, { index, isLast }, sealed)).toEqual(Buffer.from(bytes));
      expect(unseal(head.seal, { index: index + 1, isLast }, sealed)).toBeUndefined();
      expect(unseal(head.seal, { index, isLast: !isLast }, sealed)).toBeUndefined();
    }), { numRuns });
  });

  it('says the same of facts with any texts, cut where they are long', () => {
    const texts = fc.record({ ref: fc.string({ maxLength: 200, unit: 'binary' }), label: fc.string({ maxLength: 9000, unit: 'binary' }), key: fc.string({ unit: 'binary' }), name: fc.string({ unit: 'binary' }) });
    fc.assert(fc.property(texts, fc.nat(300), ({ ref, label, key, name }, threats) => {
      const facts = { ...metadata, ref, label, key, threats: Array.from({ length: threats }, () => ({ name, type: 'test' as const })) };
      const read = parseMetadata(encodeMetadata(facts));
      expect(read).toEqual({ ...facts, label: label.slice(0, 4096), threats: facts.threats.slice(0, 100) });
    }), { numRuns });
  });

  it('is bounded, whatever a host calls its files', () => {
    expect(encodeMetadata({ ...metadata, label: 'x'.repeat(10_000_000) }).length).toBeLessThan(maxMetadataBytes);
    expect(() => encodeMetadata({ ...metadata, ref: '/'.repeat(2_000_000) })).toThrow(RangeError);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a size that is none', { size: -1 }], ['no digest', { sha256: 'x' }], ['no instant', { mtimeNs: '1.5' }], ['threats that are none', { threats: [{ name: 1 }] }],
    ['a label that is none', { label: 7 }], ['no id', { id: '../x' }], ['an owner that is none', { uid: 1.5 }],
  ])('is refused with %s, although it is authentic', async (_, change) => {
    const json = Buffer.from(JSON.stringify({ ...metadata, ...change }));
    expect(parseMetadata(json)).toBeUndefined();
    const head = sealHead(json, { key: vaultKey(keyBytes), salt });
    expect(await believed(Buffer.from(head.bytes))).toBeUndefined();
  });

  it('has a prefix that is read for what it is', () => {
    expect(readPrefix(new Uint8Array(prefixBytes - 1))).toEqual({ kind: 'damaged' });
    const head = sealHead(encodeMetadata(metadata), { key: vaultKey(keyBytes), salt });
    const prefix = readPrefix(head.bytes);
    expect(prefix.kind === 'ours' && openHead(prefix, head.bytes.subarray(prefixBytes, prefixBytes + prefix.sealedBytes), vaultKey(keyBytes))?.metadata).toEqual(Buffer.from(encodeMetadata(metadata)));
  });
});
