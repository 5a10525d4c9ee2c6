/**
 * Owns the WebAssembly boundary: a compiled module, and instances of it over a memory that the caller lays out by
 * abi.ts. The kernel calls nothing and allocates nothing. Its bytes are elsewhere (load-kernel.ts), so that who searches in
 * TypeScript does not carry them.
 */
import type { SearchCode } from './search-code.js';

/** A compiled kernel. One serves any number of engines and matchers. */
export interface Kernel {
  /** A `WebAssembly.Module`; declared as an object, since not every set of types knows that name. */
  readonly module: object;
}

/** What the kernel has beside the searches. */
export interface KernelCode extends SearchCode {
  /** Goes on with the walk that its memory (walk-abi.ts) describes. */
  readonly walk: () => void;
}

/** The code of a new instance over this memory. @throws WebAssembly.LinkError for another module. */
export function instantiate(kernel: Kernel, memory: WebAssembly.Memory): KernelCode {
  const { exports } = new WebAssembly.Instance(kernel.module, { env: { memory } });
  const code = (name: string): ((...args: number[]) => number) => {
    const value = exports[name];
    if (typeof value !== 'function') {
      throw new WebAssembly.LinkError(`the kernel has no export ${name}`);
    }
    return value as (...args: number[]) => number;
  };
  const [search0, search1, search2, search3] = [code('search0'), code('search1'), code('search2'), code('search3')];
  return { search0, search1, search2, search3, seek: code('seek'), fill: code('fill'), tally: code('tally'), sum: code('sum'), place: code('place'), walk: code('walk') };
}
