/**
 * The treatment of findings, one after the other. A handler that never comes back holds up its own finding alone: that
 * is not begun again while the process lives, and the others have their turn.
 */
import { describeError } from '../../../base/errors.js';
import type { RetroFinding, RetroLog } from '../../../retro/retro-log.js';
import type { EngineCore, Member } from '../../family/core.js';
import { inTime } from '../in-time.js';
import { treatFinding } from './treat.js';

/** Treats what was found. */
export interface Treatments {
  /** What was raised just now: it is treated by the next `tend`. */
  add(findings: readonly RetroFinding[]): void;
  /** All open findings whose time has come. @returns in how many ms the next one is due. */
  tend(signal: AbortSignal): Promise<number>;
}

const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;
const idleMs = 3_600_000;
/** A treatment that takes longer goes on by itself; so many of them at a time. */
const slowMs = 20_000;
const maxSlow = 64;
/** Where thousands of treatments fail, each with a retry of its own, all are looked through this often at most. */
const readPauseMs = 60_000;

/** No finding treated yet. */
export function createTreatments(core: EngineCore, log: RetroLog): Treatments {
  const { clock } = core.rooms;
  const retries = new Map<string, { readonly failures: number; readonly at: number }>();
  const going = new Set<string>();
  let raised: RetroFinding[] = [];
  /** Reading all findings costs their number: it is done at first, for retries, and when an engine joins the family. */
  let readAt = Number.NEGATIVE_INFINITY;
  let known: ReadonlySet<string> = new Set();

  /** @returns in how many ms to try again, if that is needed. Never rejects. */
  async function treat(finding: RetroFinding, member: Member): Promise<number> {
    going.add(finding.id);
    try {
      const result = await treatFinding(finding, { core, log, member });
      retries.delete(finding.id);
      core.stats.add('retroFinds');
      core.events.emit({ kind: 'retro', change: 'found', id: result.id, verdict: result.verdict, decision: result.decision });
      return idleMs;
    } catch (error) {
      const failures = (retries.get(finding.id)?.failures ?? 0) + 1;
      const waitMs = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs);
      retries.set(finding.id, { failures, at: clock.monotonicMs() + waitMs });
      if (!core.closing.aborted) {
        core.events.emit({ kind: 'fault', where: `retro finding ${finding.id}: ${describeError(error)}`, error });
      }
      return waitMs;
    } finally {
      going.delete(finding.id);
    }
  }

  async function treatInTime(finding: RetroFinding, member: Member): Promise<number> {
    const waitMs = (retries.get(finding.id)?.at ?? 0) - clock.monotonicMs();
    if (waitMs > 0) {
      return waitMs;
    }
    if (going.has(finding.id) || going.size >= maxSlow) {
      return firstRetryMs;
    }
    const work = treat(finding, member);
    const end = await inTime(work, slowMs, clock);
    if (end.kind === 'late') {
      core.rooms.background(work);
      return firstRetryMs;
    }
    return end.value;
  }

  async function treatAll(findings: Iterable<RetroFinding> | AsyncIterable<RetroFinding>, signal: AbortSignal): Promise<number> {
    let nextMs = idleMs;
    for await (const finding of findings) {
      const member = core.members.get(finding.owner);
      if (finding.outcome === undefined && member !== undefined && !signal.aborted && !core.closing.aborted) {
        nextMs = Math.min(nextMs, await treatInTime(finding, member));
      }
    }
    return nextMs;
  }

  function isReadingDue(): boolean {
    const joined = [...core.members.keys()].some((name) => !known.has(name));
    return joined || clock.monotonicMs() >= readAt;
  }

  return {
    add(findings) {
      raised.push(...findings);
    },
    async tend(signal) {
      const news = raised;
      raised = [];
      const isWhole = isReadingDue();
      const members = new Set(core.members.keys());
      const nextMs = await treatAll(isWhole ? log.findings() : news, signal);
      if (signal.aborted) {
        // What it has not come to is read again.
        readAt = Number.NEGATIVE_INFINITY;
        return nextMs;
      }
      const nextAt = clock.monotonicMs() + Math.max(nextMs, readPauseMs);
      readAt = isWhole ? nextAt : Math.min(readAt, nextAt);
      known = isWhole ? members : known;
      return Math.max(0, readAt - clock.monotonicMs());
    },
  };
}
