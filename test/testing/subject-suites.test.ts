/** The suites of byte source and opener against wrong parts. */
import { describe, expect, it } from 'vitest';
import { bytesSource, bytesSubject } from '../../src/base/subject.js';
import type { ByteSource } from '../../src/base/subject.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { describeByteSource } from '../../src/testing/suites/byte-source-suite.js';
import { describeOpener, type Opener } from '../../src/testing/suites/opener-suite.js';
import { failedTests, itCatches } from './sabotage.js';

describe('the suite of the byte source', () => {
  type Create = (content: Uint8Array) => ByteSource;
  const suite = (runner: TestRunner, create: Create): void => describeByteSource(runner, { name: 'under test', create: ({ content }) => create(content) });

  it('passes bytes in memory, in whole and in small pieces', async () => {
    expect(await failedTests((runner) => suite(runner, bytesSource))).toEqual([]);
    const hesitant: Create = (content) => ({ read: async (at, into, options) => bytesSource(content).read(at, into.subarray(0, 5_000), options) });
    expect(await failedTests((runner) => suite(runner, hesitant))).toEqual([]);
  });

  itCatches<Create>(
    [
      { wrong: 'ends early', part: (content) => bytesSource(content.subarray(0, 65_536)), caughtBy: 'read from the start to the end it gives the content' },
      { wrong: 'says a wrong size', part: (content) => ({ ...bytesSource(content), size: 7 }), caughtBy: 'the size, where it is known, is the length of the content' },
      { wrong: 'reads on from where it was', part: readsOn, caughtBy: 'it is read at any place, in any order, again' },
      { wrong: 'throws at the end', part: (content) => ({ read: (at, into, options) => { if (at > content.length) { throw new RangeError('end'); } return bytesSource(content).read(at, into, options); } }), caughtBy: 'at and after the end it gives nothing' },
      { wrong: 'takes places for 32 bits', part: (content) => ({ read: (at, into, options) => bytesSource(content).read(at | 0, into, options) }), caughtBy: 'at and after the end it gives nothing' },
      { wrong: 'says the size of the buffer', part: (content) => ({ read: async (at, into, options) => ((await bytesSource(content).read(at, into, options)) > 0 ? into.length : 0) }), caughtBy: 'it writes no more than it says, and nothing outside of what it was given' },
      { wrong: 'writes into the buffer behind a view', part: (content) => ({ read: (at, into) => { const part = content.subarray(at, at + into.length); new Uint8Array(into.buffer).set(part, 0); return part.length; } }), caughtBy: 'it writes no more than it says, and nothing outside of what it was given' },
      { wrong: 'changes its identity by itself', part: (content) => { let count = 0; return { ...bytesSource(content), identity: () => `${count++}` }; }, caughtBy: 'while nothing is written its identity stays' },
    ],
    suite,
  );

  it('catches an identity that does not change', async () => {
    const failed = await failedTests((runner) =>
      describeByteSource(runner, { name: 'under test', create: ({ content }) => ({ ...bytesSource(content), identity: () => 'size 1000' }), overwrite: () => undefined }),
    );
    expect(failed).toEqual(['when the object is written its identity changes']);
  });
});

function readsOn(content: Uint8Array): ByteSource {
  let position = 0;
  return {
    read(_, into) {
      const part = content.subarray(position, position + into.length);
      into.set(part);
      position += part.length;
      return part.length;
    },
  };
}

describe('the suite of the opener', () => {
  const known = { scheme: 'memory', ref: 'known' };
  const content = Uint8Array.of(1, 2, 3);
  const suite = (runner: TestRunner, opener: Opener): void =>
    describeOpener(runner, { name: 'under test', create: () => ({ opener, known, content, gone: { scheme: 'memory', ref: 'gone' } }) });
  const good: Opener = async (locator) => (locator.ref === 'known' ? bytesSubject(content, { locator }) : undefined);

  it('passes one over a table', async () => {
    expect(await failedTests((runner) => suite(runner, good))).toEqual([]);
  });

  itCatches<Opener>(
    [
      { wrong: 'loses the locator', part: async () => bytesSubject(content), caughtBy: 'what is there is opened, under the same locator' },
      { wrong: 'gives other bytes', part: async (locator) => bytesSubject(Uint8Array.of(9), { locator }), caughtBy: 'it gives the bytes of the object, more than once' },
      { wrong: 'gives something for what is gone', part: async (locator) => bytesSubject(content, { locator }), caughtBy: 'what is gone is said to be gone, at opening or at reading' },
      { wrong: 'does not hear an abort', part: (locator, { signal }) => (signal?.aborted === true ? new Promise(() => undefined) : good(locator, {})), caughtBy: 'a signal that has already fired ends it at once' },
    ],
    suite,
  );
});
