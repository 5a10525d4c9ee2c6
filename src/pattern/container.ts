/**
 * One file form for all components that are published (agent pattern, filter, server pattern, lists, action table):
 * named sections under their digests, optionally signed (Ed25519). docs/patterns.md has the layout.
 *
 * Opening proves that the bytes are whole; verifying proves who made them. What the sections mean is decided by the
 * codecs beside this file, which get their section only after its digest was found right.
 */
import { assertBytes, assertInteger } from '../base/assert.js';
import { concatBytes, equalBytes, toHex } from '../base/bytes.js';
import type { Crypto, Signer } from '../base/seams.js';
import { plainBytes } from './bytes/byte-reader.js';
import type { ComponentKind, ContainerHead, HeadShape, ParsedHead, SectionRow } from './container-format.js';
import { digestBytes, encodeSignedPart, formatVersion, headShape, isSectionName, parseHead, signingInput } from './container-format.js';
import { refused } from './refused.js';

export type { ComponentKind, ContainerHead } from './container-format.js';

/** How much is read of a container. Each limit is the largest value that passes. */
export interface ContainerLimits {
  /** The whole file. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Default 64. */
  readonly maxSections?: number;
  /** Any one section. Default 1 GiB. */
  readonly maxSectionBytes?: number;
}

/** An opened container. Its sections are views of the bytes that it was opened from: they are not to be changed. */
export interface Container extends ContainerHead {
  readonly formatVersion: number;
  /** Whose signature it carries (16 hex digits). Not checked by opening. */
  readonly keyId?: string;
  readonly sections: ReadonlyMap<string, Uint8Array>;
  readonly byteLength: number;
}

/** What a container is made from. */
export interface ContainerParts {
  readonly head: ContainerHead;
  /** In any order; the file has them sorted by name. */
  readonly sections: readonly (readonly [name: string, bytes: Uint8Array])[];
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly signer?: Signer | undefined;
}

/** What opening needs. */
export interface OpenOptions {
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly limits?: ContainerLimits | undefined;
}

/** What verifying needs. */
export interface VerifyOptions {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  /** Raw public keys (32 bytes each) whose signature counts. */
  readonly trust: readonly Uint8Array[];
  readonly limits?: ContainerLimits | undefined;
}

const defaults = { maxBytes: 2 ** 30, maxSections: 64, maxSectionBytes: 2 ** 30 } as const;

/**
 * The bytes of a component. The same parts give the same bytes (Ed25519 signatures are deterministic).
 * @throws RangeError for numbers out of range and for section names that are not plain or not unique.
 */
export async function buildContainer(parts: ContainerParts): Promise<Uint8Array> {
  assertHead(parts.head);
  const sections = sortedSections(parts.sections);
  const rows = sections.map(([name, bytes]): SectionRow => ({ name, length: bytes.length, digest: parts.crypto.sha256(bytes) }));
  const signedPart = encodeSignedPart(parts.head, rows, parts.signer !== undefined);
  const head = [signedPart];
  if (parts.signer !== undefined) {
    const signature = await parts.signer.sign(signingInput(signedPart));
    assertBytes('signature', signature, 64);
    head.push(keyIdBytes(parts.signer.publicKey, parts.crypto), signature);
  }
  const headBytes = concatBytes(head);
  return concatBytes([headBytes, parts.crypto.sha256(headBytes), ...sections.map(([, bytes]) => bytes)]);
}

/**
 * Opens a component after checking every byte of it against its digests.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, altered, not-a-pattern, version, limit, malformed.
 */
export function openContainer(untrusted: Uint8Array, options: OpenOptions): Container {
  const bytes = plainBytes(untrusted);
  const { head, rows, signature, headBytes } = openHead(bytes, options);
  const sections = new Map<string, Uint8Array>();
  let at = headBytes;
  for (const row of rows) {
    const section = bytes.subarray(at, at + row.length);
    if (!equalBytes(options.crypto.sha256(section), row.digest)) {
      throw refused('altered', `section ${row.name} is not what its digest says`, { section: row.name });
    }
    sections.set(row.name, section);
    at += row.length;
  }
  return {
    ...head,
    formatVersion,
    ...(signature === undefined ? {} : { keyId: toHex(signature.keyId) }),
    sections,
    byteLength: bytes.length,
  };
}

/**
 * The id of the trusted key that signed the component. Checks everything that opening checks as well.
 * @throws VedetteError `pattern-refused`, `detail.cause`: unsigned, untrusted, and all those of `openContainer`.
 */
export async function verifyContainer(bytes: Uint8Array, options: VerifyOptions): Promise<string> {
  const { keyId } = openContainer(bytes, options);
  if (keyId === undefined) {
    throw refused('unsigned', 'the component carries no signature');
  }
  const key = options.trust.find((candidate) => keyIdOf(candidate, options.crypto) === keyId);
  if (key === undefined) {
    throw refused('untrusted', `the component is signed by key ${keyId}, which is not trusted`, { keyId });
  }
  const shape = headShape(bytes);
  const signature = bytes.subarray(shape.headBytes - digestBytes - 64, shape.headBytes - digestBytes);
  if (!(await options.crypto.verify(key, signingInput(bytes.subarray(0, shape.signedBytes)), signature))) {
    throw refused('altered', `the signature by key ${keyId} does not fit the component`, { keyId });
  }
  return keyId;
}

/** The id by which a public key is named: the first 8 bytes of its SHA-256, in hex. */
export function keyIdOf(publicKey: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return toHex(keyIdBytes(publicKey, crypto));
}

/**
 * A section that the component has to have.
 * @throws VedetteError `pattern-refused` (`kind`) for another component, (`malformed`) when the section is not there.
 */
export function requireSection(container: Container, kind: ComponentKind, name: string): Uint8Array {
  requireKind(container, kind);
  const section = container.sections.get(name);
  if (section === undefined) {
    throw refused('malformed', `the ${kind} has no section ${name}`, { section: name });
  }
  return section;
}

/** @throws VedetteError `pattern-refused` (`kind`) when the container holds another component. */
export function requireKind(container: Container, kind: ComponentKind): void {
  if (container.kind !== kind) {
    throw refused('kind', `expected a ${kind}, the file is a ${container.kind}`, { expected: kind, kind: container.kind });
  }
}

function openHead(bytes: Uint8Array, options: OpenOptions): ParsedHead & HeadShape {
  const limits = { ...defaults, ...options.limits };
  limit('bytes', bytes.length, limits.maxBytes);
  const shape = headShape(bytes);
  limit('sections', shape.sections, limits.maxSections);
  if (bytes.length < shape.headBytes) {
    throw refused('truncated', `the head has ${shape.headBytes} bytes, ${bytes.length} are there`);
  }
  const digestAt = shape.headBytes - digestBytes;
  if (!equalBytes(options.crypto.sha256(bytes.subarray(0, digestAt)), bytes.subarray(digestAt, shape.headBytes))) {
    throw refused('altered', 'the head is not what its digest says', { section: 'head' });
  }
  const parsed = parseHead(bytes, shape);
  assertLengths(bytes, { rows: parsed.rows, headBytes: shape.headBytes, maxSectionBytes: limits.maxSectionBytes });
  return { ...parsed, ...shape };
}

function assertLengths(
  bytes: Uint8Array,
  facts: { readonly rows: readonly SectionRow[]; readonly headBytes: number; readonly maxSectionBytes: number },
): void {
  let expected = facts.headBytes;
  for (const row of facts.rows) {
    limit(`section ${row.name}`, row.length, facts.maxSectionBytes);
    expected += row.length;
  }
  if (bytes.length < expected) {
    throw refused('truncated', `the component has ${expected} bytes, ${bytes.length} are there`);
  }
  if (bytes.length > expected) {
    throw refused('malformed', `${bytes.length - expected} bytes follow the last section`);
  }
}

function limit(what: string, value: number, max: number): void {
  if (value > max) {
    throw refused('limit', `${what}: ${value} is over the limit of ${max}`, { what, value, max });
  }
}

function keyIdBytes(publicKey: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  assertBytes('public key', publicKey, 32);
  return crypto.sha256(publicKey).subarray(0, 8);
}

function sortedSections(sections: ContainerParts['sections']): ContainerParts['sections'] {
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  sorted.forEach(([name], i) => {
    if (!isSectionName(name) || name === sorted[i - 1]?.[0]) {
      throw new RangeError(`section names are 1 to 24 characters of a-z, 0-9, "-" and unique, got ${JSON.stringify(name)}`);
    }
  });
  return sorted;
}

function assertHead(head: ContainerHead): void {
  assertInteger('generation', head.generation, { min: 0 });
  assertInteger('createdAt', head.createdAt, { min: 0 });
  assertInteger('expiresAt', head.expiresAt, { min: 0 });
  assertInteger('periodMs', head.periodMs, { min: 0 });
}
