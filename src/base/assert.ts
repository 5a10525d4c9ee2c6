/** Checks for the caller's own mistakes: they throw `TypeError` or `RangeError` that name the thing and what came. */

/** @throws RangeError unless `value` is an integer in [min, max]. */
export function assertInteger(name: string, value: number, range: { readonly min: number; readonly max?: number }): void {
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isSafeInteger(value) || value < range.min || value > max) {
    throw new RangeError(`${name}: expected an integer from ${range.min} to ${max}, got ${value}`);
  }
}

/** @throws TypeError unless `bytes` is a Uint8Array of that length. */
export function assertBytes(name: string, bytes: Uint8Array, length?: number): void {
  if (!(bytes instanceof Uint8Array) || (length !== undefined && bytes.length !== length)) {
    throw new TypeError(`${name}: expected ${length === undefined ? 'bytes' : `${length} bytes`}, got ${describe(bytes)}`);
  }
}

/** For the end of an exhaustive switch: a value that the types say cannot come. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected value ${describe(value)}`);
}

function describe(value: unknown): string {
  return value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value) ?? typeof value;
}
