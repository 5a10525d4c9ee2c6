/**
 * How many questions a foreign service may be asked: a number in any minute, a number in a day that begins at 00:00
 * UTC, and none before the end of a wait that it asked for. Pure; `pacer.ts` keeps the state.
 *
 * The minute and the wait run on the monotonic clock, the day on the wall clock, for that is what the service counts by.
 */

/** What may be asked; an absent number is no limit. */
export interface QuotaLimits {
  /** Questions in any 60 s. */
  readonly perMinute?: number;
  /** Questions from one 00:00 UTC to the next. */
  readonly perDay?: number;
}

/** What has been asked. Immutable. */
export interface QuotaState {
  /** Instants (monotonic ms) of the questions of the last minute, oldest first. */
  readonly recentMs: readonly number[];
  /** Days since the epoch, UTC. */
  readonly day: number;
  /** Questions of that day. */
  readonly used: number;
  /** End (monotonic ms) of the wait that the service asked for. */
  readonly waitUntilMs: number;
  /** Times in a row that it refused a question. */
  readonly refusals: number;
}

/** An instant on both clocks. */
export interface Instant {
  readonly monotonicMs: number;
  /** Epoch ms. */
  readonly wallMs: number;
}

/** Whether a question may be asked; `go` has been counted in its state. */
export type Admission =
  | { readonly kind: 'go'; readonly state: QuotaState }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly state: QuotaState };

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Nothing asked yet. */
export const unusedQuota: QuotaState = { recentMs: [], day: 0, used: 0, waitUntilMs: Number.NEGATIVE_INFINITY, refusals: 0 };

/** Whether one more question may be asked now. */
export function admit(state: QuotaState, limits: QuotaLimits, now: Instant): Admission {
  const today = Math.floor(now.wallMs / dayMs);
  const recentMs = state.recentMs.filter((at) => at > now.monotonicMs - minuteMs);
  // A day that lies ahead is one whose clock was wrong: its questions were asked all the same.
  const used = state.day < today ? 0 : state.used;
  const current: QuotaState = { ...state, recentMs, day: today, used };
  const waitMs = Math.max(
    state.waitUntilMs - now.monotonicMs,
    limits.perMinute !== undefined && recentMs.length >= limits.perMinute ? recentMs[recentMs.length - limits.perMinute]! + minuteMs - now.monotonicMs : 0,
    limits.perDay !== undefined && used >= limits.perDay ? (today + 1) * dayMs - now.wallMs : 0,
  );
  return waitMs > 0
    ? { kind: 'wait', waitMs: Math.ceil(waitMs), state: current }
    : { kind: 'go', state: { ...current, recentMs: [...recentMs, now.monotonicMs], used: used + 1 } };
}

/** The service refused a question. Where it names no time, a minute, doubling with every refusal up to an hour. */
export function afterRefusal(state: QuotaState, waitMs: number | undefined, now: Instant): QuotaState {
  const refusals = state.refusals + 1;
  const ownMs = Math.min(hourMs, minuteMs * 2 ** Math.min(state.refusals, 10));
  const forMs = waitMs === undefined ? ownMs : Math.min(Math.max(0, waitMs), dayMs);
  return { ...state, refusals, waitUntilMs: Math.max(state.waitUntilMs, now.monotonicMs + forMs) };
}

/** The service answered. */
export function afterAnswer(state: QuotaState): QuotaState {
  return state.refusals === 0 ? state : { ...state, refusals: 0 };
}

/** What outlives the process: the same on the wall clock, as plain data. */
export function storedQuota(state: QuotaState, now: Instant): object {
  const toWall = (at: number): number => Math.round(at - now.monotonicMs + now.wallMs);
  const waits = state.waitUntilMs > now.monotonicMs ? { waitUntilAt: toWall(state.waitUntilMs) } : {};
  return { version: 1, day: state.day, used: state.used, refusals: state.refusals, recentAt: state.recentMs.map(toWall), ...waits };
}

/** The state that was stored; undefined for what is none. Instants that lie ahead count as now, waits end in a day. */
export function restoredQuota(stored: unknown, now: Instant): QuotaState | undefined {
  // untrusted: whatever the store had under the key
  if (typeof stored !== 'object' || stored === null) {
    return undefined;
  }
  const { version, day, used, refusals, recentAt, waitUntilAt } = stored as Readonly<Record<string, unknown>>;
  if (version !== 1 || !isCount(day) || !isCount(used) || !isCount(refusals) || !Array.isArray(recentAt) || recentAt.length > 100_000 || !recentAt.every(isCount)) {
    return undefined;
  }
  const toMonotonic = (at: number): number => Math.min(0, at - now.wallMs) + now.monotonicMs;
  const waitMs = isCount(waitUntilAt) ? Math.min(waitUntilAt - now.wallMs, dayMs) : Number.NEGATIVE_INFINITY;
  return { day, used, refusals, recentMs: recentAt.map(toMonotonic).sort((a, b) => a - b), waitUntilMs: now.monotonicMs + waitMs };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
