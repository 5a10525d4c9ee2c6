/**
 * The time by which a log forgets. The wall clock may jump: put forward for a minute it would empty every window of
 * days, put back it would keep everything for ever. So time in a log goes on with a clock that cannot be set, over
 * restarts too where the machine has one; only what passed while it was off is told by the wall clock, within a limit.
 */
import type { Clock, SteadyClock } from './seams.js';

/** An instant of a log, as it is written down beside its records. */
export interface TimeMark {
  /** Time of the log, ms: at its beginning the epoch ms of the wall clock. */
  readonly log: number;
  /** Epoch ms of the wall clock. */
  readonly wall: number;
  /** Ms of the steady clock. */
  readonly steady: number;
  readonly steadyId: string;
}

/** The time of one log. */
export interface LogTime {
  /** Ms; goes back never, and forward only with time. */
  now(): number;
  /** Goes on from a mark of an earlier process. */
  resume(mark: TimeMark): void;
  /** Moves on to this instant where it stands before it: something in the log is that young. */
  atLeast(log: number): void;
  mark(): TimeMark;
}

/** What the time of a log is made from. */
export interface LogTimeOptions {
  readonly clock: Clock;
  /** The clock of the machine, where it has one that outlives the process and counts its sleep. */
  readonly steady?: SteadyClock | undefined;
  /** The most that is believed to have passed while nothing but the wall clock can tell. */
  readonly maxGapMs: number;
}

/** The steady clock may be slow to read: in between, the process's own goes on. */
const lookEveryMs = 60_000;

/** When a log goes on that was left at this mark. Pure. */
export function resumedAt(mark: TimeMark, present: Omit<TimeMark, 'log'>, maxGapMs: number): number {
  const steadyMs = present.steady - mark.steady;
  if (present.steadyId === mark.steadyId && steadyMs >= 0) {
    return mark.log + steadyMs;
  }
  return mark.log + Math.min(Math.max(0, present.wall - mark.wall), maxGapMs);
}

/** Begins with the wall clock. */
export function createLogTime({ clock, steady = ownClock(clock), maxGapMs }: LogTimeOptions): LogTime {
  let at = { log: clock.now(), steady: steady.nowMs(), own: clock.monotonicMs() };

  function now(): number {
    const own = clock.monotonicMs();
    const ownMs = Math.max(0, own - at.own);
    if (ownMs >= lookEveryMs) {
      const steadyNow = steady.nowMs();
      at = { log: at.log + Math.max(ownMs, steadyNow - at.steady), steady: steadyNow, own };
      return at.log;
    }
    return at.log + ownMs;
  }

  return {
    now,
    resume(mark) {
      const present = { wall: clock.now(), steady: steady.nowMs(), steadyId: steady.id };
      at = { log: resumedAt(mark, present, maxGapMs), steady: present.steady, own: clock.monotonicMs() };
    },
    atLeast(log) {
      at = { ...at, log: at.log + Math.max(0, log - now()) };
    },
    mark: () => ({ log: Math.floor(now()), wall: Math.floor(clock.now()), steady: Math.floor(steady.nowMs()), steadyId: steady.id }),
  };
}

/** Compares within this process alone. */
function ownClock(clock: Clock): SteadyClock {
  return { id: `own-${clock.now()}-${clock.monotonicMs()}`, nowMs: () => clock.monotonicMs() };
}

/** A mark that was read from outside; undefined for anything else. */
export function parseTimeMark(value: unknown): TimeMark | undefined {
  if (!Array.isArray(value) || value.length !== 4) {
    return undefined;
  }
  const [log, wall, steady, steadyId] = value as readonly unknown[];
  return isInstant(log) && isInstant(wall) && isInstant(steady) && typeof steadyId === 'string' && steadyId.length <= maxIdChars
    ? { log, wall, steady, steadyId }
    : undefined;
}

/** The row that `parseTimeMark` reads. */
export function timeMarkRow({ log, wall, steady, steadyId }: TimeMark): readonly [number, number, number, string] {
  return [log, wall, steady, steadyId.slice(0, maxIdChars)];
}

const maxIdChars = 200;
/** Of what a Date can say. */
const maxInstant = 8.64e15;

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxInstant;
}
