/**
 * Drains the pending queue of one member: claims entries, checks each anew, gives back what is still open. It keeps to
 * the pace of the family, stops early when no server answers (the rest would only wait in vain), and waits for nobody
 * who takes too long: an entry that hangs goes on by itself and is given back when its time is up.
 */
import type { CheckResult } from '../../../base/check-result.js';
import type { PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import type { CheckOptions } from '../../checker.js';
import type { EngineCore, Member } from '../../family/core.js';
import { createCrew, type Crew } from '../crew.js';
import { createHolding, leaseMs, noServer } from './holding.js';
import { recheck, type Rechecked } from './recheck.js';
import { keepClaimed, underWay } from './under-way.js';

/** One drain. */
export interface DrainInput {
  readonly core: EngineCore;
  readonly member: Member;
  readonly options: CheckOptions;
  /** Entries at most. */
  readonly limit: number;
  /** Which entries besides the due ones: those that wait for their time, and those set aside as well. */
  readonly include: 'due' | 'waiting' | 'dead';
  /** Told once, when everything that stays has been given back, but for what goes on by itself. */
  readonly onEnd?: ((end: DrainEnd) => void) | undefined;
}

/** How a drain ended. */
export interface DrainEnd {
  /** Something stays because nobody answered: the next answer is worth another look. */
  readonly starved: boolean;
  /** Entries that were claimed. */
  readonly claimed: number;
  /** What still goes on by itself; never rejects. */
  readonly ongoing: readonly Promise<unknown>[];
}

const claimAtOnce = 64;
const recheckAtOnce = 8;
/** A check that takes longer than this has failed. */
const recheckMs = 300_000;
/** One that takes longer than this lets others take its turn; this many at a time. */
const slowMs = 1_000;
const maxSlow = 1_024;
/** Whoever drains is told of everything that was begun: besides a whole question, the end waits this long for the slow. */
const patienceMs = 20_000;

/** Yields each result as soon as its item is settled. */
export async function* drain(input: DrainInput): AsyncGenerator<CheckResult> {
  const queue = await input.core.queue();
  const holding = createHolding({ ...input, queue });
  const crew = createCrew<Ended>({ clock: input.core.rooms.clock, width: recheckAtOnce, slowMs, maxAside: maxSlow });
  const over = new AbortController();
  const turn = createTurn(input.core, crew, over.signal);
  const patience = createPatience(input, crew, over.signal);
  const leaving = [input.options.signal, input.core.closing].map((ending) => input.core.fanOut.follow(ending, () => crew.ring()));
  let unanswered = 0;
  try {
    for (;;) {
      for (let done = crew.take(); done !== undefined; done = crew.take()) {
        holding.note(done.entry, done.outcome);
        unanswered = isUnanswered(done.outcome) ? unanswered + 1 : 0;
        yield* done.outcome.results;
      }
      const stops = unanswered >= recheckAtOnce || input.options.signal?.aborted === true || input.core.closing.aborted;
      if (!stops && crew.hasRoom() && (await holding.hasNext(claimAtOnce))) {
        if (turn.hasCome()) {
          const entry = holding.next();
          crew.begin(checked(entry, { ...input, queue, giveBack: (outcome) => holding.giveBackOne(entry, outcome) }));
          continue;
        }
      } else if (!crew.isBusy() && !patience.isLeft()) {
        return;
      }
      await crew.rung();
    }
  } finally {
    over.abort();
    leaving.forEach((leave) => leave());
    // Whoever stops listening in the middle leaves entries behind that nobody has looked at, and some that are looked at.
    await letEnd(crew, (done) => holding.note(done.entry, done.outcome));
    const ongoing = crew.ongoing().map((work) => work.then((done) => holding.giveBackOne(done.entry, done.outcome)));
    ongoing.forEach((work) => input.core.rooms.background(work));
    await holding.giveBack({ unseen: unanswered >= recheckAtOnce ? 'unreachable' : undefined });
    input.onEnd?.({ starved: holding.starved(), claimed: holding.claimed(), ongoing });
  }
}

/** An entry and what became of it. */
interface Ended {
  readonly entry: PendingEntry;
  readonly outcome: Rechecked;
}

/** Waits for what is going on, but not for what stands aside. */
async function letEnd(crew: Crew<Ended>, note: (done: Ended) => void): Promise<void> {
  for (;;) {
    for (let done = crew.take(); done !== undefined; done = crew.take()) {
      note(done);
    }
    if (!crew.isBusy()) {
      return;
    }
    await crew.rung();
  }
}

/** Whether what stands aside is still waited for when nothing else is left. The background never waits: it hears of it later. */
function createPatience({ core, options, onEnd }: DrainInput, crew: Crew<Ended>, over: AbortSignal): { isLeft(): boolean } {
  const { clock } = core.rooms;
  let until: number | undefined;
  return {
    isLeft() {
      if (onEnd !== undefined || crew.ongoing().length === 0 || options.signal?.aborted === true || core.closing.aborted) {
        return false;
      }
      if (until === undefined) {
        const waitMs = core.settings().query.holdMs + patienceMs;
        until = clock.monotonicMs() + waitMs;
        clock.sleep(waitMs, over, { background: true }).then(() => crew.ring(), () => undefined);
      }
      return clock.monotonicMs() < until;
    },
  };
}

/** Whether the next entry may be begun by the pace of the family; rings when it may. */
function createTurn(core: EngineCore, crew: Crew<Ended>, over: AbortSignal): { hasCome(): boolean } {
  let state: 'none' | 'drawn' | 'come' = 'none';
  return {
    hasCome() {
      if (state === 'none') {
        const waitMs = core.pacer.draw();
        state = waitMs === 0 ? 'come' : 'drawn';
        if (waitMs > 0) {
          core.rooms.clock.sleep(waitMs, over).then(() => {
            state = 'come';
            crew.ring();
          }, () => undefined);
        }
      }
      if (state !== 'come') {
        return false;
      }
      state = 'none';
      return true;
    },
  };
}

/** One entry in hand. */
interface InHand extends DrainInput {
  readonly queue: PendingQueue;
  /** For one that went on by itself, when it has come to its end. */
  readonly giveBack: (outcome: Rechecked) => Promise<void>;
}

async function checked(entry: PendingEntry, input: InHand): Promise<Ended> {
  return { entry, outcome: await recheckInTime(entry, input) };
}

/**
 * An opener that never comes back costs its entry an attempt, and nobody else their turn. A remedy that was begun is
 * another matter: its entry stays claimed until it is over.
 */
async function recheckInTime(entry: PendingEntry, input: InHand): Promise<Rechecked> {
  const { core, member, options, queue } = input;
  if (holdsTooManyFailures(entry, core) && input.include !== 'dead') {
    // Its claims ended with the process again and again: nobody was there to set it aside.
    return { kind: 'stays', reason: 'failed', results: [] };
  }
  const off = new AbortController();
  const leaving: (() => void)[] = [];
  const outOfTime = core.rooms.clock.sleep(recheckMs, off.signal, { background: true }).then(() => 'failed' as const);
  const called = new Promise<'unreachable'>((resolve) => {
    for (const ending of [options.signal, core.closing]) {
      leaving.push(core.fanOut.follow(ending, () => resolve('unreachable')));
    }
  });
  const work = recheck(entry, { core, member, queue, options: { ...options, signal: off.signal } });
  const end = await Promise.race([work, outOfTime, called]);
  leaving.forEach((leave) => leave());
  const remedy = typeof end === 'string' && !core.closing.aborted ? underWay(queue, entry.items) : undefined;
  if (remedy !== undefined) {
    void remedy.then(() => off.abort());
    core.rooms.background(goOn(entry, work, input));
    return { kind: 'goes-on', results: [] };
  }
  // What goes on in spite of its time being up must not act any more.
  off.abort();
  return typeof end === 'string' ? { kind: 'stays', reason: end, results: [] } : end;
}

/** Keeps the entry claimed to the end of its check. What the end of the engine leaves is the next process's to find. */
async function goOn(entry: PendingEntry, work: Promise<Rechecked>, { core, queue, giveBack }: InHand): Promise<void> {
  await keepClaimed([entry], work, { core, queue, leaseMs });
  if (!core.closing.aborted) {
    await giveBack(await work);
  }
}

function holdsTooManyFailures(entry: PendingEntry, core: EngineCore): boolean {
  return !entry.dead && (entry.failures ?? 0) >= core.settings().pending.maxAttempts;
}

function isUnanswered(outcome: Rechecked): boolean {
  return outcome.kind === 'stays' && noServer(outcome.reason);
}
