/**
 * Owns the WebAssembly boundary: a compiled module, and instances of it over a memory that the caller lays out by
 * abi.ts. The kernel calls nothing and allocates nothing.
 */
import { bytesOfKernel } from './kernel-bytes.js';
import type { SearchCode } from './twin.js';

/** A compiled kernel. One serves any number of engines and matchers. */
export interface Kernel {
  readonly module: WebAssembly.Module;
}

/** What `loadKernel` takes. */
export interface LoadKernelOptions {
  /** `vedette/kernel.wasm`, compiled by the host: for runtimes that compile no WebAssembly from bytes. */
  readonly module?: WebAssembly.Module | undefined;
}

/** The kernel, compiled from the bytes in this package unless the host brings a module. Costs a few milliseconds. */
export async function loadKernel(options: LoadKernelOptions = {}): Promise<Kernel> {
  return { module: options.module ?? (await WebAssembly.compile(bytesOfKernel())) };
}

/** The same, at once: for runtimes that allow it. */
export function loadKernelSync(): Kernel {
  return { module: new WebAssembly.Module(bytesOfKernel()) };
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
