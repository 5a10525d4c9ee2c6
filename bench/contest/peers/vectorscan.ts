/** Vectorscan and the memory floor, through the harness in bench/peers/vectorscan.cpp. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Unavailable } from '../../definition.js';
import { sha256Of } from '../../haystacks/haystack.js';
import type { LoadedScanner, Pass, Scanner } from '../scanner.js';

/** Both engines; `benchDir` has the harness, `dataDir` keeps it compiled. */
export function vectorscanScanners(at: { readonly benchDir: string; readonly dataDir: string }): readonly Scanner[] {
  return [
    {
      name: 'vectorscan',
      peer: 'vectorscan',
      pace: 'fast',
      async load(set) {
        const harness = await Harness.start(at);
        return harness.load(set.regex(), set.kept('vectorscan'));
      },
    },
    { name: 'memory floor', peer: undefined, pace: 'fast', load: async () => (await Harness.start(at)).floor() },
  ];
}

/** The version that the harness was linked with; undefined without one. */
export async function vectorscanVersion(at: { readonly benchDir: string; readonly dataDir: string }): Promise<string | undefined> {
  try {
    const harness = await Harness.start(at);
    await harness.close();
    return harness.version;
  } catch {
    return undefined;
  }
}

/** The harness as a process, spoken to in lines. */
class Harness {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  version = '';

  private constructor(binary: string) {
    this.#child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async start({ benchDir, dataDir }: { readonly benchDir: string; readonly dataDir: string }): Promise<Harness> {
    const harness = new Harness(compiled(join(benchDir, 'peers', 'vectorscan.cpp'), dataDir));
    harness.version = (await harness.#answer('ready')).split(' ')[0] ?? '';
    return harness;
  }

  async load(expressions: string, database: string): Promise<LoadedScanner> {
    const [seconds, bytes] = (await this.#ask('loaded', 'load', expressions, database)).split(' ').map(Number);
    return { ...this.#scanner('scan'), setUpMs: seconds! * 1_000, tableBytes: bytes! };
  }

  floor(): LoadedScanner {
    return this.#scanner('floor');
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await new Promise((resolve) => this.#child.once('close', resolve));
  }

  #scanner(command: 'scan' | 'floor'): LoadedScanner {
    return {
      setUpMs: 0,
      scan: async (file, minMs): Promise<Pass> => {
        const [passes, seconds, matches, , ...found] = (await this.#ask('scanned', command, file, String(minMs))).split(' ').map(Number);
        const cpuMs = (seconds! * 1_000) / passes!;
        return command === 'floor' ? { cpuMs, found: undefined } : { cpuMs, found, matches: matches! };
      },
      close: () => this.close(),
    };
  }

  #ask(answer: string, ...words: string[]): Promise<string> {
    this.#child.stdin.write(`${words.join('\t')}\n`);
    return this.#answer(answer);
  }

  async #answer(wanted: string): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) {
      throw new Error('the harness ended');
    }
    const [kind, ...rest] = value.split(' ');
    if (kind !== wanted) {
      throw new Error(`vectorscan: ${rest.join(' ')}`);
    }
    return rest.join(' ');
  }
}

/** @throws Unavailable without a compiler or the library. */
function compiled(source: string, dataDir: string): string {
  const binary = join(dataDir, `vectorscan-${sha256Of(readFileSync(source)).slice(0, 8)}`);
  if (!existsSync(binary)) {
    const { status } = spawnSync(process.env['CXX'] ?? 'g++', ['-O3', source, '-o', binary, '-lhs'], { stdio: ['ignore', 'ignore', 'pipe'] });
    if (status !== 0) {
      throw new Unavailable('needs g++ and libvectorscan-dev (or libhyperscan-dev)');
    }
  }
  return binary;
}
