import { copyFile, writeFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';
import { bytesOfKernel } from './src/scan/kernel/kernel-bytes.js';

const libraries = {
  index: 'src/index.ts',
  url: 'src/url.ts',
  compile: 'src/compile.ts',
  node: 'src/node.ts',
  server: 'src/server.ts',
  testing: 'src/testing.ts',
  wasm: 'src/wasm.ts',
  'adapters/safe-browsing': 'src/adapters/safe-browsing.ts',
  'adapters/indexeddb': 'src/adapters/indexeddb.ts',
  'adapters/hashlookup': 'src/adapters/hashlookup.ts',
  'adapters/virustotal': 'src/adapters/virustotal.ts',
  'adapters/malware-hash-registry': 'src/adapters/malware-hash-registry.ts',
  'adapters/malware-bazaar': 'src/adapters/malware-bazaar.ts',
  'adapters/quorum': 'src/adapters/quorum.ts',
};

export default defineConfig({
  // Loaded with the first agent pattern only; named, so that the size of what is loaded before it can be guarded.
  entry: { ...libraries, cli: 'src/cli/main.ts', 'agent-pattern': 'src/preset/load-agent-pattern.ts' },
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  // Its build without `new Function` is CommonJS, which runtimes without a bundler cannot name imports of; and as a
  // dependency it would bring an optional native addon with an install script that nothing here loads.
  noExternal: [/^msgpackr/],
  // The program is run, not imported: it has no declarations.
  dts: { entry: libraries, compilerOptions: { ignoreDeprecations: '6.0' } },
  splitting: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  // Bundling turns constants of modules into variables; this puts their values where they are used. Loops over bytes are
  // up to a third faster for it.
  esbuildOptions: (options) => {
    options.minifySyntax = true;
  },
  onSuccess: async () => {
    await copyFile('node_modules/msgpackr/LICENSE', 'dist/LICENSE.msgpackr');
    // For hosts that compile no WebAssembly from bytes: they import this file as a module.
    await writeFile('dist/kernel.wasm', bytesOfKernel());
  },
});
