/**
 * `npm run kernel`: builds the kernel, and the file that carries its bytes. The compiler is pinned, so the same source
 * gives the same bytes; `--check` says whether it does (test/scan/kernel-bytes.test.ts runs it).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = `${root}src/scan/kernel/kernel.generated.ts`;
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--enable', 'simd'];

/** The bytes of the kernel as its source gives them now. */
export async function buildKernel() {
  let bytes;
  const { error, stderr } = await asc.main(['src/scan/kernel/assembly/index.ts', '--baseDir', root, '--outFile', 'kernel.wasm', ...flags], {
    writeFile: (name, contents) => {
      bytes = name.endsWith('.wasm') ? contents : bytes;
    },
  });
  if (error !== null) {
    throw new Error(`the kernel does not build: ${stderr.toString()}`, { cause: error });
  }
  return bytes;
}

/** The text of kernel.generated.ts for these bytes. */
export function generatedFile(bytes) {
  const lines = Buffer.from(bytes).toString('base64').match(/.{1,116}/g);
  return `/** Made by \`npm run kernel\`; not to be edited. */\nexport const kernelBase64: string =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = generatedFile(await buildKernel());
  if (process.argv.includes('--check')) {
    const isSame = (await readFile(generated, 'utf8')) === text;
    process.stdout.write(isSame ? 'the kernel is what its source gives\n' : 'the kernel is not what its source gives: npm run kernel\n');
    process.exitCode = isSame ? 0 : 1;
  } else {
    await writeFile(generated, text);
  }
}
