/**
 * Owns the WebAssembly boundary: a compiled module, and instances of it over a memory that the caller lays out by
 * abi.ts. The kernel calls nothing and allocates nothing. Its bytes are elsewhere (load-kernel.ts), so that who searches in
 * TypeScript does not carry them.
 */
import type { SearchCode } from './twin.js';

/** A compiled kernel. One serves any number of engines and matchers. */
export interface Kernel {
  readonly module: WebAssembly.Module;
}

/** The searches of a new instance over this memory. @throws WebAssembly.LinkError for another module. */
export function instantiate(kernel: Kernel, memory: WebAssembly.Memory): SearchCode {
  const { exports } = new WebAssembly.Instance(kernel.module, { env: { memory } });
  const code = (name: string): ((...args: number[]) => number) => {
    const value = exports[name];
    if (typeof value !== 'function') {
      throw new WebAssembly.LinkError(`the kernel has no export ${name}`);
    }
    return value as (...args: number[]) => number;
  };
  return { search0: code('search0'), search1: code('search1'), search2: code('search2'), search3: code('search3'), fill: code('fill') };
}
