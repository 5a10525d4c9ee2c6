/**
 * Step 4: finds out whether servers are back, while something is pending that they could settle. A probe is an
 * ordinary question about a hash that was drawn at random: it tells nobody anything, and its answer is not kept.
 */
import { hashBytes, prefixBytes } from '../../base/fingerprint.js';
import { admits } from '../decide/breaker.js';
import { wantsProbe, wasJustTold } from '../decide/server-state.js';
import type { Question } from '../../base/fingerprint.js';
import type { Clock, Random } from '../../base/seams.js';
import type { Asker } from './asker.js';
import type { WaitMemory } from './wait-memory.js';
import type { ServerEntry, ServerList } from '../server-list.js';

/** What a prober is made of. */
export interface ProberOptions {
  readonly servers: ServerList;
  readonly clock: Clock;
  readonly random: Random;
  readonly waits: WaitMemory;
  /** One whose answers reach neither the cache nor anybody else. */
  readonly asker: Asker;
  /** Fires when the client closes. */
  readonly closing: AbortSignal;
}

/** Asks servers whether they are back. */
export interface Prober {
  probe(options: { readonly signal: AbortSignal }): Promise<boolean>;
  nextProbeAt(): number;
}

/** When there is no server at all: a far but finite instant. */
const neverMs = 86_400_000;

/** A prober over the servers of one client. */
export function createProber({ servers, clock, random, asker, waits, closing }: ProberOptions): Prober {
  return {
    async probe({ signal }) {
      const off = AbortSignal.any([signal, closing]);
      const recall = waits.recall();
      if (recall !== undefined && !(await firstSuccess([recall.then(() => true)], off))) {
        return false;
      }
      const free = servers.inOrder().filter((entry) => entry.state().waitUntilMs <= clock.monotonicMs());
      const asked = free.filter((entry) => entry.source.probes !== false);
      const wanting = asked.filter((entry) => wantsProbe(entry.state()));
      const probes = wanting.filter((entry) => !wasJustTold(entry.state(), clock.monotonicMs())).map((entry) => probeOne(entry, { asker, random, off }));
      if (free.length > 0) {
        servers.probed();
      }
      // Of one that is not probed only a question may find out whether it is back.
      if (!off.aborted && free.some((entry) => entry.source.probes === false && admits(entry.state().breaker, clock.monotonicMs()))) {
        return true;
      }
      return wanting.length < asked.length && !off.aborted ? true : firstSuccess(probes, off);
    },
    nextProbeAt() {
      const nowMs = clock.monotonicMs();
      // No probe is of use while all of them wait, and none ever where there is no server.
      const freeAtMs = Math.min(...servers.inOrder().map((entry) => entry.state().waitUntilMs), nowMs + neverMs);
      return clock.now() + Math.ceil(Math.max(servers.probeAtMs(), freeAtMs, nowMs) - nowMs);
    },
  };
}

/** True when the server answers what it was asked, an explicit "not listed" included. */
async function probeOne(
  entry: ServerEntry,
  { asker, random, off }: { readonly asker: Asker; readonly random: Random; readonly off: AbortSignal },
): Promise<boolean> {
  const bytes = entry.source.asks === 'prefix' ? prefixBytes : hashBytes.sha256;
  const hash = Uint8Array.from({ length: bytes }, () => Math.floor(256 * random()));
  const question: Question = { kind: 'file', algorithm: 'sha256', hashes: [hash] };
  let answered = false;
  const end = await asker.ask(entry, question, {
    signal: off,
    onAnswer: () => {
      answered = true;
    },
  });
  return answered || (end.kind === 'answer' && entry.source.silence === 'abstains');
}

/** True at the first success; false when all have failed, and at once when called off. */
function firstSuccess(probes: readonly Promise<boolean>[], off: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (result: boolean): void => {
      off.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = (): void => end(false);
    if (off.aborted) {
      resolve(false);
      return;
    }
    off.addEventListener('abort', giveUp);
    for (const probe of probes) {
      void probe.then((isBack) => {
        if (isBack) {
          end(true);
        }
      });
    }
    void Promise.all(probes).then((all) => end(all.includes(true)));
  });
}
