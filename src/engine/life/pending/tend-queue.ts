/**
 * The part of the background work that looks after the pending queue: tells of what is overdue, finds out whether a
 * server is back, and drains. The members of a family take turns, and all of them keep to one pace.
 */
import type { EngineCore, Member } from '../../family/core.js';
import type { DrainEnd } from './drain.js';

/** Looks after one queue. */
export interface QueueKeeper {
  /** One look. @returns in how many ms to look again. */
  tend(signal: AbortSignal): Promise<number>;
  /** Something was flagged, or found nobody to answer. */
  flagged(): void;
  /** A server has answered. True when there is something to do about it. */
  serverAnswered(): boolean;
  /** Checks that take long and go on by themselves; none rejects. */
  ongoing(): readonly Promise<unknown>[];
}

const idleMs = 3_600_000;
const lookEveryMs = 60_000;
const soonMs = 10;
const probePauseMs = 1_000;
/** Entries that one look checks at most. */
const drainAtOnce = 1_000;

type Include = 'due' | 'waiting';

/** A keeper that has looked at nothing yet. */
export function createQueueKeeper(core: EngineCore): QueueKeeper {
  const { clock } = core.rooms;
  /** Something may be in the queue. True at first: a queue on disk may hold what an earlier process left. */
  let flagged = true;
  /** Something was flagged, or found nobody to answer, since a server last answered. */
  let awaiting = true;
  let answered = false;
  /** Of the member whose turn is next. */
  let turn: string | undefined;
  /** Its first turn has come: a fleet that starts together must not drain together. */
  let begun = false;
  const ongoing = new Set<Promise<unknown>>();

  async function tend(signal: AbortSignal): Promise<number> {
    if (!flagged) {
      return idleMs;
    }
    const queue = await core.queue();
    // What is flagged while this looks is not missed: it sets the mark again.
    flagged = false;
    const oldest = await firstOf(queue.list());
    if (oldest === undefined) {
      return flagged ? soonMs : idleMs;
    }
    flagged = true;
    if (await escalate(signal)) {
      return soonMs;
    }
    const overdueInMs = oldest.escalated === true ? lookEveryMs : oldest.firstAt + core.settings().pending.deadlineMs + 1 - clock.now();
    return Math.min(Math.max(soonMs, overdueInMs), await work(signal));
  }

  async function escalate(signal: AbortSignal): Promise<boolean> {
    const { escalateOverdue } = await import('./queue-work.js');
    let more = false;
    for (const member of core.members.values()) {
      more = (await escalateOverdue(core, member, signal)) || more;
    }
    return more;
  }

  async function work(signal: AbortSignal): Promise<number> {
    const include = await whatToDrain(signal);
    if (include === 'nothing') {
      return Math.max(probePauseMs, core.query().nextProbeAt() - clock.now());
    }
    answered = false;
    awaiting = false;
    const more = await drainInTurn(include, signal);
    // Only for these is the next answer news: what stays for another reason would be checked in vain at every answer.
    awaiting = awaiting || more === 'starved';
    if (signal.aborted) {
      return soonMs;
    }
    return more === 'more' ? Math.max(soonMs, core.pacer.nextInMs()) : lookEveryMs;
  }

  /**
   * A server that has just come back settles everything, when it is this client's turn: a thousand of them may have heard
   * of it in the same second. One that merely is not known to be away settles what is due.
   */
  async function whatToDrain(signal: AbortSignal): Promise<'nothing' | Include> {
    const query = core.query();
    // Read first: what is due now is due at the instant of its own reading.
    const turnAt = query.nextProbeAt();
    const isMyTurn = clock.now() >= turnAt;
    begun ||= isMyTurn;
    if (!begun) {
      return 'nothing';
    }
    if (answered) {
      return isMyTurn ? 'waiting' : 'nothing';
    }
    if (query.servers().some((server) => server.state === 'closed' && server.failing !== true)) {
      return 'due';
    }
    return isMyTurn && (await query.probe({ signal })) ? 'waiting' : 'nothing';
  }

  /** Every member gets its share of the tokens that are there; what one leaves goes to the others. */
  async function drainInTurn(include: Include, signal: AbortSignal): Promise<'more' | 'starved' | 'nothing'> {
    let left = Math.min(drainAtOnce, core.pacer.ready());
    let round: Include = include;
    for (let open = inTurn(); open.length > 0 && !signal.aborted; round = 'due') {
      const share = Math.max(1, Math.floor(left / open.length));
      const still: Member[] = [];
      for (const member of open) {
        const limit = Math.min(share, left, core.pacer.ready());
        if (limit === 0) {
          turn = member.name;
          return 'more';
        }
        const { claimed, starved } = await drainMember(member, { signal, include: round, limit });
        left -= claimed;
        if (starved) {
          return 'starved';
        }
        still.push(...(claimed < limit ? [] : [member]));
      }
      open = still;
    }
    turn = undefined;
    return 'nothing';
  }

  function inTurn(): Member[] {
    const members = [...core.members.values()];
    const at = Math.max(0, members.findIndex((member) => member.name === turn));
    return [...members.slice(at), ...members.slice(0, at)];
  }

  async function drainMember(member: Member, how: { readonly signal: AbortSignal; readonly include: Include; readonly limit: number }): Promise<DrainEnd> {
    const { signal, include, limit } = how;
    let end: DrainEnd = { starved: false, claimed: 0, ongoing: [] };
    const { drain } = await import('./queue-work.js');
    for await (const result of drain({ core, member, options: { signal }, limit, include, onEnd: (how) => void (end = how) })) {
      // The handler has been told already; nobody else waits for it here.
      core.stats.add(`late.${result.verdict.disposition}`);
    }
    for (const one of end.ongoing) {
      ongoing.add(one);
      void one.then(() => ongoing.delete(one));
    }
    return end;
  }

  return {
    tend,
    flagged() {
      flagged = true;
      awaiting = true;
    },
    serverAnswered() {
      const news = flagged && awaiting && !answered;
      answered ||= news;
      return news;
    },
    ongoing: () => [...ongoing],
  };
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) {
    return item;
  }
  return undefined;
}
