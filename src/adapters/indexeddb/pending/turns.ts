/**
 * Lanes take turns: one entry of each, the oldest of it first, and the next claim begins where this one ended. The
 * same as `pending/lanes.ts`, over records instead of objects in memory.
 */
import type { Head } from './records.js';

/** Who was taken, and the lanes that had their turn, in its order. */
export interface Taken {
  readonly heads: readonly Head[];
  /** A lane more than once when it gave more than one: its last turn is the one that counts. */
  readonly lanes: readonly string[];
}

/**
 * Takes up to `limit` entries.
 * @param lanes all lanes of the owner, the one whose turn it is first; lanes that stand in no record come last
 * @param claimable entries that may be taken, oldest first
 */
export function takeInTurn(lanes: readonly string[], claimable: readonly Head[], limit: number): Taken {
  const waiting = new Map<string, Head[]>(lanes.map((lane) => [lane, []]));
  for (const head of claimable) {
    const lane = waiting.get(head.lane) ?? [];
    lane.push(head);
    waiting.set(head.lane, lane);
  }
  const heads: Head[] = [];
  const turns: string[] = [];
  let round = [...waiting].map(([lane, entries]) => ({ lane, entries, next: 0 })).filter(({ entries }) => entries.length > 0);
  while (round.length > 0 && heads.length < limit) {
    for (const lane of round.slice(0, limit - heads.length)) {
      heads.push(lane.entries[lane.next++]!);
      turns.push(lane.lane);
    }
    round = round.filter(({ entries, next }) => next < entries.length);
  }
  return { heads, lanes: turns };
}
