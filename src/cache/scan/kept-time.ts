/** Instants as pages keep them: whole seconds on the wall clock and on a steady one, whose id is boiled down to a number. */
import type { Clock } from '../../base/seams.js';
import { ageMs, type Present, type SteadyClock } from '../steady-clock.js';
import type { KeptInstant } from './page-entry.js';

/** Makes instants, and tells how old they are, as of the last look at the clocks. */
export interface KeptTime {
  /** Looks at the clocks: once for a batch of files. */
  look(): void;
  now(): KeptInstant;
  ageMs(then: KeptInstant): number;
}

/** Over the store's own steady clock, or this process's. */
export function createKeptTime(options: { readonly clock: Clock; readonly process: string; readonly store: { readonly steady?: SteadyClock | undefined } }): KeptTime {
  const { clock, store } = options;
  const since = { now: clock.now(), monotonicMs: clock.monotonicMs() };
  let steady: SteadyClock | undefined;
  let tag = tagOf(options.process);
  /** The last instant that was asked about, as of the last look: files that were read one after the other have the same. */
  let told: { readonly then: KeptInstant; readonly ageMs: number } | undefined;
  let present: Present = { now: since.now, steadyMs: since.monotonicMs, steadyId: tag };
  look();

  function look(): void {
    // A store that is opened late has its clock from then on.
    if (store.steady !== steady) {
      steady = store.steady;
      tag = tagOf(steady?.id ?? options.process);
    }
    const monotonicMs = clock.monotonicMs();
    const steadyMs = steady?.nowMs() ?? monotonicMs;
    const passedMs = monotonicMs - since.monotonicMs;
    told = undefined;
    present = { now: clock.now(), steadyMs, steadyId: tag, since: { now: since.now, steadyMs: steadyMs - passedMs } };
  }

  return {
    look,
    now: () => ({ epochS: wholeSeconds(present.now), steadyS: wholeSeconds(present.steadyMs), steadyTag: tag }),
    ageMs(then) {
      if (told === undefined || !isSameInstant(told.then, then)) {
        const { epochS, steadyS, steadyTag } = then;
        told = { then, ageMs: ageMs({ now: epochS * 1000, steadyMs: steadyS * 1000, steadyId: steadyTag }, present) };
      }
      return told.ageMs;
    },
  };
}

function isSameInstant(a: KeptInstant, b: KeptInstant): boolean {
  return a.epochS === b.epochS && a.steadyS === b.steadyS && a.steadyTag === b.steadyTag;
}

function wholeSeconds(ms: number): number {
  return Math.min(Math.max(0, Math.floor(ms / 1000)), 0xffffffff);
}

/** FNV-1a, 32 bits. Two boots of one machine with the same number are a matter of 2^32 of them. */
function tagOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
