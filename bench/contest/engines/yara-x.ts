/** YARA-X for Node: the native addon @litko/yara-x, and the WASM of @virustotal/yara-x. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { importPeer } from '../../peers.js';
import type { EngineInput, InProcessScan } from '../in-process.js';

/** `@litko/yara-x` 0.3: rules that matched, each with its matches. */
interface NativeModule {
  readonly compile: (rules: string) => { scan(bytes: Buffer): readonly { readonly ruleIdentifier: string }[] };
}

/** `@virustotal/yara-x` 1.20. */
interface WasmModule {
  readonly initSync: (options: { readonly module: Uint8Array }) => unknown;
  readonly Compiler: new () => { addSource(text: string): void; build(): { scanner(): WasmScanner } };
}

interface WasmScanner {
  scan(bytes: Uint8Array): WasmOutcome;
}

interface WasmOutcome {
  readonly valid?: boolean;
  readonly errors?: readonly string[];
  readonly matches: readonly { readonly identifier: string }[];
}

/** The addon. */
export async function startNativeYaraX({ rules }: EngineInput): Promise<InProcessScan<Buffer, readonly { readonly ruleIdentifier: string }[]>> {
  const { compile } = await importPeer<NativeModule>('@litko/yara-x');
  const scanner = compile(rules());
  return {
    prepare: (bytes) => bytes,
    scan: (bytes) => scanner.scan(bytes),
    found: (matches) => matches.map(({ ruleIdentifier }) => indexOfRule(ruleIdentifier)),
  };
}

/** The WASM. */
export async function startWasmYaraX({ rules }: EngineInput): Promise<InProcessScan<Buffer, WasmOutcome>> {
  const { initSync, Compiler } = await importPeer<WasmModule>('@virustotal/yara-x');
  const folder = dirname(createRequire(import.meta.url).resolve('@virustotal/yara-x/package.json'));
  initSync({ module: readFileSync(join(folder, 'pkg', 'yara_x_js_bg.wasm')) });
  const compiler = new Compiler();
  compiler.addSource(rules());
  const scanner = compiler.build().scanner();
  return {
    prepare: (bytes) => bytes,
    scan: (bytes) => scanner.scan(bytes),
    found({ matches, valid, errors }) {
      if (valid === false) {
        throw new Error(`invalid: ${errors?.join('; ') ?? ''}`);
      }
      return matches.map(({ identifier }) => indexOfRule(identifier));
    },
  };
}

function indexOfRule(name: string): number {
  return Number(name.slice(1));
}
