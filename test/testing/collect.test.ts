import type * as nodeTest from 'node:test';
import { describe, expect, it } from 'vitest';
import { assertEqual, assertRejects, assertTrue, show, within } from '../../src/testing/assertions.js';
import { collect, runAll } from '../../src/testing/collect.js';
import { registerSuite } from '../../src/testing/runner.js';
import type { SuiteTests, TestRunner } from '../../src/testing/runner.js';
import { VedetteError } from '../../src/base/errors.js';

const tests: SuiteTests<{ log: string[] }> = {
  'the first passes': ({ log }) => void log.push('first'),
  'the second fails': ({ log }) => {
    log.push('second');
    throw new Error('as it should');
  },
};

function suite(log: string[], skip?: Record<string, string>): (runner: TestRunner) => void {
  return (runner) =>
    registerSuite(runner, {
      title: 'Thing: one',
      tests,
      skip,
      open: () => {
        log.push('open');
        return { log };
      },
      close: () => void log.push('close'),
    });
}

describe('collect and runAll', () => {
  it('list the tests without running any', () => {
    const log: string[] = [];
    const collected = collect(suite(log));
    expect(collected.map((test) => [test.name, test.skipped])).toEqual([
      ['Thing: one > the first passes', false],
      ['Thing: one > the second fails', false],
    ]);
    expect(log).toEqual([]);
  });

  it('run each test with a fixture of its own that is closed also after a failure', async () => {
    const log: string[] = [];
    const failures = await runAll(collect(suite(log)));
    expect(failures.map((failure) => [failure.name, (failure.error as Error).message])).toEqual([
      ['Thing: one > the second fails', 'as it should'],
    ]);
    expect(log).toEqual(['open', 'first', 'close', 'open', 'second', 'close']);
  });

  it('count a test that hangs as failed', async () => {
    const hanging = collect((runner) => runner.it('hangs', () => new Promise(() => undefined)));
    const failures = await runAll(hanging, { timeoutMs: 10 });
    expect(String(failures[0]?.error)).toContain('not settled within 10 ms');
  });

  it('do not run what is skipped, and its name says the reason', async () => {
    const log: string[] = [];
    const collected = collect(suite(log, { 'the second fails': 'it always does' }));
    expect(collected[1]?.name).toBe('Thing: one > the second fails (skipped: it always does)');
    expect(await runAll(collected)).toEqual([]);
    expect(log).toEqual(['open', 'first', 'close']);
  });

  it('refuse a skip of a test that is not there, or without a reason', () => {
    expect(() => collect(suite([], { 'the third': 'why not' }))).toThrow(/names no test of the suite: the third/);
    expect(() => collect(suite([], { 'the second fails': ' ' }))).toThrow(/gives no reason/);
  });

  it('work with a runner that knows no skip', async () => {
    const names: string[] = [];
    suite([], { 'the second fails': 'reason' })({ describe: (_, define) => define(), it: (name) => names.push(name) });
    expect(names).toEqual(['the first passes', 'the second fails (skipped: reason)']);
  });
});

describe('a test runner', () => {
  it('is whatever has describe and it: of vitest, of node:test', () => {
    const fits = (runner: typeof nodeTest): TestRunner => runner;
    expect(fits).toBeTypeOf('function');
    const own: TestRunner = { describe, it };
    expect('skip' in own.it).toBe(true);
  });
});

describe('assertions', () => {
  it('take bytes, plain data and absent properties for what they are', () => {
    const same: [unknown, unknown][] = [
      [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
      [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
      [{ a: 1, b: undefined }, { a: 1 }],
      [Number.NaN, Number.NaN],
    ];
    const different: [unknown, unknown][] = [
      [Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
      [Uint8Array.of(1, 2), [1, 2]],
      [Uint8Array.of(1), Uint16Array.of(1)],
      [[1, 2], [1, 2, 3]],
      [[undefined], []],
      [{ a: 1 }, { a: 1, b: 2 }],
      [[], {}],
      [null, undefined],
      [0, '0'],
    ];
    same.forEach(([a, b]) => expect(() => assertEqual('x', a, b)).not.toThrow());
    different.forEach(([a, b]) => expect(() => assertEqual('x', a, b), show([a, b])).toThrow(/^x: expected/));
  });

  it('name the thing, what was expected and what came', async () => {
    expect(() => assertEqual('size', 1, 2)).toThrow('size: expected 2, got 1');
    expect(() => assertTrue('it holds', false)).toThrow('it holds');
    await expect(assertRejects('call', async () => 7)).rejects.toThrow('call: expected an error, got 7');
    const other = new VedetteError('closed', 'over');
    await expect(assertRejects('call', async () => Promise.reject(other), 'aborted')).rejects.toThrow(
      'call: expected a VedetteError aborted, got VedetteError closed (over)',
    );
    expect(await assertRejects('call', () => Promise.reject(other), 'closed')).toBe(other);
    await expect(within('wait', 5, new Promise(() => undefined))).rejects.toThrow('wait: not settled within 5 ms');
  });
});
