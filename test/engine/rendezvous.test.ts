import { describe, expect, it } from 'vitest';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { createRendezvous } from '../../src/engine/check/rendezvous.js';
import type { AskOptions, AskOutcome } from '../../src/query/query-client.js';
import { VedetteError } from '../../src/base/errors.js';

const print = (byte: number): Fingerprint => ({ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(byte) });
const answer = (fingerprint: Fingerprint): AskOutcome => ({
  kind: 'answered',
  answer: { asked: fingerprint.hash, records: [], ttlMs: 1 },
  from: String(fingerprint.hash[0]),
});

function recorded(): { readonly batches: Fingerprint[][]; readonly ask: (prints: readonly Fingerprint[]) => Promise<AskOutcome[]> } {
  const batches: Fingerprint[][] = [];
  return {
    batches,
    ask: async (prints) => {
      batches.push([...prints]);
      return prints.map(answer);
    },
  };
}

describe('the rendezvous', () => {
  it('makes one batch of all questions, equal fingerprints once, and gives each member its own answers', async () => {
    const { batches, ask } = recorded();
    const meeting = createRendezvous(3, ask);
    const one = meeting.seat(Symbol())([print(1), print(2)], {});
    const two = meeting.seat(Symbol())([print(2)], {});
    expect(batches).toEqual([]);
    const three = meeting.seat(Symbol())([print(3)], {});
    expect((await one).map((outcome) => outcome.kind === 'answered' && outcome.from)).toEqual(['1', '2']);
    expect((await two).map((outcome) => outcome.kind === 'answered' && outcome.from)).toEqual(['2']);
    await three;
    expect(batches).toEqual([[print(1), print(2), print(3)]]);
  });

  it('does not wait for members that are over without a question', async () => {
    const { batches, ask } = recorded();
    const meeting = createRendezvous(2, ask);
    const one = meeting.seat(Symbol())([print(1)], {});
    meeting.leave(Symbol());
    await one;
    expect(batches).toHaveLength(1);
  });

  it('asks at once for a member that comes back with a second question', async () => {
    const { batches, ask } = recorded();
    const meeting = createRendezvous(1, ask);
    const seat = meeting.seat(Symbol());
    await seat([print(1)], {});
    await seat([print(2)], {});
    expect(batches).toHaveLength(2);
  });

  it('ends the wait of a member that aborts, at once', async () => {
    const { ask } = recorded();
    const meeting = createRendezvous(2, ask);
    const caller = new AbortController();
    const waiting = meeting.seat(Symbol())([print(1)], { signal: caller.signal });
    caller.abort();
    await expect(waiting).rejects.toSatisfy((error) => VedetteError.is(error) && error.code === 'aborted');
  });

  it('gives a failure of the batch to every member', async () => {
    const meeting = createRendezvous(2, () => Promise.reject(new Error('down')));
    const waits = [meeting.seat(Symbol())([print(1)], {}), meeting.seat(Symbol())([print(2)], {})];
    const ends = await Promise.allSettled(waits);
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected']);
  });

  it('asks by the newest generation that any member knows of, and for the longest hold', async () => {
    const asked: AskOptions[] = [];
    const meeting = createRendezvous(2, async (_, options) => {
      asked.push(options);
      return [];
    });
    await Promise.all([
      meeting.seat(Symbol())([print(1)], { minGeneration: 1, holdMs: 5 }),
      meeting.seat(Symbol())([print(1)], { minGeneration: 7, holdMs: 3 }),
    ]);
    expect(asked).toMatchObject([{ minGeneration: 7, holdMs: 5 }]);
  });
});
