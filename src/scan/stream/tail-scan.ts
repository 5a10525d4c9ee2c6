/** Bodies placed from the end of the subject: only when the end is known can the bytes before it be read again. */
import { VedetteError, throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { StreamScan } from './stream-scan.js';

/** Bytes read at once. */
const readBytes = 65_536;

/**
 * Feeds `scan` with the bytes from `from` to `to`. @returns false when the source ends before `to`.
 * @throws VedetteError `aborted`, `unsupported` (a source that counts wrong), and whatever the source throws.
 */
export async function feedRange(
  scan: StreamScan,
  range: { readonly from: number; readonly to: number; readonly source: ByteSource },
  options: Signal,
): Promise<boolean> {
  const window = new Uint8Array(Math.min(readBytes, range.to - range.from));
  for (let at = range.from; at < range.to && !scan.over; ) {
    throwIfAborted(options.signal);
    const into = window.subarray(0, Math.min(window.length, range.to - at));
    const reading = range.source.read(at, into, options);
    const count = typeof reading === 'number' ? reading : await reading;
    // untrusted: a source is the host's code over somebody's bytes
    if (!Number.isInteger(count) || count < 0 || count > into.length) {
      throw new VedetteError('unsupported', `a byte source returned ${count} for a read of ${into.length} bytes`);
    }
    if (count === 0) {
      return false;
    }
    scan.push(into.subarray(0, count));
    at += count;
  }
  return true;
}
