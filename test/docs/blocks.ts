/** The code of the guides and of the host sketches: taken out of its pages, type-checked and made to run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The root of the project. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A ```ts block with its file name. */
export interface Block {
  readonly page: string;
  /** From its first line `// file: NAME`; undefined where the block has none. */
  readonly file: string | undefined;
  /** 1-based line of the block's first line in its page. */
  readonly line: number;
  readonly code: string;
}

/** All ```ts blocks of the pages in a folder. */
export function blocksOf(folder: string): Block[] {
  const pages = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md')).sort();
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, folder, page), 'utf8');
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((found) => ({
      page,
      file: /^\/\/ file: (\S+)\n/.exec(found[1] ?? '')?.[1],
      line: text.slice(0, found.index).split('\n').length + 1,
      code: found[1] ?? '',
    }));
  });
}

const entries: Readonly<Record<string, string>> = {
  vedette: 'src/index.ts',
  'vedette/node': 'src/node.ts',
  'vedette/testing': 'src/testing.ts',
  'vedette/compile': 'src/compile.ts',
  'vedette/server': 'src/server.ts',
  'vedette/url': 'src/url.ts',
  'vedette/adapters/safe-browsing': 'src/adapters/safe-browsing.ts',
  'vedette/adapters/indexeddb': 'src/adapters/indexeddb.ts',
  'vedette/adapters/hashlookup': 'src/adapters/hashlookup.ts',
  'vedette/adapters/virustotal': 'src/adapters/virustotal.ts',
  'vedette/adapters/malware-hash-registry': 'src/adapters/malware-hash-registry.ts',
  'vedette/adapters/malware-bazaar': 'src/adapters/malware-bazaar.ts',
  'vedette/adapters/quorum': 'src/adapters/quorum.ts',
};

/** Type errors of the files, as `file:line: message`; errors in other files of the project are not theirs. */
export function typeErrors(files: readonly string[], folder: string): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as { config: { compilerOptions: object } };
  const paths = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [join(root, file)]]));
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, isolatedDeclarations: false, declaration: false, noUnusedLocals: true, paths },
    root,
  );
  const program = ts.createProgram(files.map((file) => join(folder, file)), { ...options, typeRoots: [join(root, 'node_modules/@types')] });
  const own = program.getSourceFiles().filter((source) => source.fileName.startsWith(folder));
  return own
    .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
    .map((one) => {
      const line = one.file === undefined || one.start === undefined ? 0 : one.file.getLineAndCharacterOfPosition(one.start).line + 1;
      return `${one.file?.fileName.slice(folder.length + 1)}:${line}: ${ts.flattenDiagnosticMessageText(one.messageText, '\n')}`;
    });
}

/** Writes the blocks into a new folder, one folder per page, with imports of `vedette` led to the sources. */
export function writeBlocks(blocks: readonly Block[], options: { readonly resolved: boolean }): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-docs-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { page, file, code } of blocks) {
    if (file !== undefined) {
      mkdirSync(join(folder, folderOf(page)), { recursive: true });
      writeFileSync(join(folder, folderOf(page), file), options.resolved ? resolved(code) : code);
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Where the blocks of a page lie. */
export function folderOf(page: string): string {
  return page.replace(/\.md$/, '');
}

function resolved(code: string): string {
  return code.replaceAll(/from '(vedette(?:\/[\w-]+)*)'/g, (whole, name: string) => {
    const file = entries[name];
    return file === undefined ? whole : `from '${join(root, file)}'`;
  });
}
