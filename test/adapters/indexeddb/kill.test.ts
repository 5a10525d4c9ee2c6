/**
 * A queue whose process ends in the middle of any call: at a request, between two, or when the last has succeeded and
 * the transaction is not complete. What was acknowledged is there afterwards, what was not has never happened.
 */
import './requests.js';
import { describe, expect, it } from 'vitest';
import { connect, type Connection } from '../../../src/adapters/indexeddb/connection.js';
import { createQueue } from '../../../src/adapters/indexeddb/pending/queue.js';
import type { PendingQueue } from '../../../src/pending/pending-queue.js';
import { outcomeOf, toArray } from '../../../src/testing/assertions.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { QueueModel } from '../../pending/queue-model.js';
import { fileAt } from '../../pending/subjects.js';
import { freshName } from './database.js';
import { abort, withHook, type RequestHook } from './requests.js';

const wanted = Number(process.env['KILLS'] ?? 150);

/** What is asked of the queue, and what the model says to it. */
interface Call {
  ask(queue: PendingQueue): Promise<unknown>;
  expected(): unknown;
}

type Sabotage = (connection: Connection) => Connection;

interface World {
  readonly clock: FakeClock;
  readonly model: QueueModel;
  readonly random: () => number;
  open(): Promise<{ readonly queue: PendingQueue; readonly close: () => Promise<void> }>;
  /** The next id of both. */
  level(): void;
}

function createWorld(seed: number, sabotage: Sabotage): World {
  const name = freshName();
  const clock = new FakeClock();
  const given = { queue: 0, model: 0 };
  const bounds = { maxEntries: 6, maxBytes: 20_000 };
  return {
    clock,
    random: createSeededRandom(seed),
    model: new QueueModel({ ...bounds, clock, durability: 'disk', ids: () => `id${given.model++}` }),
    level: () => void (given.model = given.queue),
    async open() {
      const connection = await connect({ name, clock, waitMs: 1000 });
      const parts = { clock, report: fail, process: 'one clock', ids: () => `id${given.queue++}`, ...bounds };
      return { queue: createQueue({ ...parts, connection: sabotage(connection) }), close: () => connection.close() };
    },
  };
}

function fail(damage: object): never {
  throw new Error(`damage: ${JSON.stringify(damage)}`);
}

/** One call, and what the model makes of it. */
function randomCall({ model, random, clock }: World): Call {
  const chance = random();
  const below = (n: number): number => Math.floor(random() * n);
  const entry = model.entries[below(model.entries.length)];
  const item = entry?.items[below(entry.items.length)]?.id ?? 'none';
  const id = entry?.id ?? 'none';
  if (chance < 0.4) {
    const subjects = Array.from({ length: 1 + below(4) }, () => fileAt(`c${below(8)}`, `/p${below(4)}`));
    return { ask: (queue) => queue.enqueue(subjects), expected: () => model.enqueue(subjects) };
  }
  if (chance < 0.55) {
    const options = { limit: 1 + below(4), leaseMs: 1 + below(5000) };
    const nextClaim = (id: string): number => (model.entries.find((one) => one.id === id)?.lastClaim ?? 0) + 1;
    const first = [...model.claimable('main', options).values()].flat().slice(0, options.limit).map((one) => ({ id: one, claim: nextClaim(one) }));
    return { ask: (queue) => queue.claim('main', options), expected: () => model.claim(first, options.leaseMs) };
  }
  if (chance < 0.7) {
    return { ask: (queue) => queue.intend(id, item, { will: chance }), expected: () => model.intend(id, item, { will: chance }) };
  }
  if (chance < 0.87) {
    return { ask: (queue) => queue.settle(id, item, { done: chance }), expected: () => model.settle(id, item, { done: chance }) };
  }
  if (chance < 0.9) {
    const [from = '', to = ''] = chance < 0.88 ? ['main', 'other'] : ['other', 'main'];
    return { ask: async (queue) => queue.adopt?.(from, to), expected: () => model.adopt(from, to) };
  }
  const options = { notBeforeAt: clock.now() + below(5000), dead: chance > 0.95, failed: chance > 0.97, escalated: chance > 0.98 };
  return { ask: (queue) => queue.release(id, options), expected: () => model.release(id, options) };
}

/** Ends the transaction at the n-th of these moments: before a request, and after it has succeeded. */
function killAt(n: number): RequestHook & { readonly struck: () => boolean } {
  let moment = 0;
  let struck = false;
  const strike = (transaction: IDBTransaction): void => {
    struck ||= moment++ === n;
    if (struck) {
      abort(transaction);
    }
  };
  return {
    struck: () => struck,
    before(transaction) {
      strike(transaction);
      if (struck) {
        throw new Error('killed');
      }
    },
    after: (transaction) => strike(transaction),
  };
}

/** A life with kills; the number of calls that were struck. @throws where queue and model part. */
async function live(seed: number, steps: number, sabotage: Sabotage): Promise<number> {
  const world = createWorld(seed, sabotage);
  let opened = await world.open();
  let kills = 0;
  for (let step = 0; step < steps; step++) {
    const call = randomCall(world);
    const killer = killAt(world.random() < 0.7 ? Math.floor(world.random() ** 2 * 60) : Number.POSITIVE_INFINITY);
    const outcome = await withHook(killer, () => outcomeOf(() => call.ask(opened.queue)));
    if (outcome.kind === 'resolved') {
      expect(outcome.value, `seed ${seed}, step ${step}`).toEqual(call.expected());
    } else {
      expect(killer.struck(), `seed ${seed}, step ${step}: ${String(outcome.error)}`).toBe(true);
      kills++;
    }
    world.level();
    if (killer.struck()) {
      await opened.close();
      opened = await world.open();
    }
    expect(await toArray(opened.queue.list()), `seed ${seed}, step ${step}`).toEqual(world.model.list());
    expect(await opened.queue.counts('main'), `seed ${seed}, step ${step}`).toEqual(world.model.counts('main'));
    await world.clock.advance(Math.floor(world.random() * 2000));
  }
  await opened.close();
  return kills;
}

const honest: Sabotage = (connection) => connection;

/** The connection with another way to write. */
function writing(connection: Connection, write: Connection['write']): Connection {
  return { strict: connection.strict, created: connection.created, read: (stores, work) => connection.read(stores, work), write, close: () => connection.close() };
}

/** Believes that what was asked for will be done. */
const acknowledgesEarly: Sabotage = (connection) =>
  writing(connection, (stores, work, options) =>
    new Promise((resolve, reject) => {
      const write = connection.write(stores, async (transaction) => {
        const value = await work(transaction);
        resolve(value);
        return value;
      }, options);
      write.catch(reject);
    }),
  );

/** Reads in one transaction what it changes in another: others may have come in between, and half may be done. */
const looksAway: Sabotage = (connection) =>
  writing(connection, async (stores, work, options) => {
    const value = await connection.write(stores, work, options);
    await connection.write(['totals'], (transaction) => transaction.objectStore('totals').get('pending'), options);
    return value;
  });

describe('a queue that is killed in the middle of a call', () => {
  it('loses nothing that it acknowledged and invents nothing', { timeout: 600_000 }, async () => {
    let kills = 0;
    for (let seed = 1; kills < wanted; seed++) {
      kills += await live(seed, 60, honest);
    }
    expect(kills).toBeGreaterThanOrEqual(wanted);
  });

  it.each([
    ['acknowledges before the transaction is complete', acknowledgesEarly],
    ['takes more than one transaction for a call', looksAway],
  ])('would be caught if it %s', { timeout: 60_000 }, async (_, sabotage) => {
    const lives = Array.from({ length: 20 }, (_, i) => i + 1);
    const caught = await Promise.resolve(lives).then(async (seeds) => {
      for (const seed of seeds) {
        if ((await outcomeOf(() => live(seed, 60, sabotage))).kind === 'rejected') {
          return true;
        }
      }
      return false;
    });
    expect(caught).toBe(true);
  });
});
