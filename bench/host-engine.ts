/**
 * A module given by `--engine`: a host's own matcher, transport, cache or queue, to be measured beside ours by the same
 * definitions. docs/bench.md shows a whole one.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../src/base/seams.js';
import type { VerdictCache } from '../src/cache/verdict-cache.js';
import type { ByteSignature } from '../src/pattern/signature.js';
import type { PendingQueue } from '../src/pending/pending-queue.js';
import type { Transport } from '../src/query/transport.js';
import type { Matcher } from '../src/scan/matcher.js';
import type { Engine } from './definition.js';

/** What the module exports: a name, and at least one way to make a part. */
export interface HostEngine {
  /** How it is listed. */
  readonly name: string;
  /** Signatures of one literal each, at any offset, each with a name of its own. */
  readonly createMatcher?: (signatures: readonly ByteSignature[]) => Matcher | Promise<Matcher>;
  /** Must speak `http:` addresses of loopback. */
  readonly createTransport?: () => Transport | Promise<Transport>;
  /** Must hold `maxEntries` slots. */
  readonly createCache?: (options: { readonly maxEntries: number }) => VerdictCache | Promise<VerdictCache>;
  /** `dir` is an empty folder. A new queue each time. */
  readonly createQueue?: (options: { readonly dir: string; readonly clock: Clock }) => PendingQueue | Promise<PendingQueue>;
}

const makers = ['createMatcher', 'createTransport', 'createCache', 'createQueue'] as const;

/**
 * Loads the modules of these files.
 * @throws Error that says what is missing.
 */
export async function loadHostEngines(files: readonly string[]): Promise<HostEngine[]> {
  const engines: HostEngine[] = [];
  for (const file of files) {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    const engine = asHostEngine(module, file);
    if (engines.some(({ name }) => name === engine.name)) {
      throw new Error(`${file}: another module has the name ${JSON.stringify(engine.name)} too`);
    }
    engines.push(engine);
  }
  return engines;
}

/** @throws Error unless the part has all these methods. */
export function assertMethods(part: object, methods: readonly string[]): void {
  const missing = methods.filter((method) => typeof (part as Record<string, unknown> | null)?.[method] !== 'function');
  if (missing.length > 0) {
    throw new Error(`expected a part with the methods ${methods.join(', ')}; missing: ${missing.join(', ')}`);
  }
}

/** Our engines and those of the hosts that have one for the definition; a host's name gets a mark. */
export function withHosts<Input>(
  definition: { readonly engines: readonly Engine<Input>[]; host(module: HostEngine): Engine<Input> | undefined },
  hosts: readonly HostEngine[],
): Engine<Input>[] {
  const own = hosts.flatMap((host) => {
    const engine = definition.host(host);
    return engine === undefined ? [] : [{ ...engine, name: `${host.name} (own)` }];
  });
  return [...definition.engines, ...own];
}

function asHostEngine(module: unknown, file: string): HostEngine {
  const given = module as Partial<Record<keyof HostEngine, unknown>>;
  if (typeof given.name !== 'string' || given.name === '') {
    throw new Error(`${file}: expected an export \`name\`, a text`);
  }
  const wrong = makers.filter((maker) => given[maker] !== undefined && typeof given[maker] !== 'function');
  if (wrong.length > 0 || makers.every((maker) => given[maker] === undefined)) {
    throw new Error(`${file}: expected functions among its exports ${makers.join(', ')}`);
  }
  return given as HostEngine;
}
