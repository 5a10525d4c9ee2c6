/**
 * Keeps the questions to a foreign service within its quota (`quota.ts`), over restarts where the host gives a store.
 * A question is counted, and the count stored, before it leaves: a crash makes the quota smaller, never larger.
 */
import { assertInteger } from '../../base/assert.js';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import type { Clock, StateStore } from '../../base/seams.js';
import { admit, afterAnswer, afterRefusal, restoredQuota, storedQuota, unusedQuota } from './quota.js';
import type { Instant, QuotaLimits, QuotaState } from './quota.js';

/** What a pacer is made of. */
export interface PacerOptions {
  readonly limits: QuotaLimits;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly state: StateStore;
  /** Key in the store. One pacer to a key: two processes with one store count apart. */
  readonly key: string;
}

/** Admits questions. */
export interface Pacer {
  /** Counts a question and lets it go, or says how long to wait. */
  admit(): Promise<{ readonly kind: 'go' } | { readonly kind: 'wait'; readonly waitMs: number }>;
  /** The service refused one. Returns how long nothing more is asked, in ms. */
  refused(waitMs: number | undefined): Promise<number>;
  answered(): void;
}

/** @throws RangeError for a limit that is no integer from 1 on. */
export function createPacer({ limits, clock, state: store, key }: PacerOptions): Pacer {
  Object.entries(limits).forEach(([name, limit]) => assertInteger(`limits.${name}`, limit as number, { min: 1 }));
  let state: QuotaState = unusedQuota;
  let loading: Promise<void> | undefined;
  let storing: Promise<unknown> = Promise.resolve();
  const now = (): Instant => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.now() });

  async function load(): Promise<void> {
    const bytes = await store.get(key).catch(() => undefined);
    state = (bytes === undefined ? undefined : restoredQuota(parse(bytes), now())) ?? unusedQuota;
  }
  /** In order, and of the state as it is by then. A store that fails costs the memory of the count, not the answer. */
  function save(): Promise<unknown> {
    storing = storing.then(() => store.set(key, toUtf8(JSON.stringify(storedQuota(state, now()))))).catch(() => undefined);
    return storing;
  }

  return {
    async admit() {
      await (loading ??= load());
      const admission = admit(state, limits, now());
      state = admission.state;
      if (admission.kind === 'wait') {
        return { kind: 'wait', waitMs: admission.waitMs };
      }
      if (limits.perMinute !== undefined || limits.perDay !== undefined) {
        await save();
      }
      return { kind: 'go' };
    },
    async refused(waitMs) {
      state = afterRefusal(state, waitMs, now());
      await save();
      return Math.max(0, Math.ceil(state.waitUntilMs - clock.monotonicMs()));
    },
    answered() {
      state = afterAnswer(state);
    },
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
