/**
 * The host's own lists with a place to stay. They are judged in memory, since every check asks them and none may wait;
 * the database is read once, and again when the host says that another tab has changed it.
 */
import type { Clock } from '../../base/seams.js';
import type { HostLists, ListRule } from '../../lists/host-lists.js';
import { createHostLists, type HostListOptions } from '../../preset/host-lists.js';
import type { Connection } from './connection.js';
import type { DamageReporter } from './damage.js';

/** How rules are read and bounded: as in `createHostLists`. */
export type ListSettings = Omit<HostListOptions, 'clock' | 'rules'>;

/** Host lists over a database. */
export interface StoredHostLists extends HostLists {
  /** Takes over what other tabs and workers have changed. */
  refresh(): Promise<void>;
}

/** What the lists are made of. */
export interface ListParts {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly settings: ListSettings;
  readonly report: DamageReporter;
}

/** Lists with the rules that are kept. A rule that is none is told and passed over. */
export async function openLists(parts: ListParts): Promise<StoredHostLists> {
  const { connection } = parts;
  let held = await readLists(parts);
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: a refresh that has read before a change was kept would put it out of force.
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    judge: (key) => held.lists.judge(key),
    hasUrlRules: () => held.lists.hasUrlRules?.() ?? true,
    entries: () => held.lists.entries(),
    async add(rule) {
      const kept = JSON.parse(JSON.stringify(rule)) as ListRule;
      await inTurn(() => addRule(held, kept, connection));
    },
    remove: (id) =>
      inTurn(async () => {
        await connection.write(['rules'], (transaction) => transaction.objectStore('rules').delete(id));
        held.rules.delete(id);
        await held.lists.remove(id);
      }),
    refresh: () =>
      inTurn(async () => {
        held = await readLists(parts);
      }),
  };
}

interface Held {
  readonly lists: HostLists;
  readonly rules: Map<string, ListRule>;
}

/** Holds at once, and is kept only when it could be taken. */
async function addRule(held: Held, kept: ListRule, connection: Connection): Promise<void> {
  const { lists, rules } = held;
  await lists.add(kept);
  const before = rules.get(kept.id);
  rules.set(kept.id, kept);
  try {
    await connection.write(['rules'], async (transaction) => {
      await transaction.objectStore('rules').put(kept);
    });
  } catch (error) {
    await takeBack(held, kept, before);
    throw error;
  }
}

/** What could not be kept must not hold until the next start only. */
async function takeBack({ lists, rules }: Held, rule: ListRule, before: ListRule | undefined): Promise<void> {
  if (before === undefined) {
    rules.delete(rule.id);
    await lists.remove(rule.id);
    return;
  }
  rules.set(rule.id, before);
  await lists.add(before);
}

async function readLists({ connection, clock, settings, report }: ListParts): Promise<Held> {
  const records = await connection.read(['rules'], (transaction) => transaction.objectStore('rules').getAll());
  const lists = createHostLists({ ...settings, clock });
  const rules = new Map<string, ListRule>();
  for (const record of records) {
    // untrusted: `add` checks what makes a rule one, and refuses the rest
    const rule = record as ListRule;
    try {
      await lists.add(rule);
      rules.set(rule.id, rule);
    } catch {
      report({ store: 'rules', key: JSON.stringify(rule.id), became: 'skipped' });
    }
  }
  return { lists, rules };
}
