/** Host lists of a browser: a change and a refresh at once lose nothing. */
import { expect, it } from 'vitest';
import { openIndexedDbLists } from '../../../src/adapters/indexeddb.js';
import { toArray } from '../../../src/testing/assertions.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { freshName } from './database.js';

const sha256 = (digit: string): string => digit.repeat(64);

it.each(['refresh first', 'change first'] as const)('what is added or removed while the lists are refreshed holds: %s', async (order) => {
  const lists = await openIndexedDbLists({ name: freshName(), clock: new FakeClock() });
  await lists.add({ id: 'old', effect: 'blocked', sha256: sha256('a') });
  const changes = (): Promise<unknown> => Promise.all([lists.add({ id: 'new', effect: 'blocked', sha256: sha256('b') }), lists.remove('old')]);
  await Promise.all(order === 'refresh first' ? [lists.refresh(), changes()] : [changes(), lists.refresh()]);
  expect((await toArray(lists.entries())).map(({ id }) => id)).toEqual(['new']);
  await lists.refresh();
  expect((await toArray(lists.entries())).map(({ id }) => id)).toEqual(['new']);
  await lists.close();
});
