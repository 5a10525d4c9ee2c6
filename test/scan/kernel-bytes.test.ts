/** The kernel in the package is what its source gives, and a host may bring it as a module of its own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesOfKernel } from '../../src/scan/kernel/kernel-bytes.js';
import { loadKernel, loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { namesOf, scan } from '../support/scan-feed.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mask = new Uint8Array(8).fill(0xff);
const signature = { threat: { name: 'one', type: 'x' }, target: 0, offset: { kind: 'any' as const }, nodes: [{ kind: 'bytes' as const, value: Buffer.from('abcdefgh'), mask }] };

describe('the bytes of the kernel', () => {
  it('are those that its source gives', { timeout: 60_000 }, () => {
    expect(execFileSync(process.execPath, ['scripts/kernel.mjs', '--check'], { cwd: root, encoding: 'utf8' })).toContain('is what its source gives');
  });

  it('are few, ask for nothing but memory, and are valid', () => {
    const bytes = bytesOfKernel();
    expect(bytes.length).toBeLessThan(10_240);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('may be compiled by the host', async () => {
    const module = await WebAssembly.compile(bytesOfKernel());
    for (const kernel of [await loadKernel({ module }), await loadKernel(), loadKernelSync()]) {
      expect(namesOf(await scan(createMatcher([signature], { kernel }), Buffer.from('..abcdefgh..')))).toEqual(['one']);
    }
  });

  it('are no other module', async () => {
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(() => createMatcher([signature], { kernel: { module: empty } })).toThrow(WebAssembly.LinkError);
  });
});
