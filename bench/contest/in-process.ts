/** Engines that live in Node: what the child of each is told and says, and how the engine itself looks to it. */
import type { BenchSignature, SetChoice } from '../inputs/signature-set.js';

/** What the child does, one at a time. */
export type ChildRequest =
  | { readonly kind: 'load'; readonly engine: string; readonly choice: SetChoice; readonly folder: string; readonly rules?: string; readonly hostFile?: string }
  | { readonly kind: 'scan'; readonly file: string; readonly minMs: number };

/** What the child answers. */
export type ChildAnswer =
  | { readonly kind: 'loaded'; readonly setUpMs: number }
  | { readonly kind: 'scanned'; readonly cpuMs: number; readonly found: readonly number[] }
  | { readonly kind: 'unavailable' | 'failed'; readonly reason: string };

/** What an engine is made from. */
export interface EngineInput {
  readonly signatures: readonly BenchSignature[];
  /** Text of the YARA rules, for engines that ask for it. */
  readonly rules: () => string;
  /** A host's module. */
  readonly hostFile?: string | undefined;
}

/** An engine with its tables. */
export interface InProcessScan<Prepared, Output> {
  /** Where building the tables is only a part of the start. */
  readonly setUpMs?: number;
  /** Untimed, once for each content: the content as the engine takes it. */
  prepare(bytes: Buffer): Prepared;
  /** Timed. */
  scan(content: Prepared): Output | Promise<Output>;
  /** Untimed: indices of the signatures that matched. @throws Error when the search was not finished. */
  found(output: Output): Iterable<number>;
}

/** An engine whose types are closed over. */
export interface AnyScan {
  readonly setUpMs?: number;
  /** Milliseconds of the CPU that one pass over the content took, and what it found. */
  passes(file: string, minMs: number): Promise<{ readonly cpuMs: number; readonly found: number[] }>;
}

/** Wraps an engine: contents are read and prepared once, passes timed. */
export function timedScan<Prepared, Output>(engine: InProcessScan<Prepared, Output>, read: (file: string) => Buffer): AnyScan {
  const contents = new Map<string, Prepared>();
  return {
    ...(engine.setUpMs === undefined ? {} : { setUpMs: engine.setUpMs }),
    async passes(file, minMs) {
      const content = contents.get(file) ?? engine.prepare(read(file));
      contents.set(file, content);
      globalThis.gc?.();
      // Not timed: collecting garbage makes machine code cold, and it grows warm over some hundred megabytes.
      let pass = await timed(engine, content);
      for (let warmMs = pass.cpuMs; warmMs < minMs; warmMs += pass.cpuMs) {
        pass = await timed(engine, content);
      }
      let [passes, cpuMs] = [0, 0];
      do {
        pass = minMs === 0 && passes === 0 ? pass : await timed(engine, content);
        cpuMs += pass.cpuMs;
        passes++;
      } while (cpuMs < minMs);
      const { output } = pass;
      return { cpuMs: cpuMs / passes, found: [...new Set(engine.found(output))].sort((a, b) => a - b) };
    },
  };
}

async function timed<Prepared, Output>(engine: InProcessScan<Prepared, Output>, content: Prepared): Promise<{ readonly cpuMs: number; readonly output: Output }> {
  const before = process.cpuUsage();
  const scanned = engine.scan(content);
  const output = scanned instanceof Promise ? await scanned : scanned;
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000, output };
}
