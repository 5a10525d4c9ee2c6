/**
 * The retro-hunt as the rest of the engine knows it. How it goes about (`pursuit.ts`) is loaded with the first thing
 * that it has to do: an engine without a retro log never loads it.
 */
import type { CheckResult } from '../../../base/check-result.js';
import type { Answer, Question } from '../../../base/fingerprint.js';
import type { RetroLog, RetroPlace } from '../../../retro/retro-log.js';
import type { EngineCore } from '../../family/core.js';
import type { HuntStatus } from './hunt-status.js';

/** The hunt of one family. */
export interface Hunt {
  /** This content may be malicious now. */
  suspect(key: string): void;
  /** This content is malicious by a check: it is reported for every other place where it was let through. */
  caught(result: CheckResult, place: RetroPlace): void;
  /** The log failed: a `fault` event, once for one error, whoever meets it. */
  failed(error: unknown): void;
  /** An answer came, to whatever question. */
  answered(question: Question, answers: readonly Answer[]): void;
  /** All that is due. Never rejects. @returns in how many ms to look again. */
  tend(signal: AbortSignal): Promise<number>;
  status(): HuntStatus;
}

const lookEveryMs = 60_000;
/** What is told while it is being loaded waits; of more than this the first go. */
const maxWaiting = 10_000;

/** A hunt over the log of the rooms. `soon` asks for a call of `tend`. */
export function createHunt(core: EngineCore, log: RetroLog, soon: () => void): Hunt {
  let hunt: Hunt | undefined;
  let loading: Promise<Hunt> | undefined;
  let waiting: ((hunt: Hunt) => void)[] = [];

  async function load(): Promise<Hunt> {
    const { createPursuit } = await import('./pursuit.js');
    const loaded = (hunt ??= createPursuit(core, log, soon));
    const told = waiting;
    waiting = [];
    told.forEach((tell) => tell(loaded));
    return loaded;
  }

  /** One that cannot be loaded now may be later. */
  function loaded(): Promise<Hunt> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      core.events.emit({ kind: 'fault', where: 'retro', error });
      throw error;
    });
    return loading;
  }

  function when(tell: (hunt: Hunt) => void): void {
    if (hunt !== undefined) {
      tell(hunt);
      return;
    }
    waiting.push(tell);
    if (waiting.length > maxWaiting) {
      waiting.shift();
    }
    core.rooms.background(loaded().catch(() => undefined));
  }

  return {
    suspect: (key) => when((one) => one.suspect(key)),
    caught: (result, place) => when((one) => one.caught(result, place)),
    answered: (question, answers) => when((one) => one.answered(question, answers)),
    failed: (error) => when((one) => one.failed(error)),
    async tend(signal) {
      const ready = hunt ?? (await loaded().catch(() => undefined));
      return ready === undefined ? lookEveryMs : ready.tend(signal);
    },
    status: () => hunt?.status() ?? { state: 'idle', judged: 0, entries: 0, open: 0 },
  };
}
