/**
 * Files of a repository: metadata under a small limit, targets cut at the length that was signed for. A target that
 * was cut off goes on where it ended (byte ranges), at the same source or another; it comes as it is, since ranges of a
 * compressed body would be others (what is compressed is a target of its own).
 */
import { concatBytes } from '../../../base/bytes.js';
import type { PackedFile } from '../../../update/catalogue.js';
import { assertStatus, getBody, type Got, type Wire } from './http-body.js';
import { openPart, type PartFile, type PartPlace } from './part-file.js';
import { transferError } from './transfer-error.js';

/** Limits of transfers. */
export interface TransferLimits {
  /** Metadata whose length nobody has signed for: root and timestamp (64 KiB). */
  readonly maxUnsignedBytes: number;
  /** Metadata whose length is signed for (8 MiB). */
  readonly maxMetadataBytes: number;
  /** For one metadata file (30 s). */
  readonly metadataDeadlineMs: number;
  /** For a target, besides what its length takes at `minBytesPerSecond` (60 s). */
  readonly targetDeadlineMs: number;
  /** A source that is slower is left (16 KiB). */
  readonly minBytesPerSecond: number;
}

/** The defaults. */
export const transferLimits: TransferLimits = {
  maxUnsignedBytes: 65_536,
  maxMetadataBytes: 8 * 1024 * 1024,
  metadataDeadlineMs: 30_000,
  targetDeadlineMs: 60_000,
  minBytesPerSecond: 16_384,
};

/** The bytes of a small file. */
export async function fetchBytes(url: string, maxBytes: number, wire: Wire & { readonly limits: TransferLimits }): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await getBody(url, { maxBytes, deadlineMs: wire.limits.metadataDeadlineMs }, {
    ...wire,
    onHead: (got) => {
      assertStatus(url, got, { expected: [200], clock: wire.clock });
      return (chunk) => void chunks.push(chunk);
    },
  });
  return concatBytes(chunks);
}

/** Where a target is put together. */
export interface TargetPlace extends PartPlace {
  readonly limits: TransferLimits;
}

/**
 * The bytes of a target, by its digest. What came before is not asked for again.
 * @throws VedetteError `transport-failed`; cause `substituted-file` when it is not the file that was signed for.
 */
export async function fetchTarget(url: string, offer: Pick<PackedFile, 'length' | 'sha256'>, how: Wire & TargetPlace): Promise<Uint8Array> {
  const part = await openPart(how, offer);
  try {
    const wasBegun = part.length > 0;
    const bytes = await complete(url, part, { ...how, offer });
    if (bytes !== undefined) {
      return bytes;
    }
    // The beginning may have come from somebody else: from here alone it must fit.
    const again = wasBegun ? await complete(url, part, { ...how, offer }) : undefined;
    if (again === undefined) {
      throw transferError('substituted-file', `substituted file: ${url} is not the file that was signed for`);
    }
    return again;
  } finally {
    await part.close();
  }
}

type TargetWork = Wire & TargetPlace & { readonly offer: Pick<PackedFile, 'length' | 'sha256'> };

async function complete(url: string, part: PartFile, how: TargetWork): Promise<Uint8Array | undefined> {
  if (part.length < how.offer.length) {
    await fetchRest(url, part, how);
  }
  if (part.length < how.offer.length) {
    throw transferError('too-short', `${url} ended after ${part.length} of ${how.offer.length} bytes`);
  }
  return part.finish();
}

async function fetchRest(url: string, part: PartFile, how: TargetWork): Promise<void> {
  const { limits, offer } = how;
  const from = part.length;
  const left = offer.length - from;
  const deadlineMs = limits.targetDeadlineMs + (left / limits.minBytesPerSecond) * 1000;
  const headers = { 'accept-encoding': 'identity', ...(from === 0 ? {} : { range: `bytes=${from}-` }) };
  let restart = Promise.resolve();
  await getBody(url, { headers, maxBytes: offer.length, deadlineMs }, {
    ...how,
    onHead: (got) => {
      if (from > 0 && !continues(got, from)) {
        restart = part.restart();
      }
      assertStatus(url, got, { expected: [200, 206], clock: how.clock });
      return async (chunk) => {
        await restart;
        if (part.length + chunk.length > offer.length) {
          throw transferError('endless-data', `endless data: ${url} has more than the ${offer.length} bytes that were signed for`);
        }
        await part.append(chunk);
      };
    },
  }).finally(() => restart);
}

/** The source goes on where it was asked to. Anything else is taken from the beginning. */
function continues(got: Got, from: number): boolean {
  // A source that is out of order for the moment has not said that the beginning is wrong.
  const isOutOfOrder = got.status >= 400 && got.status !== 416;
  return isOutOfOrder || (got.status === 206 && new RegExp(`^bytes ${from}-`).test(got.headers.get('content-range') ?? ''));
}
