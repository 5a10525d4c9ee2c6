/**
 * The retro-hunt: what was let through in the last days is judged again when a newer pattern, or an answer about
 * something else, may know more. It runs in the background, slice by slice; which patterns the last whole hunt was made
 * by is kept, so that a hunt that was cut short begins again after a restart.
 */
import { toHex } from '../../../base/bytes.js';
import type { CheckResult } from '../../../base/check-result.js';
import { throwIfAborted, VedetteError } from '../../../base/errors.js';
import type { Filter } from '../../../filter/filter.js';
import type { RetroFinding, RetroLog, RetroPlace } from '../../../retro/retro-log.js';
import type { EngineCore } from '../../family/core.js';
import type { Hunt } from './hunt.js';
import type { HuntStatus } from './hunt-status.js';
import { huntMark, isNewAgent } from './mark.js';
import { isUnread, judgeSlice, type SliceEnd } from './slice.js';
import { Suspects } from './suspects.js';
import { createTreatments } from './treatments.js';

const sliceEntries = 500;
const rescanEntries = 16;
/** A slice leaves the rest of the program this much time to itself. */
const breathMs = 10;
/** Questions of a hunt: a thousand a second. */
const msPerQuestion = 1;
/** After this time the rest of the background work has its turn. */
const turnMs = 5_000;
const soonMs = 10;
const lookEveryMs = 60_000;
const idleMs = 3_600_000;
/** What could not be read so often is left to the answers about it. */
const maxReadings = 5;

/** One hunt through all entries. */
interface Pass {
  readonly mark: string;
  readonly own: Filter | undefined;
  readonly rescan: boolean;
  readonly keys: readonly string[];
  at: number;
  found: number;
}

/** A hunt over the log of the rooms. `soon` asks for a call of `tend`. */
export function createPursuit(core: EngineCore, log: RetroLog, soon: () => void): Hunt {
  const { clock } = core.rooms;
  const suspects = new Suspects();
  const toldErrors = new WeakSet<object>();
  /** Those that are being judged: answers about them are their own. */
  const judging = new Set<string>();
  const treatments = createTreatments(core, log);
  let pass: Pass | undefined;
  let huntedOwn: Filter | undefined;
  let begun = false;
  /** More was suspected than could be kept: everything is judged again. */
  let overflowed = false;
  let status: HuntStatus = { state: 'idle', judged: 0, entries: 0, open: 0 };

  async function tend(signal: AbortSignal): Promise<number> {
    try {
      return await tendNow(signal);
    } catch (error) {
      if (!signal.aborted) {
        failed(error);
      }
      return lookEveryMs;
    }
  }

  function failed(error: unknown): void {
    const isTold = typeof error === 'object' && error !== null && toldErrors.has(error);
    if (core.closing.aborted || isTold) {
      return;
    }
    if (typeof error === 'object' && error !== null) {
      toldErrors.add(error);
    }
    core.events.emit({ kind: 'fault', where: 'retro', error });
  }

  async function tendNow(signal: AbortSignal): Promise<number> {
    if (!begun) {
      await leaveToQueue();
      begun = true;
    }
    const retryInMs = await treatments.tend(signal);
    const until = clock.monotonicMs() + turnMs;
    const suspected = await judgeSuspects(signal);
    // A server that gives no word to some gives none to the rest.
    const huntInMs = suspected.starved ? lookEveryMs : await goOn(signal, until);
    const { entries, open } = await log.counts();
    const state = pass === undefined ? 'idle' : huntInMs === lookEveryMs ? 'waiting' : 'hunting';
    status = { state, entries, open, judged: pass === undefined ? entries : Math.min(pass.at, entries) };
    return Math.min(retryInMs, huntInMs, suspected.againInMs);
  }

  /** What the queue holds is the queue's to report: a process that died may have left it in both. */
  async function leaveToQueue(): Promise<void> {
    const queue = await core.queue();
    for await (const entry of queue.list()) {
      for (const item of entry.items) {
        await log.forget(entry.key, { owner: entry.owner, subject: item.subject });
      }
    }
  }

  /** At once, so that a process that ends now has it in its log. */
  async function convict(result: CheckResult, place: RetroPlace): Promise<void> {
    const key = result.sha256 ?? '';
    // What one host has blocked says nothing about the others.
    const owner = result.verdict.source === 'list' ? place.owner : undefined;
    // In this order, but the first is slow to be synced, and nobody waits for it.
    await Promise.all([log.forget(key, place), log.raise(key, result.verdict, owner).then(tellOf)]);
  }

  function tellOf(findings: readonly RetroFinding[]): void {
    if (findings.length > 0) {
      treatments.add(findings);
      soon();
    }
  }

  async function judgeSuspects(signal: AbortSignal): Promise<{ readonly starved: boolean; readonly againInMs: number }> {
    // While files are read again, those that could not be are read as well.
    const rescan = pass?.rescan === true;
    const { keys, nextInMs } = suspects.due(clock.monotonicMs(), rescan ? rescanEntries : sliceEntries);
    if (keys.length === 0) {
      return { starved: false, againInMs: Math.min(nextInMs, idleMs) };
    }
    const { starved, asked } = await judge(keys, { signal, rescan });
    return { starved, againInMs: starved ? lookEveryMs : Math.min(Math.max(nextInMs, breathMs + asked * msPerQuestion), idleMs) };
  }

  /** Goes through the entries while there is time, beginning anew where the patterns have changed on the way. */
  async function goOn(signal: AbortSignal, until: number): Promise<number> {
    for (;;) {
      if (signal.aborted || !(await isDue())) {
        return idleMs;
      }
      pass ??= await begin();
      const { rescan } = pass;
      const keys = pass.keys.slice(pass.at, pass.at + (rescan ? rescanEntries : sliceEntries));
      const end = await judge(keys, { signal, rescan });
      if (end.starved) {
        tell('waiting');
        return lookEveryMs;
      }
      pass.at += keys.length;
      pass.found += end.findings.length;
      if (pass.at >= pass.keys.length) {
        return await finish();
      }
      await clock.sleep(breathMs + end.asked * msPerQuestion, signal, { background: true });
      if (clock.monotonicMs() >= until) {
        return soonMs;
      }
    }
  }

  async function isDue(): Promise<boolean> {
    const mark = huntMark(core);
    if (mark === undefined) {
      return false;
    }
    const own = core.rooms.ownFilter?.();
    if (pass !== undefined && (pass.mark !== mark || pass.own !== own)) {
      pass = undefined;
    }
    return pass !== undefined || overflowed || (own !== undefined && own !== huntedOwn) || (await log.mark()) !== mark;
  }

  async function begin(): Promise<Pass> {
    const mark = huntMark(core) ?? '';
    overflowed = false;
    const rescan = core.settings().rescan && isNewAgent(await log.mark(), mark);
    const made = { mark, own: core.rooms.ownFilter?.(), rescan, keys: await log.keys(), at: 0, found: 0 };
    pass = made;
    tell('hunting');
    return made;
  }

  /** The mark is kept when nothing is open any more: until then a restart begins anew. */
  async function finish(): Promise<number> {
    if (suspects.size > 0 || pass === undefined) {
      return lookEveryMs;
    }
    await log.hunted(pass.mark);
    huntedOwn = pass.own;
    tell('hunted');
    pass = undefined;
    return soonMs;
  }

  async function judge(keys: readonly string[], how: { readonly signal: AbortSignal; readonly rescan: boolean }): Promise<SliceEnd> {
    keys.forEach((key) => judging.add(key));
    const taken = suspects.take(keys);
    try {
      const end = await judgeSlice(keys, { core, log, ...how });
      // What was given up on the way says nothing about anything.
      throwIfAborted(how.signal);
      core.stats.add('retroJudged', end.judged);
      if (end.starved) {
        suspects.restore(taken);
      } else {
        end.open.forEach((one) => defer(one, taken));
      }
      if (end.findings.length > 0) {
        treatments.add(end.findings);
        await treatments.tend(how.signal);
      }
      return end;
    } catch (error) {
      suspects.restore(taken);
      throw error;
    } finally {
      keys.forEach((key) => judging.delete(key));
    }
  }

  function tell(change: 'hunting' | 'waiting' | 'hunted'): void {
    const { keys, at, found } = pass ?? { keys: [], at: 0, found: 0 };
    status = { ...status, state: change === 'hunted' ? 'idle' : change, entries: keys.length, judged: at };
    core.events.emit({ kind: 'retro', change, entries: keys.length, judged: at, found });
  }

  function defer({ key, reason }: SliceEnd['open'][number], taken: ReturnType<Suspects['take']>): void {
    if (isUnread(reason) && (taken.get(key)?.failures ?? 0) + 1 >= maxReadings) {
      failed(new VedetteError('unsupported', `a file that was let through could not be read again in ${maxReadings} tries: ${reason}`, { detail: { sha256: key, reason } }));
      return;
    }
    keep(suspects.defer(key, taken, clock.monotonicMs()));
  }

  function suspect(key: string): void {
    keep(suspects.add(key));
  }

  function keep(hasRoom: boolean): void {
    overflowed ||= !hasRoom;
  }

  return {
    suspect(key) {
      suspect(key);
      soon();
    },
    caught(result, place) {
      core.rooms.background(
        convict(result, place).catch(failed),
      );
    },
    answered({ kind, algorithm }, answers) {
      const bad = answers.flatMap((answer) => answer.records.filter((record) => record.disposition === 'malicious'));
      const keys = algorithm === 'sha256' ? bad.map((record) => toHex(record.hash)).filter((key) => !judging.has(key)) : [];
      keys.forEach(suspect);
      if (keys.length > 0 && kind.length > 0) {
        soon();
      }
    },
    failed,
    tend,
    status: () => status,
  };
}
