/** What every `ByteSource` promises to the checks that read it: the same bytes at the same place, and an end. */
import type { ByteSource } from '../../base/subject.js';
import { assertEqual, assertTrue, outcomeOf, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the content that the source has to give. */
export interface ByteSourceContext {
  readonly content: Uint8Array;
}

/** Options of `describeByteSource`. */
export interface ByteSourceSuiteOptions extends SuiteOptions<ByteSource, ByteSourceContext> {
  /** Writes other bytes of the same length into the object behind the source; for sources with an `identity`. */
  overwrite?(source: ByteSource, content: Uint8Array): void | Promise<void>;
}

interface Fixture {
  readonly make: (content: Uint8Array) => Promise<ByteSource>;
  readonly overwrite: ((source: ByteSource, content: Uint8Array) => void | Promise<void>) | undefined;
  readonly disposeAll: () => Promise<void>;
}

/** Registers the conformance suite of the byte source: what a host's own `FileSubject.open` gives. */
export function describeByteSource(runner: TestRunner, options: ByteSourceSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `ByteSource: ${options.name}`,
    tests: options.overwrite === undefined ? tests : { ...tests, ...identityTests },
    skip: options.skip,
    open: () => {
      const maker = createPartMaker(options);
      return { make: (content) => maker.make({ content }), overwrite: options.overwrite?.bind(options), disposeAll: () => maker.disposeAll() };
    },
    close: (fixture) => fixture.disposeAll(),
  });
}

const content: Uint8Array = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);

const tests: SuiteTests<Fixture> = {
  'read from the start to the end it gives the content': async ({ make }) => {
    for (const size of [0, 1, 65_535, 65_536, content.length]) {
      const source = await make(content.subarray(0, size));
      assertSame(`content of ${size} bytes`, await readAll(source, 65_536), content.subarray(0, size));
    }
  },
  'the size, where it is known, is the length of the content': async ({ make }) => {
    const { size } = await make(content);
    assertTrue(`size ${show(size)}`, size === undefined || size === content.length);
  },
  'it is read at any place, in any order, again': async ({ make }) => {
    const source = await make(content);
    for (const at of [199_990, 0, 100_000, 1, 100_000, 65_530, 199_999]) {
      assertSame(`bytes at ${at}`, await readExactly(source, at, 64), content.subarray(at, at + 64));
    }
  },
  'at and after the end it gives nothing': async ({ make }) => {
    const source = await make(content.subarray(0, 10));
    for (const at of [10, 11, 1_000_000, 2 ** 40]) {
      assertEqual(`bytes read at ${at}`, await source.read(at, new Uint8Array(8), {}), 0);
    }
  },
  'it writes no more than it says, and nothing outside of what it was given': async ({ make }) => {
    const source = await make(content.subarray(0, 10));
    const buffer = new Uint8Array(64).fill(0xee);
    const count = await source.read(4, buffer.subarray(16, 48), {});
    assertTrue(`bytes read: ${count}`, count >= 1 && count <= 6);
    assertSame('before', buffer.subarray(0, 16), new Uint8Array(16).fill(0xee));
    assertSame('read', buffer.subarray(16, 16 + count), content.subarray(4, 4 + count));
    assertSame('behind the buffer', buffer.subarray(48), new Uint8Array(16).fill(0xee));
  },
  'a signal that has already fired ends a read at once': async ({ make }) => {
    const source = await make(content);
    await within('aborted read', 1_000, outcomeOf(() => source.read(0, new Uint8Array(16), { signal: AbortSignal.abort() })));
    assertSame('the next read', await readExactly(source, 0, 16), content.subarray(0, 16));
  },
  'while nothing is written its identity stays': async ({ make }) => {
    const source = await make(content);
    const before = await source.identity?.();
    await readAll(source, 65_536);
    assertEqual('identity', await source.identity?.(), before);
  },
};

const identityTests: SuiteTests<Fixture> = {
  'when the object is written its identity changes': async ({ make, overwrite }) => {
    const source = await make(content.subarray(0, 1_000));
    const before = await source.identity?.();
    assertTrue(`identity: ${show(before)}`, before !== undefined && before.length > 0);
    await overwrite?.(source, content.subarray(1_000, 2_000));
    const after = await source.identity?.();
    assertTrue('identity after writing is another', after !== before);
  },
};

async function readAll(source: ByteSource, chunk: number): Promise<Uint8Array> {
  const whole = new Uint8Array(content.length + 1);
  let at = 0;
  for (let turn = 0; turn <= whole.length; turn++) {
    const count = await source.read(at, whole.subarray(at, Math.min(whole.length, at + chunk)), {});
    if (count === 0) {
      break;
    }
    at += count;
  }
  return whole.subarray(0, at);
}

/** Fewer bytes than asked are not the end: reads on until there are enough or no more. */
async function readExactly(source: ByteSource, at: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  let have = 0;
  for (let count = -1; count !== 0 && have < length; have += count) {
    count = await source.read(at + have, into.subarray(have), {});
  }
  return into.subarray(0, have);
}

function assertSame(what: string, actual: Uint8Array, expected: Uint8Array): void {
  assertEqual(`${what}: length`, actual.length, expected.length);
  assertEqual(`${what}: first difference`, actual.findIndex((byte, i) => byte !== expected[i]), -1);
}
