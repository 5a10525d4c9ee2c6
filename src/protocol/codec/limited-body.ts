/** Reads a body that somebody else sends: stops at the first byte over the limit and at once on abort. */
import { abortedError } from '../../base/errors.js';
import { concatBytes } from '../../base/bytes.js';

/** What came of it. After `too-large` and after a rejection the stream has been cancelled. */
export type LimitedBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large' };

/**
 * The whole stream, when it has at most `maxBytes`.
 * @throws VedetteError `aborted` when the signal fires; whatever the stream fails with.
 */
export async function readLimited(
  stream: ReadableStream<Uint8Array> | null,
  options: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<LimitedBody> {
  if (stream === null) {
    return { kind: 'whole', bytes: new Uint8Array(0) };
  }
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), options.signal);
      if (done) {
        return { kind: 'whole', bytes: concatBytes(parts) };
      }
      length += value.length;
      if (length > options.maxBytes) {
        return { kind: 'too-large' };
      }
      parts.push(value);
    }
  } finally {
    // Without effect on a stream that has ended. Not awaited: a source may take as long over its cancellation as it likes.
    reader.cancel().catch(() => undefined);
  }
}

/**
 * The promise, or a rejection with `aborted` as soon as the signal fires. The promise itself goes on unheard.
 * @throws VedetteError `aborted`.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(signal));
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
