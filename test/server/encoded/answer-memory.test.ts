import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../../src/server/encoded/answer-memory.js';
import { createHandler } from '../../../src/server/handler.js';
import { createTableStore } from '../../../src/server/store/table-store.js';
import { encodeQuery } from '../../../src/protocol/query-message.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { openTable, storedValues } from '../../support/stored-tables.js';
import { crypto, trusted } from '../../support/wire-fixtures.js';

describe('memory of answers', () => {
  it('is lent again when it was given back, at the size that is asked for', () => {
    const memory = new AnswerMemory();
    const [first, other] = [memory.take(100), memory.take(100)];
    expect(other.buffer).not.toBe(first.buffer);
    memory.giveBack(first.subarray(5, 9));
    expect(memory.take(40_000).buffer).not.toBe(first.buffer);
    expect(memory.take(32_768).buffer).toBe(first.buffer);
    expect(memory.take(100).buffer).not.toBe(first.buffer);
  });

  it('is never lent to two, however often it is given back', () => {
    const memory = new AnswerMemory();
    const one = memory.take(1);
    memory.giveBack(one);
    memory.giveBack(one);
    expect(memory.take(1).buffer).not.toBe(memory.take(1).buffer);
  });

  it('is not taken over from others, nor kept beyond its limits', () => {
    const memory = new AnswerMemory();
    const stranger = new Uint8Array(32_768);
    memory.giveBack(stranger);
    expect(memory.take(1).buffer).not.toBe(stranger.buffer);
    const large = memory.take(524_289);
    memory.giveBack(large);
    expect(memory.take(524_289).buffer).not.toBe(large.buffer);
    const many = Array.from({ length: 200 }, () => memory.take(1));
    many.forEach((one) => memory.giveBack(one));
    const again = new Set(Array.from({ length: 200 }, () => memory.take(1).buffer));
    expect(many.filter((one) => again.has(one.buffer))).toHaveLength(128);
  });

  it('of an answer that is still being sent is left alone by the next ones', async () => {
    const store = createTableStore(openTable(await storedValues([1, 2].map((byte) => ({
      kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(byte), disposition: 'malicious', threat: { name: `N${byte}`, type: 't' },
    })))));
    const handler = createHandler({ store, crypto, clock: new FakeClock(), signer: trusted });
    const bodies = [1, 2, 3].map((byte) => encodeQuery({ nonce: new Uint8Array(16).fill(byte), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: [new Uint8Array(4).fill(byte)] }], wants: 'direct' }));
    const alone = await Promise.all(bodies.map(async (body) => (await createHandler({ store, crypto, clock: new FakeClock(), signer: trusted }).answer!(body))!.slice()));
    for (let round = 0; round < 3; round++) {
      const together = await Promise.all(bodies.map((body) => handler.answer!(body)));
      expect(together).toEqual(alone);
      handler.sent?.(together[0]!);
      expect(await handler.answer!(bodies[1]!)).toEqual(alone[1]);
      expect(together.slice(1)).toEqual(alone.slice(1));
    }
  });
});
