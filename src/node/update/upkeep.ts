/**
 * Keeps the components of a running engine or server up to date: follows what other processes put into the data
 * directory, and looks for updates when the schedule says so. A look goes on by itself; the host's other work does not
 * wait for it.
 */
import { networkInterfaces } from 'node:os';
import { describeError, VedetteError } from '../../base/errors.js';
import type { Clock, Random } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import { dueNow, nextDueAt, nextSchedule, startedSchedule, type UpdateEvent, type UpdateSchedule } from '../../update/schedule.js';
import type { UpdateStatus, Upkeep, UpkeepHands } from '../../update/upkeep.js';
import { changesOf } from './follow.js';
import type { GenerationStore, LastLook } from './generation-store.js';
import type { Updater, UpdateReport } from './updater.js';

/** What an upkeep is made of. */
export interface UpkeepOptions {
  readonly store: GenerationStore;
  /** Components of the host's role that it takes. */
  readonly components: readonly ComponentKind[];
  /** Absent: what others put in place is followed, and nothing is fetched. */
  readonly updater?: Updater | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Addresses of the host. Default: those of its network interfaces. */
  readonly addresses?: (() => readonly string[]) | undefined;
  /** The host reads what it is told of by itself: `adopt` is given no bytes (false). */
  readonly isUnread?: boolean | undefined;
  /** Told of each look that ended. */
  readonly onReport?: ((report: UpdateReport) => void) | undefined;
}

/** How often the data directory is looked at: one `stat`. */
const followEveryMs = 10_000;
/** Another process is looking: what it finds is followed. */
const busyRetryMs = 60_000;
/** A wall clock that is so much ahead of the monotonic one means that the machine slept. */
const sleptMs = 60_000;
/** What the round of a host waits for a look before it goes on without it. */
const patienceMs = 5_000;

/** An upkeep that has not looked at anything yet. */
export function createUpkeep(options: UpkeepOptions): Upkeep {
  return new NodeUpkeep(options);
}

class NodeUpkeep implements Upkeep {
  readonly #options: UpkeepOptions;
  #schedule: UpdateSchedule | undefined;
  #mark: string | undefined;
  #looking: Promise<void> | undefined;
  #busyUntil = Number.NEGATIVE_INFINITY;
  #last: LastLook | undefined;
  #rolledBack: UpdateStatus['rolledBack'] = [];
  #place: string | undefined;
  #clocks: { readonly wall: number; readonly monotonic: number } | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  async tend(hands: UpkeepHands, signal: AbortSignal): Promise<number> {
    try {
      await this.#follow(hands);
      return this.#options.updater === undefined ? followEveryMs : Math.min(followEveryMs, await this.#look(this.#options.updater, hands, signal));
    } catch (error) {
      hands.onFault(error);
      return followEveryMs;
    }
  }

  status(): UpdateStatus {
    const { clock } = this.#options;
    const dueInMs = nextDueAt(this.#schedule ?? []) - clock.monotonicMs();
    return {
      ...(this.#last === undefined ? {} : { lastLookAt: this.#last.at }),
      ...(this.#last?.source === undefined ? {} : { source: this.#last.source }),
      ...(this.#last?.error === undefined ? {} : { error: this.#last.error }),
      ...(Number.isFinite(dueInMs) ? { nextLookAt: Math.round(clock.now() + Math.max(0, dueInMs)) } : {}),
      rolledBack: this.#rolledBack,
    };
  }

  /** What another process, or an administrator, has put in place is switched to. */
  async #follow(hands: UpkeepHands): Promise<void> {
    const { store, components, isUnread = false } = this.#options;
    const mark = store.mark();
    if (mark === this.#mark) {
      return;
    }
    const kept = await store.generations();
    this.#last = await store.lastLook();
    this.#rolledBack = Object.entries(kept.components).flatMap(([kind, { current, rolledBack }]) =>
      rolledBack === undefined ? [] : [{ component: kind as ComponentKind, from: rolledBack.from, to: current.generation, at: rolledBack.at }],
    );
    for (const change of changesOf(kept, components, (kind) => hands.inUse(kind))) {
      const containers = await Promise.all((isUnread ? [] : change.kinds).map((kind) => store.read(kind)));
      await hands.adopt(containers.filter((bytes) => bytes !== undefined), { rollback: change.rollback });
    }
    this.#mark = mark;
  }

  /** @returns in how many ms something is due. */
  async #look(updater: Updater, hands: UpkeepHands, signal: AbortSignal): Promise<number> {
    const { clock } = this.#options;
    this.#schedule ??= startedSchedule(this.#options.components, this.#moment());
    this.#notice(hands);
    const due = clock.monotonicMs() < this.#busyUntil ? [] : dueNow(this.#schedule, clock.monotonicMs());
    if (due.length > 0 && this.#looking === undefined) {
      this.#looking = this.#lookNow(updater, due, { hands, signal }).finally(() => {
        this.#looking = undefined;
        hands.soon();
      });
      await inPatience(this.#looking, clock);
    }
    return this.#looking === undefined ? Math.max(1, Math.max(nextDueAt(this.#schedule), this.#busyUntil) - clock.monotonicMs()) : followEveryMs;
  }

  async #lookNow(
    updater: Updater,
    due: readonly ComponentKind[],
    { hands, signal }: { readonly hands: UpkeepHands; readonly signal: AbortSignal },
  ): Promise<void> {
    const { location, sources } = hands.here();
    const at = { location, addresses: (this.#options.addresses ?? ownAddresses)() };
    try {
      const report = await updater.look({ components: due, at, only: sources, signal, install: (containers, deltas) => hands.install(containers, deltas) });
      this.#settle(due, report, hands);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (VedetteError.is(error) && error.code === 'store-busy') {
        this.#busyUntil = this.#options.clock.monotonicMs() + busyRetryMs;
        return;
      }
      this.#happened({ kind: 'failed', components: due });
      this.#last = { at: this.#options.clock.now(), error: { cause: VedetteError.is(error) ? error.code : 'internal', message: describeError(error) } };
      hands.onFault(error);
    }
  }

  #settle(due: readonly ComponentKind[], report: UpdateReport, hands: UpkeepHands): void {
    const waitMs = Math.max(0, ...report.refused.map((one) => one.waitMs ?? 0));
    this.#happened({ kind: 'succeeded', components: due.filter((one) => !report.failed.includes(one) && !report.heldBack.includes(one)) });
    this.#happened({ kind: 'held-back', components: report.heldBack });
    this.#happened({ kind: 'failed', components: report.failed, waitMs });
    const [refusal] = report.refused;
    this.#last = {
      at: this.#options.clock.now(),
      ...(report.source === undefined ? {} : { source: report.source }),
      ...(refusal === undefined ? {} : { error: { cause: refusal.cause, message: refusal.message } }),
    };
    if (report.kind === 'failed') {
      hands.onFault(new VedetteError('pattern-refused', refusal?.message ?? 'no update source could be asked', { detail: { cause: refusal?.cause ?? 'no-source' } }));
    }
    this.#options.onReport?.(report);
  }

  /** Sleep, another place, a newer generation: whatever makes a look due earlier. */
  #notice(hands: UpkeepHands): void {
    const { clock } = this.#options;
    const now = { wall: clock.now(), monotonic: clock.monotonicMs() };
    const ahead = this.#clocks === undefined ? 0 : now.wall - this.#clocks.wall - (now.monotonic - this.#clocks.monotonic);
    this.#clocks = now;
    if (ahead > sleptMs) {
      this.#happened({ kind: 'woke', sleptMs: ahead });
    }
    const place = JSON.stringify(hands.here());
    if (this.#place !== undefined && this.#place !== place) {
      this.#happened({ kind: 'moved' });
    }
    this.#place = place;
    const { covers, newest } = hands.heard();
    if (newest !== undefined && covers !== undefined && newest > covers) {
      this.#happened({ kind: 'heard', component: 'filter', generation: newest });
    }
  }

  #happened(event: UpdateEvent): void {
    this.#schedule = nextSchedule(this.#schedule ?? [], event, this.#moment());
  }

  #moment(): { readonly nowMs: number; readonly random: Random } {
    return { nowMs: this.#options.clock.monotonicMs(), random: this.#options.random };
  }
}

async function inPatience(work: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, clock.sleep(patienceMs, over.signal, { background: true }).catch(() => undefined)]);
  over.abort();
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter((one) => !one.internal).map((one) => one.address));
}
