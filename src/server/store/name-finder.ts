/**
 * The index of a name in a table that grows: names that the server pattern came with are sorted and searched in place,
 * those that deltas added are held in a map, and a name that is nowhere is appended.
 */
import { compareText } from '../../pattern/bytes/text-order.js';
import type { StoredTable } from './stored/stored-table.js';
import type { StringsWriter } from './stored/stored-strings.js';

/** Added names that are held: beyond so many, some are written twice. */
const maxHeld = 1_000_000;

/** Finds or appends. `writer` holds the names of `base` already. */
export function createNameFinder(base: StoredTable, writer: StringsWriter): (name: string) => number {
  const { names, head } = base;
  const held = new Map<string, number>();
  for (let i = head.sortedNames; i < Math.min(names.count, head.sortedNames + maxHeld); i++) {
    held.set(names.at(i), i);
  }
  return (name) => {
    const known = held.get(name) ?? sortedIndex(name);
    const index = known ?? writer.append(name);
    if (held.size < maxHeld) {
      held.set(name, index);
    }
    return index;
  };

  function sortedIndex(name: string): number | undefined {
    let low = 0;
    let high = head.sortedNames;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (compareText(names.at(middle), name) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < head.sortedNames && names.at(low) === name ? low : undefined;
  }
}
