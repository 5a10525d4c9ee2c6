/** Hashes, fingerprints and choices that are the same for the same seed. */
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { hashPrefix } from '../../src/base/fingerprint.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { prefixNumber } from '../../src/pattern/hashes/hash-groups.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

const sha256Bytes = 32;

/** `count` hashes of 32 bytes, as views of one buffer, no two of them with the same 4-byte prefix as each other or as one of `apartFrom`. */
export function seededHashes(seed: number, count: number, apartFrom: readonly Uint8Array[] = []): Uint8Array[] {
  const random = createSeededRandom(seed);
  const bytes = new Uint8Array(count * sha256Bytes);
  const view = new DataView(bytes.buffer);
  const taken = new Set(apartFrom.map((hash) => prefixNumber(hash)));
  return Array.from({ length: count }, (_, i) => {
    const at = i * sha256Bytes;
    const hash = bytes.subarray(at, at + sha256Bytes);
    do {
      for (let word = 0; word < sha256Bytes; word += 4) {
        view.setUint32(at + word, Math.floor(random() * 2 ** 32));
      }
    } while (taken.has(prefixNumber(hash)));
    taken.add(prefixNumber(hash));
    return hash;
  });
}

/** What is looked up, and which of it is listed. */
export interface Probes {
  readonly fingerprints: readonly Fingerprint[];
  readonly isListed: readonly boolean[];
}

/** `count` fingerprints in random order, of which the share `listedShare` is drawn from `listed`; the others are apart from it. */
export function seededProbes(
  seed: number,
  from: { readonly listed: readonly Uint8Array[]; readonly count: number; readonly listedShare: number },
): Probes {
  const random = createSeededRandom(seed);
  const others = seededHashes(seed + 1, from.count, from.listed);
  const isListed = others.map(() => random() < from.listedShare);
  const fingerprints = others.map((hash, i): Fingerprint => ({
    kind: 'file',
    algorithm: 'sha256',
    hash: isListed[i] === true ? from.listed[Math.floor(random() * from.listed.length)]! : hash,
  }));
  return { fingerprints, isListed };
}

/** Entries that list these hashes as malicious. */
export function entriesOf(hashes: readonly Uint8Array[]): HashEntry[] {
  return hashes.map((hash, i) => ({
    kind: 'file',
    algorithm: 'sha256',
    hash,
    disposition: 'malicious',
    threat: { name: `Bench.${i % 1_000}`, type: 'trojan' },
  }));
}

/** The 4-byte prefixes, as copies. */
export function prefixesOf(fingerprints: readonly Fingerprint[]): Uint8Array[] {
  return fingerprints.map(({ hash }) => hashPrefix(hash).slice());
}
