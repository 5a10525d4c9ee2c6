/**
 * Entry `./wasm`: the matcher's kernel in WebAssembly, for engines of the portable preset. The Node preset has it already.
 *
 * ```ts
 * const engine = createEngine({ parts: { kernel: await loadKernel() } });
 * ```
 *
 * @packageDocumentation
 */
export { loadKernel, loadKernelSync, type LoadKernelOptions } from './scan/kernel/load-kernel.js';
export type { Kernel } from './scan/kernel/kernel.js';
