/**
 * The assertions of the conformance suites: few, without a library, with messages that name the thing, what was
 * expected and what came. Any runner reports their error as a failed test.
 */
import { VedetteError } from '../base/errors.js';
import type { ErrorCode } from '../base/errors.js';
import { toHex } from '../base/bytes.js';

/** A promise of an interface that an implementation does not keep. */
export class ConformanceError extends Error {
  override readonly name: string = 'ConformanceError';
}

/** @throws ConformanceError with this text. */
export function fail(what: string): never {
  throw new ConformanceError(what);
}

/** @throws ConformanceError unless the condition holds. */
export function assertTrue(what: string, condition: boolean): asserts condition {
  if (!condition) {
    fail(what);
  }
}

/** The value, which must be there. @throws ConformanceError when it is undefined. */
export function present<T>(what: string, value: T | undefined): T {
  return value ?? fail(`${what}: expected a value, got undefined`);
}

/** Deep equality of plain data and bytes; a property that is undefined equals one that is not there. */
export function assertEqual(what: string, actual: unknown, expected: unknown): void {
  if (!sameValue(actual, expected)) {
    fail(`${what}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

/** The two lists hold equal texts, in any order. */
export function assertSameSet(what: string, actual: Iterable<string>, expected: Iterable<string>): void {
  assertEqual(what, [...actual].sort(), [...expected].sort());
}

/** The call rejects or throws, with this code when one is given. Gives the error back. */
export async function assertRejects(what: string, call: () => unknown, code?: ErrorCode): Promise<unknown> {
  const outcome = await outcomeOf(call);
  if (outcome.kind === 'resolved') {
    return fail(`${what}: expected ${code ?? 'an error'}, got ${show(outcome.value)}`);
  }
  if (code !== undefined && !(VedetteError.is(outcome.error) && outcome.error.code === code)) {
    return fail(`${what}: expected a VedetteError ${code}, got ${show(outcome.error)}`);
  }
  return outcome.error;
}

/** What a call came to, a throw included. */
export type Outcome<T> = { readonly kind: 'resolved'; readonly value: T } | { readonly kind: 'rejected'; readonly error: unknown };

/** Runs the call to its end and never throws. */
export async function outcomeOf<T>(call: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'resolved', value: await call() };
  } catch (error) {
    return { kind: 'rejected', error };
  }
}

/** The promise's own outcome, or a ConformanceError after `ms` of real time: a part that hangs must not hang the run. */
export async function within<T>(what: string, ms: number, promise: PromiseLike<T> | T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConformanceError(`${what}: not settled within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** All elements of an async sequence, at most `limit` of them. */
export async function toArray<T>(sequence: AsyncIterable<T>, limit = 100_000): Promise<T[]> {
  const all: T[] = [];
  for await (const one of sequence) {
    all.push(one);
    if (all.length > limit) {
      fail(`expected a sequence of at most ${limit} elements`);
    }
  }
  return all;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return false;
  }
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) {
    return a instanceof Uint8Array && b instanceof Uint8Array && toHex(a) === toHex(b);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => sameValue(one, b[i]));
  }
  return sameProperties(a as Record<string, unknown>, b as Record<string, unknown>);
}

function sameProperties(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) {
    if (!sameValue(a[name], b[name])) {
      return false;
    }
  }
  return true;
}

/** A short text of any value for a message. */
export function show(value: unknown): string {
  if (value instanceof Error) {
    return VedetteError.is(value) ? `VedetteError ${value.code} (${value.message})` : `${value.name} (${value.message})`;
  }
  const text = JSON.stringify(value, (_, one: unknown) =>
    one instanceof Uint8Array ? `bytes:${toHex(one.subarray(0, 40))}${one.length > 40 ? `… (${one.length})` : ''}` : typeof one === 'bigint' ? `${one}n` : one,
  ) as string | undefined;
  const shown = text ?? String(value);
  return shown.length > 600 ? `${shown.slice(0, 600)}…` : shown;
}
