/** A host that checks one subject after the other goes on hearing its own timers and sockets. */
import { describe, expect, it } from 'vitest';
import { digestSubject } from '../../src/base/subject.js';
import { createBreath } from '../../src/engine/check/breath.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld } from '../support/world.js';

/** Time passes with every look at it, and waits of no length end with the next turns of the loop. */
class BusyClock extends FakeClock {
  looks = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.looks++ * 0.5;
  }

  override sleep(ms: number, signal: AbortSignal): Promise<void> {
    return ms === 0 ? settle() : super.sleep(ms, signal);
  }
}

function nextTurn(): { readonly has: () => boolean } {
  let come = false;
  void settle().then(() => {
    come = true;
  });
  return { has: () => come };
}

describe('a loop of checks', () => {
  it.each(['check', 'checkAll'] as const)('that the cache answers leaves the event loop its turns (%s)', async (how) => {
    const clock = new BusyClock();
    const world = await createWorld({ feed: { hashes: [contentEntry('Late', 'dropper')] }, without: ['filter'], parts: { clock } });
    const subject = digestSubject('ab'.repeat(32));
    await clock.run(world.engine.check(subject));
    const turn = nextTurn();
    let checks = 0;
    const most = 20_000;
    if (how === 'check') {
      for (; checks < most && !turn.has(); checks++) {
        await world.engine.check(subject);
      }
    } else {
      const subjects = function* (): Generator<typeof subject> {
        while (checks++ < most && !turn.has()) {
          yield subject;
        }
      };
      for await (const result of world.engine.checkAll(subjects())) {
        expect(result.pending.kind).toBe('none');
      }
    }
    expect(checks).toBeLessThan(most);
    await world.engine.close();
  });
});

describe('a breath', () => {
  it('is taken only where no turn has come for 50 ms, and costs nothing where turns come', async () => {
    const clock = new FakeClock();
    const breathe = createBreath(clock, new AbortController().signal);
    const taken: number[] = [];
    for (let check = 1; check <= 64 * 40; check++) {
      const turn = breathe();
      if (turn !== undefined) {
        taken.push(check);
      }
      if (check % 640 === 0) {
        await clock.advance(60);
      }
    }
    expect([taken, clock.sleeping]).toEqual([[], 0]);
  });

  it('is not taken any more by an engine that was closed', async () => {
    const closing = new AbortController();
    const clock = new FakeClock();
    const breathe = createBreath(clock, closing.signal);
    for (let check = 0; check < 64; check++) {
      void breathe();
    }
    expect(clock.sleeping).toBe(1);
    closing.abort();
    expect([Array.from({ length: 1000 }, () => breathe()).filter(Boolean), clock.sleeping]).toEqual([[], 0]);
  });
});
