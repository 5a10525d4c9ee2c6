/** A stream of subjects whose source or consumer does not behave. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { createWorld } from '../support/world.js';

const plain = (label: string): Subject => bytesSubject(toUtf8('nothing special'), { label });
const never = (): Promise<never> => new Promise(() => undefined);

describe('checkAll', () => {
  it('yields what is done while its source has nothing new', async () => {
    const { engine } = await createWorld();
    async function* slow(): AsyncGenerator<Subject> {
      yield plain('first');
      await never();
    }
    const results = engine.checkAll(slow())[Symbol.asyncIterator]();
    expect((await results.next()).value).toMatchObject({ subject: { label: 'first' } });
  });

  it('ends on the abort of its caller though its source never says anything', async () => {
    const { engine } = await createWorld();
    const caller = new AbortController();
    const silent: AsyncIterable<Subject> = { [Symbol.asyncIterator]: () => ({ next: never }) };
    const next = engine.checkAll(silent, { signal: caller.signal })[Symbol.asyncIterator]().next();
    await settle();
    caller.abort();
    await expect(next).rejects.toMatchObject({ code: 'aborted' });
  });

  it('gives up what is still being checked when its consumer goes away', async () => {
    const { engine } = await createWorld();
    let given: AbortSignal | undefined;
    const hanging: Subject = {
      kind: 'file',
      open: ({ signal }) => {
        given = signal;
        return never();
      },
    };
    for await (const result of engine.checkAll([hanging, plain('second')])) {
      expect(result.subject.label).toBe('second');
      break;
    }
    await settle();
    expect(given?.aborted).toBe(true);
  });

  it('hands on what its source throws, after the results that it had', async () => {
    const { engine } = await createWorld();
    async function* broken(): AsyncGenerator<Subject> {
      yield plain('first');
      await settle();
      throw new Error('no more');
    }
    const labels: unknown[] = [];
    const reading = (async () => {
      for await (const result of engine.checkAll(broken())) {
        labels.push(result.subject.label);
      }
    })();
    await expect(reading).rejects.toThrow('no more');
    expect(labels).toEqual(['first']);
  });

  it.each([Number.NaN, 0, 1.5])('refuses %s at a time instead of spinning', async (concurrency) => {
    const { engine } = await createWorld();
    await expect(engine.checkAll([plain('x')], { concurrency })[Symbol.asyncIterator]().next()).rejects.toThrow(RangeError);
  });

  it('keeps no more than its number in hand when the first is slow and order is wanted', async () => {
    const { engine } = await createWorld();
    let pulled = 0;
    function* many(): Generator<Subject> {
      yield { kind: 'file', open: never };
      for (pulled = 1; pulled < 1000; pulled++) {
        yield plain(String(pulled));
      }
    }
    void engine.checkAll(many(), { ordered: true, concurrency: 4 })[Symbol.asyncIterator]().next();
    await settle();
    expect(pulled).toBeLessThanOrEqual(4);
  });
});
