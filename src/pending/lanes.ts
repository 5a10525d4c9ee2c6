/**
 * Who waits behind whom. The entries of one owner stand in lanes: one for the URLs of each site, one for files, one
 * for digests. Within a lane the oldest comes first, and the lanes take turns: ten thousand links to one site that
 * floods the queue do not keep a single file waiting (DESIGN rule 3).
 */
import type { NewPending } from './pending-queue.js';

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

/** The lane of a subject: its kind, and for a URL the last two labels of its host (no list of suffixes is at hand here). */
export function laneOf({ kind, url }: Pick<NewPending, 'kind' | 'url'>): string {
  return kind === 'url' && url !== undefined ? `url ${siteOf(url)}` : kind;
}

/** Cheap and total: it only keeps floods apart, and whatever is no host is a site like any other. */
function siteOf(url: string): string {
  const [, rest = url] = /^[a-z][a-z0-9+.-]*:\/*(.*)$/is.exec(url.slice(0, 2048)) ?? [];
  const authority = rest.slice(0, Math.max(0, rest.search(/[/?#\\]|$/)));
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '').toLowerCase();
  return /^[\d.]+$/.test(host) || host.startsWith('[') ? host : host.split('.').slice(-2).join('.');
}
