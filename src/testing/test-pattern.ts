/**
 * A small agent pattern for tests. Without one an engine cannot say clean of a file: nothing has looked at its bytes,
 * so the verdict is `unknown: no-pattern`.
 */
import { toUtf8 } from '../base/bytes.js';
import { emptyAgentPattern, encodeAgentPattern } from '../pattern/agent-pattern.js';
import { buildContainer } from '../pattern/container.js';
import type { ByteSignature } from '../pattern/signature.js';
import { createPortableCrypto } from '../preset/portable-crypto.js';
import type { Signer } from '../base/seams.js';

/** What a test pattern holds. */
export interface TestPatternOptions {
  /** By threat name the bytes (or the text in UTF-8) that every file is searched for. At least four bytes each. */
  readonly markers?: Readonly<Record<string, Uint8Array | string>>;
  /** 1 when absent. */
  readonly generation?: number;
  /** Epoch ms; the pattern never gets stale. Default: 2023-11-14, where `FakeClock` starts. */
  readonly createdAt?: number;
  /** Epoch ms; a hundred years after `createdAt` when absent. */
  readonly expiresAt?: number;
  /** For `engine.install`, which takes signed patterns only; `parts.pattern` takes unsigned ones. */
  readonly signer?: Signer;
}

const hundredYearsMs = 3_155_760_000_000;

/** The bytes of an agent pattern, for `parts.pattern` or `engine.install`. */
export function createTestPattern(options: TestPatternOptions = {}): Promise<Uint8Array> {
  const createdAt = options.createdAt ?? 1_700_000_000_000;
  const signatures = Object.entries(options.markers ?? {}).map(([name, marker]) => markerSignature(name, marker));
  return buildContainer({
    head: {
      kind: 'agent-pattern',
      generation: options.generation ?? 1,
      createdAt,
      expiresAt: options.expiresAt ?? createdAt + hundredYearsMs,
      periodMs: hundredYearsMs,
    },
    sections: encodeAgentPattern({ ...emptyAgentPattern, signatures }),
    crypto: createPortableCrypto(),
    signer: options.signer,
  });
}

function markerSignature(name: string, marker: Uint8Array | string): ByteSignature {
  const value = typeof marker === 'string' ? toUtf8(marker) : marker;
  const mask = new Uint8Array(value.length).fill(0xff);
  return { threat: { name, type: 'trojan' }, target: 0, offset: { kind: 'any' }, nodes: [{ kind: 'bytes', value, mask }] };
}
