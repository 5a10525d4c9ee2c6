import { describe, expect, it } from 'vitest';
import { EntryTable } from '../../../src/pending/table/entry-table.js';
import { packSubject } from '../../../src/pending/subject-record.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { fileAt } from '../subjects.js';
import { Lanes, type Waiting } from '../plain-lanes.js';

interface Plain extends Waiting {
  readonly id: string;
  readonly owner: string;
}

describe('the table of entries', () => {
  it('finds and takes what maps, sets and plain lanes do, over any coming, going and adopting', () => {
    const random = createSeededRandom(9);
    const table = new EntryTable(77);
    const byId = new Map<string, Plain>();
    const lanes = new Map<string, Lanes<Plain>>();
    const lanesOf = (owner: string): Lanes<Plain> => lanes.get(owner) ?? lanes.set(owner, new Lanes()).get(owner)!;
    let order = 0;
    const pick = (): Plain | undefined => [...byId.values()][Math.floor(random() * byId.size)];
    const add = (): void => {
      const [id, owner, key, lane] = [`id${order}`, random() < 0.5 ? 'a' : 'b', `key ${Math.floor(random() * 400)}`, `lane ${Math.floor(random() * 5)}`];
      if (table.same(owner, `file:${key}`) === -1) {
        table.add({ id, owner, identity: `file:${key}`, lane, item: { id: `i${id}`, at: 1, subject: packSubject(fileAt(key, `/${id}`, { owner }))! }, bytes: 1 });
        const plain = { id, owner, identity: `file:${key}`, lane, order: order++ };
        byId.set(id, plain);
        lanesOf(owner).add(plain);
      }
    };
    const remove = (one: Plain | undefined): void => {
      if (one !== undefined) {
        table.remove(table.find(one.id));
        byId.delete(one.id);
        lanesOf(one.owner).delete(one);
      }
    };
    const adopt = (one: Plain | undefined): void => {
      if (one !== undefined) {
        const owner = one.owner === 'a' ? 'b' : 'a';
        table.adopt(table.find(one.id), owner);
        lanesOf(one.owner).delete(one);
        const adopted = { ...one, owner };
        byId.set(one.id, adopted);
        lanesOf(owner).add(adopted);
      }
    };
    for (let step = 0; step < 6000; step++) {
      const chance = random();
      if (chance < 0.5) {
        add();
      } else if (chance < 0.75) {
        remove(pick());
      } else if (chance < 0.9) {
        adopt(pick());
      } else {
        const [owner, limit, bar] = [random() < 0.5 ? 'a' : 'b', Math.floor(random() * 8), random()];
        const may = (id: string): boolean => (Number(id.slice(2)) % 10) / 10 >= bar;
        const expected = lanesOf(owner).take(limit, (one) => may(one.id)).map((one) => one.id);
        expect(table.take(owner, limit, (row) => may(table.id(row))).map((row) => table.id(row))).toEqual(expected);
      }
    }
    expect(table.count).toBe(byId.size);
    expect(table.oldestFirst().map((row) => [table.id(row), table.owner(row)])).toEqual([...byId.values()].sort((a, b) => a.order - b.order).map((one) => [one.id, one.owner]));
    for (const one of byId.values()) {
      const same = table.same(one.owner, one.identity);
      expect(table.id(same)).toBe(lanesOf(one.owner).same(one.identity)?.id);
    }
    expect(table.find('nobody')).toBe(-1);
  });
});
