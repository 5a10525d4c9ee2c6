/**
 * Builds the fuse filter of listed hosts. Deterministic: seeds are tried from 0 on, so that the same hosts give the
 * same bytes. Where a seed does not work, keys are left over whose slots all belong to others too.
 */
import { hostKey } from '../../base/host-hash.js';
import { firstWord, gateMask, markOf, placeOf, secondSlot, secondWord, slotCount, thirdSlot } from './fuse-slots.js';
import type { FuseLayout } from './fuse-slots.js';
import { createFields } from './packed-fields.js';

/** A built filter, as it is written. */
export interface HostFuse {
  readonly layout: FuseLayout;
  /** Distinct hosts in it. */
  readonly hosts: number;
  readonly gate: Uint32Array;
  /** A byte a slot: the lower bits of the marks. */
  readonly marks: Uint8Array;
  /** Bits of a field of the second plane: 2 of them for the class, the others for the rest of the mark. */
  readonly fieldBits: number;
  /** Packed fields, one a slot. */
  readonly fields: Uint8Array;
}

/** What one host is listed for: bits of `hostClass`. */
export interface ListedHost {
  readonly host: string;
  readonly classes: number;
}

/** Keys of 51 bits, ascending and unique, each times 4 with its classes in the lower two bits. */
type Keys = Float64Array;

const maxSeeds = 1000;

/** Bits of a slot, and of the gate for each host. */
interface Widths {
  readonly slotBits: number;
  readonly gateBits: (count: number, slots: number) => number;
}

/** 18 to 24 bits a host: where there are few, nothing is worth saving. */
const small: Widths = { slotBits: 16, gateBits: (count) => 4 * count };

/** Two bytes a host: the gate gets what the slots leave. */
const large: Widths = { slotBits: 11, gateBits: (count, slots) => 15.9 * count - 11 * slots };

const largeFrom = 65_536;

/** The filter of these hosts; one host may come more than once. @throws RangeError where no seed works (none is known). */
export function buildHostFuse(hosts: Iterable<ListedHost>): HostFuse {
  const keys = keysOf(hosts);
  for (let seed = 0; seed < maxSeeds; seed++) {
    const layout = { ...layoutFor(keys.length), seed };
    const order = peel(keys, layout);
    if (order !== undefined) {
      return { layout, hosts: keys.length, gate: gateOf(keys, layout), ...assign(keys, layout, order) };
    }
  }
  throw new RangeError(`host filter: none of ${maxSeeds} seeds works for ${keys.length} hosts`);
}

/** Hosts whose keys are equal are one host with the classes of both. */
function keysOf(hosts: Iterable<ListedHost>): Keys {
  const all = Float64Array.from(hosts, ({ host, classes }) => hostKey(host) * 4 + classes).sort();
  let count = 0;
  for (const one of all) {
    const last = count === 0 ? -1 : all[count - 1]!;
    if (last >= 0 && Math.floor(last / 4) === Math.floor(one / 4)) {
      all[count - 1] = last - (last % 4) + ((last % 4) | (one % 4));
    } else {
      all[count++] = one;
    }
  }
  return all.slice(0, count);
}

/** Segment length and slots a key as the paper gives them for arity 3. */
function layoutFor(count: number): Omit<FuseLayout, 'seed'> {
  const n = Math.max(count, 2);
  const segmentBits = Math.min(18, Math.floor(Math.log(n) / Math.log(3.33) + 2.25));
  const slotsPerKey = Math.max(1.125, 0.875 + (0.25 * Math.log(1_000_000)) / Math.log(n));
  const segmentCount = Math.max(1, Math.ceil((n * slotsPerKey) / 2 ** segmentBits) - 2);
  const gateBits = widthsFor(count).gateBits(count, slotCount({ segmentBits, segmentCount }));
  return { segmentBits, segmentCount, gateWords: Math.max(1, Math.floor(gateBits / 32)) };
}

function widthsFor(count: number): Widths {
  return count < largeFrom ? small : large;
}

function gateOf(keys: Keys, { seed, gateWords }: FuseLayout): Uint32Array {
  const gate = new Uint32Array(gateWords);
  for (const key of keys) {
    const { first, second } = wordsOf(key, seed);
    gate[placeOf(first, gateWords)]! |= gateMask(second);
  }
  return gate;
}

/** Key indices in the order in which they were freed, and the slot that each had to itself then. */
interface PeelOrder {
  readonly keys: Uint32Array;
  readonly slots: Uint32Array;
}

/** Takes away, again and again, a key that has a slot to itself; undefined when that ends before all are gone. */
function peel(keys: Keys, layout: FuseLayout): PeelOrder | undefined {
  const slots = slotCount(layout);
  const users = new Uint32Array(slots);
  const mixedUsers = new Uint32Array(slots);
  const visit = (index: number, step: 1 | -1, freed?: (slot: number) => void): void => {
    for (const slot of slotsOf(keys[index]!, layout)) {
      users[slot]! += step;
      mixedUsers[slot]! ^= index;
      if (users[slot] === 1) {
        freed?.(slot);
      }
    }
  };
  for (let index = 0; index < keys.length; index++) {
    visit(index, 1);
  }
  const order: PeelOrder = { keys: new Uint32Array(keys.length), slots: new Uint32Array(keys.length) };
  const free: number[] = [];
  users.forEach((count, slot) => count === 1 && free.push(slot));
  let done = 0;
  for (let slot = free.pop(); slot !== undefined; slot = free.pop()) {
    if (users[slot] === 1) {
      const index = mixedUsers[slot]!;
      order.keys[done] = index;
      order.slots[done++] = slot;
      visit(index, -1, (next) => free.push(next));
    }
  }
  return done === keys.length ? order : undefined;
}

/** Backwards, so that each key still finds its own slot untouched and gives it what its three slots lack. */
function assign(keys: Keys, layout: FuseLayout, order: PeelOrder): Pick<HostFuse, 'marks' | 'fieldBits' | 'fields'> {
  const slots = slotCount(layout);
  const fieldBits = widthsFor(keys.length).slotBits - 8;
  const marks = new Uint8Array(slots);
  const fields = createFields(slots, fieldBits);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[order.keys[i]!]!;
    const { first, second } = wordsOf(key, layout.seed);
    const mark = markOf(first, second);
    let low = mark & 0xff;
    let high = ((mark >>> 8) << 2) | key % 4;
    for (const slot of slotsOf(key, layout)) {
      low ^= marks[slot]!;
      high ^= fields.get(slot);
    }
    marks[order.slots[i]!] = low;
    fields.set(order.slots[i]!, high);
  }
  return { marks, fieldBits, fields: fields.bytes };
}

function wordsOf(key: number, seed: number): { readonly first: number; readonly second: number } {
  const bare = Math.floor(key / 4);
  const first = firstWord(Math.floor(bare / 0x8_0000) | 0, seed);
  return { first, second: secondWord((bare % 0x8_0000) << 13, first) };
}

function slotsOf(key: number, layout: FuseLayout): readonly [number, number, number] {
  const { first, second } = wordsOf(key, layout.seed);
  const slot = placeOf(first, layout.segmentCount * 2 ** layout.segmentBits);
  return [slot, secondSlot(slot, second, layout.segmentBits), thirdSlot(slot, second, layout.segmentBits)];
}
