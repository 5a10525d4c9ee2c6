/**
 * The two ends of a delta: component files, looked at as head and sections. Opening checks the head's digest and lengths only;
 * sections are proven by the digest of what comes out of them.
 */
import { concatBytes, equalBytes, toHex } from '../../base/bytes.js';
import type { Crypto } from '../../base/seams.js';
import { plainBytes } from '../../pattern/bytes/byte-reader.js';
import type { ContainerHead, SectionRow, SignatureBlock } from '../../pattern/container-format.js';
import { digestBytes, encodeSignedPart, headShape, parseHead } from '../../pattern/container-format.js';
import { refused } from '../../pattern/refused.js';

/** A component file, cut at its seams. Everything is a view of its bytes. */
export interface ComponentFile {
  readonly head: ContainerHead;
  readonly signature: SignatureBlock | undefined;
  /** The digest at the end of the head: it covers every section, and so names the file. */
  readonly id: Uint8Array;
  readonly sections: ReadonlyMap<string, Uint8Array>;
}

/**
 * Cuts a file at its seams.
 * @throws VedetteError `pattern-refused` for what is no component or not whole. Sections are not compared with their digests.
 */
export function readComponentFile(untrusted: Uint8Array, crypto: Pick<Crypto, 'sha256'>): ComponentFile {
  const bytes = plainBytes(untrusted);
  const shape = headShape(bytes);
  const id = idOf(bytes, shape.headBytes);
  if (!equalBytes(crypto.sha256(bytes.subarray(0, shape.headBytes - digestBytes)), id)) {
    throw refused('altered', 'the head of the component is not what its digest says', { section: 'head' });
  }
  const { head, rows, signature } = parseHead(bytes, shape);
  const sections = new Map<string, Uint8Array>();
  let at = shape.headBytes;
  for (const { name, length } of rows) {
    sections.set(name, bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) {
    throw refused(bytes.length < at ? 'truncated' : 'malformed', `the component has ${at} bytes, ${bytes.length} are there`);
  }
  return { head, signature, id, sections };
}

/**
 * What names a component file in deltas: the digest at the end of its head, in hex.
 * @throws VedetteError `pattern-refused` for what is no component. The digest is not checked.
 */
export function contentId(file: Uint8Array): string {
  const bytes = plainBytes(file);
  return toHex(idOf(bytes, headShape(bytes).headBytes));
}

/** The head of a component file, its digest included. */
export function encodeHead(
  head: ContainerHead,
  rows: readonly SectionRow[],
  { signature, crypto }: { readonly signature: SignatureBlock | undefined; readonly crypto: Pick<Crypto, 'sha256'> },
): Uint8Array {
  const signedPart = encodeSignedPart(head, rows, signature !== undefined);
  const whole = concatBytes(signature === undefined ? [signedPart] : [signedPart, signature.keyId, signature.signature]);
  return concatBytes([whole, crypto.sha256(whole)]);
}

function idOf(bytes: Uint8Array, headBytes: number): Uint8Array {
  if (bytes.length < headBytes) {
    throw refused('truncated', `the head has ${headBytes} bytes, ${bytes.length} are there`);
  }
  return bytes.subarray(headBytes - digestBytes, headBytes);
}
