/** Lanes that take turns, in their plain form: an object an entry, sets and maps. What `src/pending/table/lanes.ts` is compared with. */

/** What stands in a lane. */
export interface Waiting {
  /** Kind and key: within an owner unique, but for entries that were adopted. */
  readonly identity: string;
  readonly lane: string;
  /** Smaller is older. */
  readonly order: number;
}

interface Lane<E> {
  readonly entries: Set<E>;
  /** Something older was put behind something younger. */
  mixed: boolean;
}

/** The lanes of one owner. */
export class Lanes<E extends Waiting> {
  /** The one whose turn is next comes first. */
  readonly #lanes = new Map<string, Lane<E>>();
  readonly #byIdentity = new Map<string, E>();
  /** Entries of an identity that another, older entry has as well. */
  readonly #twins = new Map<string, E[]>();
  #newest = -1;

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** The entry that a further subject of this kind and key joins. */
  same(identity: string): E | undefined {
    return this.#byIdentity.get(identity);
  }

  add(entry: E): void {
    const lane = this.#lanes.get(entry.lane) ?? { entries: new Set(), mixed: false };
    lane.entries.add(entry);
    lane.mixed ||= entry.order < this.#newest;
    this.#newest = Math.max(this.#newest, entry.order);
    this.#lanes.set(entry.lane, lane);
    this.#know([...this.#alike(entry.identity), entry], entry.identity);
  }

  delete(entry: E): void {
    const lane = this.#lanes.get(entry.lane);
    lane?.entries.delete(entry);
    if (lane?.entries.size === 0) {
      this.#lanes.delete(entry.lane);
    }
    this.#know(this.#alike(entry.identity).filter((one) => one !== entry), entry.identity);
  }

  #alike(identity: string): E[] {
    const first = this.#byIdentity.get(identity);
    return first === undefined ? [] : [first, ...(this.#twins.get(identity) ?? [])];
  }

  #know(alike: E[], identity: string): void {
    const [oldest, ...others] = alike.sort((a, b) => a.order - b.order);
    if (oldest === undefined) {
      this.#byIdentity.delete(identity);
    } else if (this.#byIdentity.get(identity) !== oldest) {
      this.#byIdentity.set(identity, oldest);
    }
    if (others.length > 0) {
      this.#twins.set(identity, others);
    } else {
      this.#twins.delete(identity);
    }
  }

  /** So many of those that may be taken, one of each lane in turn. The next call begins where this one ended. */
  take(limit: number, may: (entry: E) => boolean): E[] {
    const taken: E[] = [];
    const cursors = new Map<string, IterableIterator<E>>();
    // A lane that gave one goes to the end, and this very loop comes by it again.
    for (const [name, lane] of this.#lanes) {
      if (taken.length >= limit) {
        break;
      }
      const cursor = cursors.get(name) ?? inOrder(lane).values();
      cursors.set(name, cursor);
      const next = nextOf(cursor, may);
      if (next !== undefined) {
        taken.push(next);
        this.#lanes.delete(name);
        this.#lanes.set(name, lane);
      }
    }
    return taken;
  }
}

function inOrder<E extends Waiting>(lane: Lane<E>): Set<E> {
  if (lane.mixed) {
    const sorted = [...lane.entries].sort((a, b) => a.order - b.order);
    lane.entries.clear();
    sorted.forEach((entry) => lane.entries.add(entry));
    lane.mixed = false;
  }
  return lane.entries;
}

function nextOf<E>(cursor: IterableIterator<E>, may: (entry: E) => boolean): E | undefined {
  for (let step = cursor.next(); step.done !== true; step = cursor.next()) {
    if (may(step.value)) {
      return step.value;
    }
  }
  return undefined;
}
