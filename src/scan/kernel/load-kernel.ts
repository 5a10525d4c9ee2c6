/** Compiles the kernel that is part of this package, or takes the one that the host has compiled. */
import { bytesOfKernel } from './kernel-bytes.js';
import type { Kernel } from './kernel.js';

/** What `loadKernel` takes. */
export interface LoadKernelOptions {
  /** A `WebAssembly.Module`: `vedette/kernel.wasm`, compiled by the host, for runtimes that compile none from bytes. */
  readonly module?: object | undefined;
}

/** The kernel, compiled from the bytes in this package unless the host brings a module. Costs a few milliseconds. */
export async function loadKernel(options: LoadKernelOptions = {}): Promise<Kernel> {
  return { module: options.module ?? (await WebAssembly.compile(bytesOfKernel())) };
}

/** The same, at once: for runtimes that allow it. */
export function loadKernelSync(): Kernel {
  return { module: new WebAssembly.Module(bytesOfKernel()) };
}
