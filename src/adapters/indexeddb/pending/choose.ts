/**
 * Which entries a claim takes. The clear way reads all of them. As long as enough is due, the lanes whose turn is next
 * and the first entries of each say the same: 32 of 100,000 in a hundredth of the time.
 */
import type { ClaimOptions } from '../../../pending/pending-queue.js';
import type { ReadingDesk } from './reading-desk.js';
import type { Head } from './records.js';
import { isClaimable } from './state-of.js';
import { takeInTurn, type Taken } from './turns.js';

/** Lanes that are looked into before all entries are read. */
const maxLanes = 256;

/** The beginning of a lane. */
export interface LaneStart {
  readonly lane: string;
  /** What of it may be taken, oldest first. */
  readonly claimable: readonly Head[];
  /** It has entries that were not read. */
  readonly goesOn: boolean;
}

/** Takes up to `limit` entries of the owner, lanes in turn. */
export async function chooseInTurn(desk: ReadingDesk, owner: string, options: ClaimOptions): Promise<Taken> {
  return (await chooseFromFirst(desk, owner, options)) ?? takeInTurn(await desk.lanes(owner), await findClaimable(desk, owner, options), options.limit);
}

/** Oldest first, and of each lane no more than could be taken. */
async function findClaimable(desk: ReadingDesk, owner: string, options: ClaimOptions): Promise<Head[]> {
  const found: Head[] = [];
  const ofLane = new Map<string, number>();
  await desk.forEachHead((head) => {
    const before = ofLane.get(head.lane) ?? 0;
    if (head.owner === owner && before < options.limit && isClaimable(head, options, desk.now)) {
      ofLane.set(head.lane, before + 1);
      found.push(head);
    }
  });
  return found;
}

async function chooseFromFirst(desk: ReadingDesk, owner: string, options: ClaimOptions): Promise<Taken | undefined> {
  const { limit } = options;
  const mostLanes = Math.min(2 * limit, maxLanes);
  const lanes = await desk.lanes(owner, mostLanes);
  if (lanes.length === 0) {
    return undefined;
  }
  const ofEach = Math.max(4, Math.ceil((4 * limit) / lanes.length));
  const starts = await Promise.all(
    lanes.map(async (lane): Promise<LaneStart> => {
      const heads = await desk.headsOf(owner, lane, ofEach);
      return { lane, claimable: heads.filter((head) => isClaimable(head, options, desk.now)), goesOn: heads.length === ofEach };
    }),
  );
  return takeFromStarts(starts, limit, lanes.length < mostLanes);
}

/**
 * What would be taken of all entries, told from the beginnings of lanes; undefined where they do not tell. Fewer than
 * were asked for never tell: damaged entries are found by reading all.
 * @param isEveryLane no lane was left out
 */
export function takeFromStarts(starts: readonly LaneStart[], limit: number, isEveryLane: boolean): Taken | undefined {
  const taken = takeInTurn(starts.map(({ lane }) => lane), starts.flatMap(({ claimable }) => claimable), limit);
  const rounds = Math.max(0, ...starts.map(({ lane }) => taken.lanes.filter((one) => one === lane).length));
  const isTold = (start: LaneStart): boolean => !start.goesOn || start.claimable.length >= rounds;
  return taken.heads.length === limit && (isEveryLane || rounds <= 1) && starts.every(isTold) ? taken : undefined;
}
