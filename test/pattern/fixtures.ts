/** What the tests of components share: a signer from a seed, a small container, and a way to expect a refusal. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { expect } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import type { Crypto, Signer } from '../../src/base/seams.js';
import type { ContainerHead, ContainerParts } from '../../src/pattern/container.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';

export const crypto: Crypto = createPortableCrypto();

/** A signer whose private key is one byte, 32 times. */
export function signerFrom(seed: number): Signer {
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed.toString(16).padStart(2, '0').repeat(32)}`, 'hex');
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { publicKey: new Uint8Array(spki.subarray(-32)), sign: (message) => new Uint8Array(sign(null, message, key)) };
}

export const head: ContainerHead = {
  kind: 'lists',
  generation: 7,
  createdAt: 1_700_000_000_000,
  expiresAt: 1_702_592_000_000,
  periodMs: 3_600_000,
};

/** Two short sections; override what a test is about. */
export function parts(changes: Partial<ContainerParts> = {}): ContainerParts {
  return {
    head,
    sections: [
      ['beta', Uint8Array.of(1, 2, 3)],
      ['alpha', Uint8Array.of(9)],
    ],
    crypto,
    ...changes,
  };
}

/** The cause with which an action is refused; anything but a `pattern-refused` error fails the test. */
export function causeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return causeIn(error);
  }
  return 'accepted';
}

/** The same for what is awaited. */
export async function causeOfAsync(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return causeIn(error);
  }
  return 'accepted';
}

function causeIn(error: unknown): string {
  if (!VedetteError.is(error)) {
    throw error;
  }
  expect(error.code).toBe('pattern-refused');
  return String((error.detail as { cause: string }).cause);
}

export function hex(text: string): Uint8Array {
  return fromHex(text.replaceAll(/\s/g, ''))!;
}

export { toHex };
