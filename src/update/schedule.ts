/**
 * When which component is looked for: an immutable value and the events that change it, without timers. Agent pattern
 * daily, filter and server pattern hourly; besides at the start, after sleep, at another place, and when a newer
 * generation was heard of. Instants are monotonic ms, so that a wall clock that jumps neither floods nor starves a
 * repository. Every instant has its share of chance, so that a fleet that starts together does not ask together.
 */
import type { Random } from '../base/seams.js';
import type { ComponentKind } from '../pattern/container-format.js';
import { updatePeriodMs } from './subscription.js';

/** Why a component is due. */
export type UpdateCause = 'start' | 'period' | 'retry' | 'wake' | 'location' | 'newer';

/** When one component is looked for next. */
export interface DueComponent {
  readonly component: ComponentKind;
  /** Monotonic ms. */
  readonly dueAt: number;
  readonly cause: UpdateCause;
  /** Failures in a row; the next wait grows with them. */
  readonly failures: number;
  /** A source asked not to be asked before this instant (monotonic ms). */
  readonly notBeforeAt: number;
  /** The newest generation that was heard of and looked for; each is looked for at once only once. */
  readonly heard: number;
}

/** All components of a host. */
export type UpdateSchedule = readonly DueComponent[];

/** What may happen. */
export type UpdateEvent =
  | { readonly kind: 'succeeded'; readonly components: readonly ComponentKind[] }
  | { readonly kind: 'failed'; readonly components: readonly ComponentKind[]; readonly waitMs?: number | undefined }
  /** Fetched and not taken, because others of the same look failed: looked for again without them. */
  | { readonly kind: 'held-back'; readonly components: readonly ComponentKind[] }
  /** The machine slept, or its clock was set forward: what would have been due meanwhile is due soon. */
  | { readonly kind: 'woke'; readonly sleptMs: number }
  /** Other sources may be in reach. */
  | { readonly kind: 'moved' }
  /** A newer generation than the one held was heard of. */
  | { readonly kind: 'heard'; readonly component: ComponentKind; readonly generation: number };

/** The moment of an event. */
export interface UpdateMoment {
  /** Monotonic ms. */
  readonly nowMs: number;
  readonly random: Random;
}

/** The first look is made within this time, spread evenly. */
const spreadMs = 60_000;
const firstRetryMs = 15 * 60_000;
const longestWaitMs = 24 * 3_600_000;
/** Every period is shortened by up to a tenth: what is longer than a period would let a pattern go stale. */
const jitterShare = 0.1;

/** The schedule of a host that has just started: everything within a minute. */
export function startedSchedule(components: readonly ComponentKind[], moment: UpdateMoment): UpdateSchedule {
  // One draw for all: they are fetched together when the first is due, and the first of several draws comes early.
  const dueAt = moment.nowMs + moment.random() * spreadMs;
  return components.map((component) => ({
    component,
    dueAt,
    cause: 'start',
    failures: 0,
    notBeforeAt: Number.NEGATIVE_INFINITY,
    heard: -1,
  }));
}

/** The schedule after an event. Pure: chance and time come with the moment. */
export function nextSchedule(schedule: UpdateSchedule, event: UpdateEvent, moment: UpdateMoment): UpdateSchedule {
  // Components that are asked for together stay together: one draw for all of them.
  const chance = moment.random();
  return schedule.map((due) => changed(due, event, { nowMs: moment.nowMs, chance }));
}

/**
 * The components that are due at `nowMs`, in order. What is due within the next minute comes along, and the filter with
 * the agent pattern: a signature may have moved from one to the other, and would be in neither where only one is new.
 */
export function dueNow(schedule: UpdateSchedule, nowMs: number): readonly ComponentKind[] {
  const anyDue = schedule.some((due) => instantOf(due) <= nowMs);
  const first = anyDue ? schedule.filter((due) => comesAlong(due, nowMs)).map((due) => due.component) : [];
  const isFilterWanted = first.includes('agent-pattern') && !first.includes('filter');
  return isFilterWanted ? schedule.map((due) => due.component).filter((one) => one === 'filter' || first.includes(one)) : first;
}

/** The next instant at which anything is due (monotonic ms), infinite for no components. */
export function nextDueAt(schedule: UpdateSchedule): number {
  return Math.min(Number.POSITIVE_INFINITY, ...schedule.map(instantOf));
}

/**
 * How long to wait after the n-th failure in a row: 15 min doubled each time, drawn from once to twice that, at most a day.
 * `chance` is in [0, 1).
 */
export function backOffMs(failures: number, chance: number): number {
  const doubled = firstRetryMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20);
  return Math.min(doubled * (1 + chance), longestWaitMs);
}

interface Drawn {
  readonly nowMs: number;
  readonly chance: number;
}

function changed(due: DueComponent, event: UpdateEvent, drawn: Drawn): DueComponent {
  switch (event.kind) {
    case 'succeeded':
      return event.components.includes(due.component) ? afterSuccess(due, drawn) : due;
    case 'failed':
      return event.components.includes(due.component) ? afterFailure(due, event.waitMs ?? 0, drawn) : due;
    case 'held-back':
      return event.components.includes(due.component) ? { ...due, dueAt: drawn.nowMs + drawn.chance * spreadMs, cause: 'retry' } : due;
    case 'woke':
      return due.dueAt - event.sleptMs <= drawn.nowMs ? soon(due, 'wake', drawn) : due;
    case 'moved':
      // What could be had at the old place is not fetched again for having moved.
      return due.failures > 0 ? { ...soon(due, 'location', drawn), failures: 0, notBeforeAt: Number.NEGATIVE_INFINITY } : due;
    case 'heard':
      return due.component === event.component && event.generation > due.heard ? afterHearing(due, event.generation, drawn) : due;
  }
}

function afterSuccess(due: DueComponent, { nowMs, chance }: Drawn): DueComponent {
  const dueAt = nowMs + updatePeriodMs(due.component) * (1 - jitterShare * chance);
  return { ...due, dueAt, cause: 'period', failures: 0, notBeforeAt: Number.NEGATIVE_INFINITY };
}

function afterFailure(due: DueComponent, waitMs: number, { nowMs, chance }: Drawn): DueComponent {
  const failures = due.failures + 1;
  const notBeforeAt = nowMs + Math.min(Math.max(0, waitMs), longestWaitMs);
  return { ...due, dueAt: nowMs + backOffMs(failures, chance), cause: 'retry', failures, notBeforeAt };
}

/** A component that just failed keeps its pause: hearing of a generation again and again must not hammer a source. */
function afterHearing(due: DueComponent, generation: number, drawn: Drawn): DueComponent {
  return { ...(due.failures > 0 ? due : soon(due, 'newer', drawn)), heard: generation };
}

function soon(due: DueComponent, cause: UpdateCause, { nowMs, chance }: Drawn): DueComponent {
  const dueAt = nowMs + chance * spreadMs;
  return dueAt < due.dueAt ? { ...due, dueAt, cause } : due;
}

function instantOf(due: DueComponent): number {
  return Math.max(due.dueAt, due.notBeforeAt);
}

function comesAlong(due: DueComponent, nowMs: number): boolean {
  return instantOf(due) <= nowMs || (due.failures === 0 && instantOf(due) <= nowMs + spreadMs);
}
