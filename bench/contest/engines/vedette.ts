/** Matchers through the public interface: a session for each pass, the whole content in one chunk, all matches. */
import { bytesSource } from '../../../src/base/subject.js';
import { compileSources } from '../../../src/compile/compile.js';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { decodeAgentPattern } from '../../../src/pattern/agent-pattern.js';
import { openContainer } from '../../../src/pattern/container.js';
import type { ByteSignature } from '../../../src/pattern/signature.js';
import { goodwareHistogram } from '../../../src/compile/goodware/histogram.js';
import { createLocalPattern } from '../../../src/scan/agent-scan.js';
import { loadKernelSync } from '../../../src/scan/kernel/load-kernel.js';
import type { Matcher, ScanOutcome } from '../../../src/scan/matcher.js';
import { createMatcher } from '../../../src/scan/multi-matcher.js';
import { loadHostEngines } from '../../host-engine.js';
import { nameOf } from '../../inputs/literals.js';
import type { BenchSignature } from '../../inputs/signature-set.js';
import { ndbOf } from '../../inputs/signature-text.js';
import type { EngineInput, InProcessScan } from '../in-process.js';

/** Ours over the WebAssembly kernel. */
export function startKernel({ signatures }: EngineInput): InProcessScan<Buffer, ScanOutcome> {
  return overMatcher(createMatcher(byteSignatures(signatures), { kernel: loadKernelSync(), histogram: goodwareHistogram() }));
}

/** Ours in TypeScript alone. */
export function startTwin({ signatures }: EngineInput): InProcessScan<Buffer, ScanOutcome> {
  return overMatcher(createMatcher(byteSignatures(signatures), { histogram: goodwareHistogram() }));
}

/** Ours as an engine has it: the signatures compiled into an agent pattern, and that loaded. Set-up is the loading. */
export async function startPattern({ signatures }: EngineInput): Promise<InProcessScan<Buffer, ScanOutcome>> {
  const crypto = createNodeCrypto();
  const sources = [{ name: 'bench.ndb', format: 'ndb' as const, text: ndbOf(signatures) }];
  const { agent } = await compileSources(sources, { generation: 1, createdAt: 1_700_000_000_000, hostRule: 'labels5', crypto });
  const kernel = loadKernelSync();
  const before = performance.now();
  const { matcher } = createLocalPattern(decodeAgentPattern(openContainer(agent, { crypto })), 1, { kernel });
  return { ...overMatcher(matcher), setUpMs: performance.now() - before };
}

/** A host's. */
export async function startHostMatcher({ signatures, hostFile }: EngineInput): Promise<InProcessScan<Buffer, ScanOutcome>> {
  const [host] = await loadHostEngines(hostFile === undefined ? [] : [hostFile]);
  if (host?.createMatcher === undefined) {
    throw new Error('the module has no createMatcher');
  }
  return overMatcher(await host.createMatcher(byteSignatures(signatures)));
}

/** As `compile` would have them. */
export function byteSignatures(signatures: readonly BenchSignature[]): ByteSignature[] {
  return signatures.map(({ nodes }, i) => ({ threat: { name: nameOf(i), type: 'trojan' }, target: 0, offset: { kind: 'any' }, nodes }));
}

function overMatcher(matcher: Matcher): InProcessScan<Buffer, ScanOutcome> {
  return {
    prepare: (bytes) => bytes,
    scan(bytes) {
      const session = matcher.open({ allMatches: true, size: bytes.length });
      session.update(bytes);
      return session.finish(bytesSource(bytes), {});
    },
    found({ findings, incomplete }) {
      if (incomplete !== undefined) {
        throw new Error(`incomplete: ${incomplete}`);
      }
      return findings.map(({ threat }) => Number(threat.name.slice(threat.name.indexOf('.') + 1)));
    },
  };
}
