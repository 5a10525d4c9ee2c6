/**
 * A server pattern on the disk that may be larger than memory: read once from beginning to end, with the digest of every
 * section and the signature over all of them, and then piece by piece. Each piece is compared with its own digest of the
 * first time, so that a file that changes in between is not believed.
 */
import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { equalBytes, toHex } from '../../base/bytes.js';
import type { Crypto } from '../../base/seams.js';
import { digestBytes, fixedHeadBytes, headShape, parseHead, signingInput, type ContainerHead, type HeadShape, type ParsedHead } from '../../pattern/container-format.js';
import { keyIdOf } from '../../pattern/container.js';
import { refused } from '../../pattern/refused.js';
import type { PatternSource, Region } from '../../server/store/import/pattern-cursor.js';
import { fileFault } from './file-fault.js';

/** What a file was found to be. */
export interface VerifiedPattern {
  readonly head: ContainerHead;
  /** What deltas call the file: the digest at the end of its head, in hex. */
  readonly contentId: string;
  /** The trusted key that signed it; undefined where none was asked for. */
  readonly signedBy: string | undefined;
  /** Where a section lies. */
  section(name: string): Region;
  readonly source: PatternSource;
  close(): void;
}

/** How a file is verified. */
export interface VerifyFileOptions {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  /** Raw public keys. With none, the file is the caller's own and needs no signature. */
  readonly trust: readonly Uint8Array[];
  /** Default 256 GiB. */
  readonly maxBytes?: number | undefined;
}

const pieceBytes = 1_048_576;
const maxSections = 64;
const defaultMaxBytes = 2 ** 38;

/** Verifies a server pattern. @throws VedetteError `pattern-refused`; `config-invalid` for a file that cannot be read. */
export async function verifyPatternFile(file: string, options: VerifyFileOptions): Promise<VerifiedPattern> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw fileFault(file, error);
  });
  try {
    const head = await readHead(handle, options);
    const signedBy = await signerOf(head, options);
    const digests = await readWhole(handle, head);
    return { ...describe(head), signedBy, ...openPieces(file, digests) };
  } finally {
    await handle.close();
  }
}

/** A head and its bytes. */
interface Head extends ParsedHead {
  readonly shape: HeadShape;
  readonly bytes: Uint8Array;
}

async function readHead(handle: FileHandle, options: VerifyFileOptions): Promise<Head> {
  const { size } = await handle.stat();
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (size > maxBytes) {
    throw refused('limit', `bytes: ${size} is over the limit of ${maxBytes}`);
  }
  const fixed = await readAt(handle, { at: 0, length: fixedHeadBytes });
  const shape = headShape(fixed);
  if (shape.sections > maxSections) {
    throw refused('limit', `sections: ${shape.sections} is over the limit of ${maxSections}`);
  }
  const bytes = await readAt(handle, { at: 0, length: shape.headBytes });
  const body = bytes.subarray(0, shape.headBytes - digestBytes);
  if (!equalBytes(options.crypto.sha256(body), bytes.subarray(body.length))) {
    throw refused('altered', 'the head is not what its digest says', { section: 'head' });
  }
  const parsed = parseHead(bytes, shape);
  if (parsed.head.kind !== 'server-pattern') {
    throw refused('kind', `expected a server-pattern, the file is a ${parsed.head.kind}`, { kind: parsed.head.kind });
  }
  const expected = parsed.rows.reduce((sum, row) => sum + row.length, shape.headBytes);
  if (expected !== size) {
    throw refused(size < expected ? 'truncated' : 'malformed', `the component has ${expected} bytes, ${size} are there`);
  }
  return { ...parsed, shape, bytes };
}

/** The trusted key behind the signature. With no keys to trust, nobody asks. */
async function signerOf({ signature, bytes, shape }: Head, { trust, crypto }: VerifyFileOptions): Promise<string | undefined> {
  if (trust.length === 0) {
    return undefined;
  }
  if (signature === undefined) {
    throw refused('unsigned', 'the component carries no signature');
  }
  const keyId = toHex(signature.keyId);
  const key = trust.find((candidate) => keyIdOf(candidate, crypto) === keyId);
  if (key === undefined) {
    throw refused('untrusted', `the component is signed by key ${keyId}, which is not trusted`, { keyId });
  }
  if (!(await crypto.verify(key, signingInput(bytes.subarray(0, shape.signedBytes)), signature.signature))) {
    throw refused('altered', `the signature by key ${keyId} does not fit the component`, { keyId });
  }
  return keyId;
}

/** The digests of all pieces, once those of all sections were found right. */
async function readWhole(handle: FileHandle, { rows, shape }: Head): Promise<Uint8Array[]> {
  const digests: Uint8Array[] = [];
  const piece = Buffer.allocUnsafe(pieceBytes);
  let section = { index: 0, left: rows[0]?.length ?? 0, hash: createHash('sha256') };
  const finishSections = (): void => {
    while (section.left === 0 && section.index < rows.length) {
      const row = rows[section.index]!;
      if (!equalBytes(section.hash.digest(), row.digest)) {
        throw refused('altered', `section ${row.name} is not what its digest says`, { section: row.name });
      }
      const index = section.index + 1;
      section = { index, left: rows[index]?.length ?? 0, hash: createHash('sha256') };
    }
  };
  for (let at = 0; ; at += pieceBytes) {
    const { bytesRead } = await handle.read(piece, 0, pieceBytes, at);
    if (bytesRead > 0) {
      digests.push(digest(piece.subarray(0, bytesRead)));
    }
    let rest = piece.subarray(Math.min(bytesRead, Math.max(0, shape.headBytes - at)), bytesRead);
    finishSections();
    while (rest.length > 0 && section.index < rows.length) {
      const now = rest.subarray(0, section.left);
      section.hash.update(now);
      section.left -= now.length;
      rest = rest.subarray(now.length);
      finishSections();
    }
    if (bytesRead < pieceBytes) {
      break;
    }
  }
  if (section.index < rows.length) {
    throw refused('truncated', 'the file became shorter while it was read');
  }
  return digests;
}

function describe({ head, rows, shape, bytes }: Head): Pick<VerifiedPattern, 'head' | 'contentId' | 'section'> {
  const regions = new Map<string, Region>();
  let at = shape.headBytes;
  for (const { name, length } of rows) {
    regions.set(name, { at, length });
    at += length;
  }
  return {
    head,
    contentId: toHex(bytes.subarray(shape.headBytes - digestBytes, shape.headBytes)),
    section(name) {
      const region = regions.get(name);
      if (region === undefined) {
        throw refused('malformed', `the server-pattern has no section ${name}`, { section: name });
      }
      return region;
    },
  };
}

function openPieces(file: string, digests: readonly Uint8Array[]): Pick<VerifiedPattern, 'source' | 'close'> {
  const descriptor = openSync(file, 'r');
  return {
    close: () => closeSync(descriptor),
    source: {
      pieceBytes,
      piece(index) {
        const bytes = new Uint8Array(pieceBytes);
        const length = readSync(descriptor, bytes, 0, pieceBytes, index * pieceBytes);
        const piece = bytes.subarray(0, length);
        if (digests[index] === undefined || !equalBytes(digest(piece), digests[index])) {
          throw refused('altered', 'the file changed while it was read');
        }
        return piece;
      },
    },
  };
}

function digest(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

async function readAt(handle: FileHandle, { at, length }: Region): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
