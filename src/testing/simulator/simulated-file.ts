/** Files of a simulation: hashes made from a number, digests of nothing. */
import type { Fingerprint } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';

/** File `n` (up to 2^32) and the entry that lists it as malicious. Different files have different prefixes. */
export function simulatedFile(n: number): { readonly fingerprint: Fingerprint; readonly entry: HashEntry } {
  const hash = new Uint8Array(32);
  const view = new DataView(hash.buffer);
  // An odd factor: a bijection, so that prefixes differ, spread over the whole range.
  view.setUint32(0, Math.imul(n, 0x9e3779b1));
  view.setUint32(28, n);
  const identity = { kind: 'file', algorithm: 'sha256', hash } as const;
  return { fingerprint: identity, entry: { ...identity, disposition: 'malicious', threat: { name: `Simulated.${n}`, type: 'trojan' } } };
}
