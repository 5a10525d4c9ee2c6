import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createFanOut } from '../../src/base/fan-out.js';

describe('a fan-out', () => {
  it('puts one listener on a signal, however many follow', () => {
    const { follow } = createFanOut();
    const { signal } = new AbortController();
    Array.from({ length: 100 }, () => follow(signal, () => undefined));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  it('tells each follower once, and nobody who has left', () => {
    const { follow } = createFanOut();
    const controller = new AbortController();
    const told: string[] = [];
    follow(controller.signal, () => told.push('a'));
    const leave = follow(controller.signal, () => told.push('b'));
    follow(controller.signal, () => told.push('c'));
    leave();
    controller.abort();
    controller.abort();
    expect(told).toEqual(['a', 'c']);
  });

  it('tells at once who follows a signal that has fired, and nobody without one', () => {
    const { follow } = createFanOut();
    const told: string[] = [];
    follow(AbortSignal.abort(), () => told.push('late'));
    follow(undefined, () => told.push('never'));
    expect(told).toEqual(['late']);
  });

  it('lets a follower leave while others are told', () => {
    const { follow } = createFanOut();
    const controller = new AbortController();
    const told: string[] = [];
    let leave = (): void => undefined;
    follow(controller.signal, () => {
      told.push('first');
      leave();
    });
    leave = follow(controller.signal, () => told.push('second'));
    controller.abort();
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told[0]).toBe('first');
  });
});
