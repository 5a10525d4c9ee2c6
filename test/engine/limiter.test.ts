import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../src/engine/family/limiter.js';
import { VedetteError } from '../../src/base/errors.js';

const never = new AbortController().signal;

describe('the limiter', () => {
  it('gives out as many turns as it may, keeps a line, and refuses exactly the one after it', async () => {
    const limiter = createLimiter({ concurrent: 2, waiting: 1 });
    const [first, second] = [await limiter.enter(never), await limiter.enter(never)];
    const third = limiter.enter(never);
    expect(await limiter.enter(never)).toBeUndefined();
    expect(limiter.active).toBe(2);
    first?.();
    expect(await third).toBeTypeOf('function');
    second?.();
    (await third)?.();
    expect(limiter.active).toBe(0);
  });

  it('counts a turn that is ended twice once', async () => {
    const limiter = createLimiter({ concurrent: 1, waiting: 0 });
    const leave = await limiter.enter(never);
    leave?.();
    leave?.();
    expect(limiter.active).toBe(0);
    expect(await limiter.enter(never)).toBeTypeOf('function');
    expect(await limiter.enter(never)).toBeUndefined();
  });

  it('lets who aborts out of the line without taking a turn', async () => {
    const limiter = createLimiter({ concurrent: 1, waiting: 1 });
    const leave = await limiter.enter(never);
    const caller = new AbortController();
    const waiting = limiter.enter(caller.signal);
    caller.abort();
    await expect(waiting).rejects.toSatisfy((error) => VedetteError.is(error) && error.code === 'aborted');
    leave?.();
    expect(limiter.active).toBe(0);
  });

  it('lets more in when the bounds grow', async () => {
    const limiter = createLimiter({ concurrent: 1, waiting: 5 });
    await limiter.enter(never);
    const waiting = limiter.enter(never);
    limiter.resize({ concurrent: 2, waiting: 5 });
    expect(await waiting).toBeTypeOf('function');
  });
});
