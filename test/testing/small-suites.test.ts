/** The suites of the small seams against wrong parts: state store, clock, chance, cryptography, location. */
import { describe, expect, it } from 'vitest';
import type { Clock, Crypto, Random, StateStore } from '../../src/base/seams.js';
import { VedetteError } from '../../src/base/errors.js';
import type { LocationProbe } from '../../src/location/location-probe.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { describeClock } from '../../src/testing/suites/clock-suite.js';
import { describeCrypto } from '../../src/testing/suites/crypto-suite.js';
import { describeLocationProbe } from '../../src/testing/suites/location-suite.js';
import { describeRandom } from '../../src/testing/suites/random-suite.js';
import { describeStateStore } from '../../src/testing/suites/state-store-suite.js';
import { failedTests, itCatches } from './sabotage.js';

describe('the suite of the state store', () => {
  type Create = () => StateStore;
  const suite = (runner: TestRunner, create: Create): void => describeStateStore(runner, { name: 'under test', create });
  const wrong =
    (change: (store: StateStore) => Partial<StateStore>): Create =>
    () => {
      const store = createMemoryState();
      return { ...store, ...change(store) };
    };

  itCatches<Create>(
    [
      { wrong: 'keeps nothing', part: wrong(() => ({ set: async () => undefined })), caughtBy: 'what was set comes back byte for byte' },
      { wrong: 'takes no empty value', part: wrong((store) => ({ get: async (key) => { const value = await store.get(key); return value?.length === 0 ? undefined : value; } })), caughtBy: 'an empty value is a value' },
      { wrong: 'keeps 64 KiB', part: wrong((store) => ({ get: async (key) => (await store.get(key))?.subarray(0, 65_536) })), caughtBy: 'a value of a mebibyte comes back whole' },
      { wrong: 'keeps the first value', part: wrong((store) => ({ set: async (key, value) => ((await store.get(key)) === undefined ? store.set(key, value) : undefined) })), caughtBy: 'a later value replaces an earlier one, longer or shorter' },
      { wrong: 'takes keys for file names without case', part: wrong((store) => ({ get: (key) => store.get(key.toLowerCase()), set: (key, value) => store.set(key.toLowerCase(), value) })), caughtBy: 'keys are told apart whatever characters they are made of' },
      { wrong: 'takes keys for paths', part: wrong((store) => ({ get: (key) => store.get(key.replaceAll('../', '')), set: (key, value) => store.set(key.replaceAll('../', ''), value) })), caughtBy: 'keys are told apart whatever characters they are made of' },
      { wrong: 'keeps the caller’s bytes', part: aliasingStore, caughtBy: 'the bytes given are copied' },
      { wrong: 'gives its own bytes out', part: aliasingStore, caughtBy: 'the bytes given back are the caller’s' },
      { wrong: 'sets the buffer behind a view', part: wrong((store) => ({ set: (key, value) => store.set(key, new Uint8Array(value.buffer)) })), caughtBy: 'a view sets only its own bytes' },
      { wrong: 'mixes sets that overlap', part: mixingStore, caughtBy: 'of sets that overlap in time one stays, whole' },
      { wrong: 'loses one of two sets that overlap', part: wrong((store) => { let busy = false; return { set: async (key, value) => { if (busy) { return; } busy = true; await Promise.resolve(); await store.set(key, value); busy = false; } }; }), caughtBy: 'sets of different keys that overlap in time all stay' },
    ],
    suite,
  );

  it('catches one that is not durable', async () => {
    const failed = await failedTests((runner) => describeStateStore(runner, { name: 'under test', create: createMemoryState, reopen: createMemoryState }));
    expect(failed).toEqual(['what was set is there after reopening']);
  });
});

function aliasingStore(): StateStore {
  const values = new Map<string, Uint8Array>();
  return { get: async (key) => values.get(key), set: async (key, value) => void values.set(key, value) };
}

function mixingStore(): StateStore {
  const values = new Map<string, Uint8Array>();
  return {
    get: async (key) => values.get(key)?.slice(),
    async set(key, value) {
      const half = value.length >> 1;
      values.set(key, new Uint8Array(value.length));
      values.get(key)?.set(value.subarray(0, half));
      await Promise.resolve();
      const there = values.get(key);
      there?.set(value.subarray(half, there.length), Math.min(half, there.length));
    },
  };
}

describe('the suite of the clock', () => {
  const suite = (runner: TestRunner, create: () => FakeClock): void =>
    describeClock(runner, { name: 'under test', create, pass: (clock, ms) => clock.advance(ms) });
  const wrong = (change: (good: Clock) => Partial<Clock>) => (): FakeClock => {
    const clock = new FakeClock();
    const good = { now: clock.now.bind(clock), monotonicMs: clock.monotonicMs.bind(clock), sleep: clock.sleep.bind(clock) };
    return Object.assign(clock, change(good));
  };

  itCatches<() => FakeClock>(
    [
      { wrong: 'counts in seconds', part: wrong((clock) => ({ now: () => clock.now() / 1000 })), caughtBy: 'now is an instant in epoch milliseconds' },
      { wrong: 'goes back', part: wrong(() => { let next = 0; return { monotonicMs: () => (next++ % 100) }; }), caughtBy: 'the monotonic time never goes back' },
      { wrong: 'stands still', part: wrong(() => ({ monotonicMs: () => 0 })), caughtBy: 'both times move on by what passes' },
      { wrong: 'wakes at once', part: wrong(() => ({ sleep: () => Promise.resolve() })), caughtBy: 'a wait does not end early' },
      { wrong: 'never wakes', part: wrong((clock) => ({ sleep: (_, signal) => clock.sleep(1e9, signal) })), caughtBy: 'a wait lasts as long as it was asked for, by the monotonic time' },
      { wrong: 'does not hear an abort', part: wrong((clock) => ({ sleep: (ms) => clock.sleep(ms, new AbortController().signal) })), caughtBy: 'an abort ends a wait at once with aborted' },
      { wrong: 'does not hear an abort that was before', part: wrong((clock) => ({ sleep: (ms, signal) => clock.sleep(ms, signal.aborted ? new AbortController().signal : signal) })), caughtBy: 'a signal that has already fired ends the wait before it begins' },
      { wrong: 'ends an aborted wait as if it were over', part: wrong((clock) => ({ sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => undefined) })), caughtBy: 'an abort ends a wait at once with aborted' },
      { wrong: 'rejects with an error of its own', part: wrong((clock) => ({ sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => Promise.reject(new VedetteError('closed', 'over'))) })), caughtBy: 'an abort ends a wait at once with aborted' },
    ],
    suite,
  );
});

describe('the suite of chance', () => {
  const suite = (runner: TestRunner, create: () => Random): void => describeRandom(runner, { name: 'under test', create });
  const seeded = createSeededRandom(3);
  itCatches<() => Random>(
    [
      { wrong: 'gives 1 now and then', part: () => () => (seeded() > 0.99 ? 1 : seeded()), caughtBy: 'numbers are at least 0 and less than 1' },
      { wrong: 'is not spread', part: () => () => seeded() ** 2, caughtBy: 'every tenth of the range gets about a tenth of the numbers' },
      { wrong: 'repeats itself', part: () => () => Math.floor(seeded() * 100) / 100, caughtBy: 'numbers are not repeated one after the other' },
    ],
    suite,
  );
});

describe('the suite of cryptography', () => {
  const suite = (runner: TestRunner, change: Partial<Crypto>): void =>
    describeCrypto(runner, { name: 'under test', create: () => ({ ...createPortableCrypto(), ...change }) });
  const good = createPortableCrypto();
  itCatches<Partial<Crypto>>(
    [
      { wrong: 'hashes the buffer behind a view', part: { sha256: (bytes) => good.sha256(new Uint8Array(bytes.buffer)) }, caughtBy: 'SHA-256 is that of the standard' },
      { wrong: 'believes everything', part: { verify: () => true }, caughtBy: 'a changed bit anywhere makes a signature bad' },
      { wrong: 'believes nothing', part: { verify: () => false }, caughtBy: 'good signatures are good' },
      { wrong: 'throws for a short key', part: { verify: (key, message, signature) => { if (key.length !== 32) { throw new TypeError('key'); } return good.verify(key, message, signature); } }, caughtBy: 'keys and signatures of a wrong form are bad, not an error' },
      { wrong: 'does not look at the scalar', part: { verify: (key, message, signature) => good.verify(key, message, reduced(signature)) }, caughtBy: 'a signature whose scalar is not reduced is bad' },
      { wrong: 'writes into its inputs', part: { sha256: (bytes) => { const digest = good.sha256(bytes); bytes.fill(0); return digest; } }, caughtBy: 'inputs are left as they were' },
      { wrong: 'always gives the same random bytes', part: { randomBytes: (count) => new Uint8Array(count) }, caughtBy: 'random bytes are as many as asked and never the same' },
    ],
    suite,
  );
});

/** The signature with the group order taken off its scalar once: what a verifier sees that reduces it itself. */
function reduced(signature: Uint8Array): Uint8Array {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let scalar = 0n;
  for (let i = 63; i >= 32; i--) {
    scalar = (scalar << 8n) | BigInt(signature[i] ?? 0);
  }
  const changed = signature.slice();
  for (let i = 32, rest = scalar % order; i < Math.min(64, changed.length); i++, rest >>= 8n) {
    changed[i] = Number(rest & 0xffn);
  }
  return changed;
}

describe('the suite of the location probe', () => {
  const suite = (runner: TestRunner, locate: LocationProbe['locate']): void => describeLocationProbe(runner, { name: 'under test', create: () => ({ locate }) });
  let turn = 0;
  itCatches<LocationProbe['locate']>(
    [
      { wrong: 'says a place of its own', part: async () => ({ location: 'home' as 'internal', by: 'me' }), caughtBy: 'it says internal or external and by what it knows' },
      { wrong: 'says not by what', part: async () => ({ location: 'internal', by: '' }), caughtBy: 'it says internal or external and by what it knows' },
      { wrong: 'says another place each time', part: async () => ({ location: turn++ % 2 === 0 ? 'internal' : 'external', by: 'turn' }), caughtBy: 'on an unchanged network it says the same again' },
      { wrong: 'does not hear an abort', part: ({ signal }) => (signal === undefined ? Promise.resolve({ location: 'internal', by: 'x' }) : new Promise(() => undefined)), caughtBy: 'an abort ends it at once, and the next call works' },
    ],
    suite,
  );
});
