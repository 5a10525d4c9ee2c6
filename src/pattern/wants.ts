/** Which digests the entries of a component need: MD5 and SHA-1 only where an entry could be compared with them. */
import type { HashAlgorithm, Wants } from '../base/fingerprint.js';
import type { HashEntry } from './hash-entry.js';

/** Gathers the sizes of weak entries, one by one. SHA-256 is computed of every file and restricts nothing. */
export class WantsCollector {
  readonly #sizes = { md5: new Set<number>(), sha1: new Set<number>() };
  readonly #any = { md5: false, sha1: false };

  /** One entry: `size` undefined means any size. */
  add(algorithm: HashAlgorithm, size: number | undefined): void {
    if (algorithm === 'sha256') {
      return;
    }
    if (size === undefined) {
      this.#any[algorithm] = true;
    } else {
      this.#sizes[algorithm].add(size);
    }
  }

  /** What all entries together want. */
  finish(): Wants {
    const md5 = this.#of('md5');
    const sha1 = this.#of('sha1');
    return { ...(md5 === undefined ? {} : { md5 }), ...(sha1 === undefined ? {} : { sha1 }) };
  }

  #of(algorithm: 'md5' | 'sha1'): Wants['md5'] {
    if (this.#any[algorithm]) {
      return 'any';
    }
    const sizes = this.#sizes[algorithm];
    return sizes.size === 0 ? undefined : Array.from(Float64Array.from(sizes).sort());
  }
}

/** The digests that the file entries among these need. */
export function wantsOf(entries: Iterable<HashEntry>): Wants {
  const wants = new WantsCollector();
  for (const entry of entries) {
    if (entry.kind === 'file') {
      wants.add(entry.algorithm, entry.size);
    }
  }
  return wants.finish();
}
