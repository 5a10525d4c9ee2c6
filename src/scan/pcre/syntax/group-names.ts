/** Capturing groups while they are being read: numbers, names, and references to groups that may come later. */
import type { PatternReader } from './reader.js';

interface Awaited {
  readonly name: string | number;
  readonly groups: number[];
}

/** Groups of one name, where that is allowed at all: a reference looks through all of them. */
const maxSameName = 20;

/** Counts and names groups. */
export class GroupNames {
  readonly #names = new Map<string, number[]>();
  readonly #named = new Set<number>();
  readonly #awaited: Awaited[] = [];
  readonly #most: number;
  /** Number of the last group that was opened. In a branch reset it goes back. */
  opened = 0;
  /** The greatest number of all. */
  count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The number of a group that opens here. */
  open(reader: PatternReader, name: string | undefined, sameNames: boolean): number {
    this.opened += 1;
    this.count = Math.max(this.count, this.opened);
    if (this.count > this.#most) {
      throw reader.fault(`there are more than ${this.#most} capturing groups`);
    }
    if (name !== undefined) {
      this.#name(reader, name, sameNames);
    }
    return this.opened;
  }

  /** The groups of a name or number, known once all was read. */
  await(name: string | number): readonly number[] {
    const groups: number[] = [];
    this.#awaited.push({ name, groups });
    return groups;
  }

  /** Fills in what was awaited, when all was read. */
  settle(reader: PatternReader): void {
    for (const { name, groups } of this.#awaited) {
      const found = typeof name === 'string' ? (this.#names.get(name) ?? []) : name >= 1 && name <= this.count ? [name] : [];
      if (found.length === 0) {
        throw reader.fault(`there is no group ${name}`);
      }
      groups.push(...found);
    }
  }

  #name(reader: PatternReader, name: string, sameNames: boolean): void {
    const numbers = this.#names.get(name) ?? [];
    if (numbers.includes(this.opened)) {
      return;
    }
    if ((numbers.length > 0 && !sameNames) || this.#named.has(this.opened)) {
      throw reader.fault(`two groups have the name ${name}, or one has two names`);
    }
    if (numbers.length >= maxSameName) {
      throw reader.fault(`more than ${maxSameName} groups have the name ${name}`);
    }
    this.#named.add(this.opened);
    this.#names.set(name, [...numbers, this.opened]);
  }
}

/** A group's name up to its terminator, which is taken too. */
export function readName(reader: PatternReader, terminator: string): string {
  const name = reader.takeUntil(terminator);
  if (!/^[A-Za-z_]\w{0,31}$/.test(name)) {
    throw reader.fault('a name of a group is not one word of at most 32 characters');
  }
  return name;
}
