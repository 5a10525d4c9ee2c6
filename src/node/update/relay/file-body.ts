/** A file as the body of a response, from an offset to its signed length, piece by piece and at a pace. */
import type { DurableFile } from '../../files/durable-files.js';
import type { Pace } from './pace.js';

/** What of a file is sent, and how. */
export interface FileBodyOptions {
  readonly from: number;
  /** Offset behind the last byte. */
  readonly to: number;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Called once, when nothing more is read. */
  end(): Promise<void>;
}

const chunkBytes = 65_536;

/** The stream. A file that is shorter than it was fails on the way, so that nobody takes the part for the whole. */
export function fileBody(file: DurableFile, options: FileBodyOptions): ReadableStream<Uint8Array> {
  const { to, pace, signal } = options;
  let at = options.from;
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => (ended ??= options.end());

  async function next(): Promise<Uint8Array> {
    const chunk = new Uint8Array(Math.min(chunkBytes, to - at));
    await pace.take(chunk.length, signal);
    const count = await file.read(at, chunk);
    if (count === 0 && chunk.length > 0) {
      throw new Error('the file is shorter than it was');
    }
    at += count;
    return chunk.subarray(0, count);
  }

  async function pull(sink: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const chunk = await next();
      if (chunk.length > 0) {
        sink.enqueue(chunk);
      }
      if (at >= to) {
        await end();
        sink.close();
      }
    } catch (error) {
      await end();
      sink.error(error);
    }
  }

  // Nothing is read before it is asked for: a download that nobody reads counts as one under way.
  return new ReadableStream<Uint8Array>({ pull, cancel: end }, { highWaterMark: 0 });
}
