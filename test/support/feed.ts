/** Small feeds for tests: signatures written by hand, and the components that they are split into. */
import { createHash } from 'node:crypto';
import { toUtf8 } from '../../src/base/bytes.js';
import type { HashAlgorithm, HostRule } from '../../src/base/fingerprint.js';
import type { Signer } from '../../src/base/seams.js';
import { urlExpression } from '../../src/fingerprint/url-expressions.js';
import { emptyAgentPattern, encodeAgentPattern } from '../../src/pattern/agent-pattern.js';
import { buildContainer, type ComponentKind } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import type { ByteSignature, LogicalSignature } from '../../src/pattern/signature.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';

export const crypto = createNodeCrypto();
export const dayMs = 86_400_000;
/** The instant at which every FakeClock of these tests starts. */
export const startAt = 1_700_000_000_000;

export interface Feed {
  readonly signatures?: readonly ByteSignature[];
  readonly logical?: readonly LogicalSignature[];
  readonly allow?: readonly HashEntry[];
  readonly hashes?: readonly HashEntry[];
}

export interface BuildOptions {
  readonly generation: number;
  /** Server generation that a filter covers. */
  readonly covers?: number;
  readonly hostRule?: HostRule;
  readonly createdAt?: number;
  readonly expiresAt?: number;
  readonly signer?: Signer;
}

/** A signature that is one literal at any offset. */
export function literal(name: string, text: string): ByteSignature {
  const value = toUtf8(text);
  return {
    threat: { name, type: 'trojan' },
    target: 0,
    offset: { kind: 'any' },
    nodes: [{ kind: 'bytes', value, mask: new Uint8Array(value.length).fill(0xff) }],
  };
}

/** An entry for a content by one of its digests. */
export function contentEntry(
  name: string,
  content: string | Uint8Array,
  options: { readonly algorithm?: HashAlgorithm; readonly sized?: boolean; readonly disposition?: HashEntry['disposition'] } = {},
): HashEntry {
  const bytes = typeof content === 'string' ? toUtf8(content) : content;
  const algorithm = options.algorithm ?? 'sha256';
  return {
    kind: 'file',
    algorithm,
    hash: new Uint8Array(createHash(algorithm).update(bytes).digest()),
    ...(options.sized === false ? {} : { size: bytes.length }),
    disposition: options.disposition ?? 'malicious',
    threat: { name, type: 'trojan' },
  };
}

/** An entry for the exact expression of a URL. */
export function urlEntry(name: string, url: string, change: Partial<HashEntry> = {}): HashEntry {
  const hash = new Uint8Array(createHash('sha256').update(urlExpression(url) ?? '').digest());
  return { kind: 'url', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name, type: 'malicious-url' }, ...change };
}

export function agentPattern(feed: Feed, options: BuildOptions): Promise<Uint8Array> {
  const data = { ...emptyAgentPattern, signatures: feed.signatures ?? [], logical: feed.logical ?? [], allow: feed.allow ?? [] };
  return build('agent-pattern', encodeAgentPattern(data), options);
}

export function filterPattern(feed: Feed, options: BuildOptions): Promise<Uint8Array> {
  const { covers = options.generation, hostRule = 'labels5' } = options;
  return build('filter', encodeFilter({ covers, hostRule, entries: feed.hashes ?? [] }), options);
}

export function serverPattern(feed: Feed, options: BuildOptions): Promise<Uint8Array> {
  return build('server-pattern', encodeServerPattern({ hostRule: options.hostRule ?? 'labels5', entries: feed.hashes ?? [] }), options);
}

function build(kind: ComponentKind, sections: readonly (readonly [string, Uint8Array])[], options: BuildOptions): Promise<Uint8Array> {
  const { generation, createdAt = startAt, expiresAt = startAt + 30 * dayMs, signer } = options;
  const periodMs = kind === 'agent-pattern' ? dayMs : 3_600_000;
  return buildContainer({
    head: { kind, generation, createdAt, expiresAt, periodMs },
    sections,
    crypto,
    ...(signer === undefined ? {} : { signer }),
  });
}
