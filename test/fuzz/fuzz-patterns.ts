/**
 * Mutated pattern files through the loader of a host's own (unsigned) files: each is loaded, or refused with a cause. Half
 * of them are damaged as files, which the digests notice; half are made by somebody who makes the digests fit.
 */
import { isDeepStrictEqual } from 'node:util';
import { VedetteError } from '../../src/base/errors.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { emptyAgentPattern, encodeAgentPattern } from '../../src/pattern/agent-pattern.js';
import type { Container } from '../../src/pattern/container.js';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import { encodeLists } from '../../src/pattern/lists-pattern.js';
import { readers } from '../../src/compile/readers/index.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createPortableHash } from '../../src/fingerprint/digests.js';
import { loadAgentPattern } from '../../src/preset/load-agent-pattern.js';
import { loadSmallComponent } from '../../src/preset/load-component.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { contextOf } from '../compile/context.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import type { FuzzReport } from './fuzz-lines.js';
import { lineSamples } from './line-samples.js';
import { below, mutateBytes, pick } from './mutate.js';

const crypto = createNodeCrypto();
const kernel = loadKernelSync();
const head = { generation: 7, createdAt: 1_700_000_000_000, expiresAt: 1_702_592_000_000, periodMs: 3_600_000 } as const;
const causes: ReadonlySet<string> = new Set(['not-a-pattern', 'version', 'truncated', 'altered', 'malformed', 'limit', 'kind', 'host-rule']);

/** `runs` mutated files. Loads them with `load`, by default as an engine does. */
export async function fuzzPatterns(options: { readonly runs: number; readonly seed: number; readonly load?: typeof loadFile }): Promise<FuzzReport> {
  const random = createSeededRandom(options.seed);
  const files = await patternFiles();
  const containers = files.map((file) => openContainer(file, { crypto }));
  const faults: string[] = [];
  let accepted = 0;
  let slowest = { ms: 0, input: '' };
  for (let run = 0; run < options.runs; run++) {
    const which = below(random, files.length);
    const bytes = run % 2 === 0 ? mutateBytes(random, files[which]!) : await rebuilt(containers[which]!, random);
    const before = process.cpuUsage();
    const outcome = outcomeOf(bytes, options.load ?? loadFile);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 > slowest.ms) {
      slowest = { ms: (user + system) / 1000, input: `run ${run} of seed ${options.seed}, ${bytes.length} bytes` };
    }
    accepted += outcome === 'loaded' ? 1 : 0;
    if (outcome !== 'loaded' && !causes.has(outcome) && faults.length < 20) {
      faults.push(`seed ${options.seed}, run ${run}, file ${which}: ${outcome}`);
    }
  }
  return { runs: options.runs, accepted, faults, slowest };
}

/** Opens a file without a signature and makes of it what an engine uses. */
export function loadFile(bytes: Uint8Array): void {
  const container = openContainer(bytes, { crypto });
  if (container.kind === 'agent-pattern') {
    loadAgentPattern(container, { kernel, createHash: createPortableHash });
    return;
  }
  loadSmallComponent(container, { clock: new FakeClock(), matcher: undefined, extractorFor: (hostRule) => createExtractor({ hostRule, registrableDomain: () => undefined }) });
}

function outcomeOf(bytes: Uint8Array, load: typeof loadFile): string {
  const copy = bytes.slice();
  try {
    load(bytes);
    return isDeepStrictEqual(copy, bytes) ? 'loaded' : 'the file was written to';
  } catch (error) {
    const isRefusal = VedetteError.is(error) && error.code === 'pattern-refused';
    return isRefusal ? String((error.detail as { cause?: unknown }).cause) : `thrown: ${error instanceof Error ? (error.stack ?? '') : String(error)}`;
  }
}

/** The container with one section mutated, left out or given another name, under digests that fit. */
function rebuilt(container: Container, random: () => number): Promise<Uint8Array> {
  const sections = [...container.sections].map(([name, bytes]): [string, Uint8Array] => [name, bytes]);
  const at = below(random, sections.length);
  const [name, bytes] = sections[at]!;
  const kind = below(random, 20);
  sections[at] = [name, kind === 0 ? new Uint8Array(0) : kind === 1 ? pick(random, sections)[1] : mutateBytes(random, bytes)];
  return buildContainer({ head: { ...head, kind: container.kind }, sections: kind === 2 ? sections.filter((_, i) => i !== at) : sections, crypto });
}

/** Small files of every kind that an engine loads, everything that a section can have among it. */
async function patternFiles(): Promise<Uint8Array[]> {
  const read = lineSamples.map(([format, line]) => readers[format](line, contextOf()));
  const every = {
    ...emptyAgentPattern,
    signatures: read.flatMap((one) => one.signatures),
    logical: read.flatMap((one) => one.logical),
    macros: read.flatMap((one) => one.macros.map(({ body }) => body)),
    sectionHashes: read.flatMap((one) => one.sectionHashes),
    importHashes: read.flatMap((one) => one.importHashes),
    allow: read.flatMap((one) => one.allow),
    hashes: read.flatMap((one) => one.hashes),
  };
  const urls: HashEntry = { kind: 'url', algorithm: 'sha256', hash: new Uint8Array(32).fill(3), disposition: 'malicious', threat: { name: 'U', type: 'phishing' } };
  const rules = [{ id: 'a', effect: 'blocked' as const, url: 'evil.example/' }, { id: 'b', effect: 'approved' as const, sha256: '11'.repeat(32), untilAt: 5 }];
  const agents = [every, { ...emptyAgentPattern, signatures: every.signatures }, { ...emptyAgentPattern, logical: every.logical }, { ...emptyAgentPattern, logical: every.logical.slice(0, 2), macros: every.macros }];
  return Promise.all([
    ...agents.map((data) => buildContainer({ head: { ...head, kind: 'agent-pattern' }, sections: encodeAgentPattern(data), crypto })),
    buildContainer({ head: { ...head, kind: 'filter' }, sections: encodeFilter({ covers: 7, hostRule: 'labels5', entries: [...every.hashes, urls] }), crypto }),
    buildContainer({ head: { ...head, kind: 'lists' }, sections: encodeLists(rules), crypto }),
  ]);
}
