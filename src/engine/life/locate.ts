/**
 * Finds out where the engine is: asks the probes, side by side and each within its time, at start, when the network has
 * changed, when a server is given up that only a proof made askable, and hourly. What a probe cannot tell is not proven.
 */
import type { Located } from '../../location/location-probe.js';
import type { Place } from '../../location/place.js';
import type { EngineCore } from '../family/core.js';

/** Looks where the engine is. Instants are monotonic: a wall clock that is put back must not put a look off for years. */
export interface Locator {
  /** In how many ms the next look is due. */
  dueInMs(): number;
  /** Looks, if it is due. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
  /** The network is another one: what was proven was proven of the one before. */
  networkChanged(): void;
  /** A server was given up: a proof is worth another look, once a minute at most. @returns whether a look is due now. */
  doubt(): boolean;
}

/** What a probe gets before the rest goes on without it. */
const patienceMs = 30_000;
const doubtEveryMs = 60_000;
const hourMs = 3_600_000;

/** A locator that has not looked yet. */
export function createLocator(core: EngineCore, place: { get(): Place; set(next: Place): void }): Locator {
  const { clock, rules, random } = core.rooms;
  let dueAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let vain = 0;
  let change = 0;

  /** One probe; undefined when it fails, or does not answer in time. */
  async function ask(probe: { locate(options: { readonly signal: AbortSignal }): Promise<Located> }, signal: AbortSignal): Promise<Located | undefined> {
    const over = new AbortController();
    const leave = core.fanOut.follow(signal, () => over.abort());
    const outOfTime = clock.sleep(patienceMs, over.signal, { background: true }).then(() => undefined, () => undefined);
    const found = (async () => probe.locate({ signal: over.signal }))().then(asLocated).catch((error: unknown) => {
      if (!core.closing.aborted && !over.signal.aborted) {
        core.events.emit({ kind: 'fault', where: 'location', error });
      }
      return undefined;
    });
    const first = await Promise.race([found, outOfTime]);
    over.abort();
    leave();
    return first;
  }

  async function look(signal: AbortSignal): Promise<void> {
    if (clock.monotonicMs() < dueAt) {
      return;
    }
    const { locations } = core.settings();
    const recheckMs = locations?.recheckMs ?? hourMs;
    lookedAt = clock.monotonicMs();
    dueAt = lookedAt + recheckMs;
    const before = change;
    const answers = await Promise.all(core.rooms.probes(core.settings()).map((probe) => ask(probe, signal)));
    if (signal.aborted || before !== change) {
      // The network changed meanwhile, or nobody wants to know any more: what was found counts for nothing.
      dueAt = Number.NEGATIVE_INFINITY;
      return;
    }
    const next = rules.placeFrom(answers.filter((one) => one !== undefined));
    vain = next.location === 'internal' ? 0 : vain + 1;
    const couldProve = (locations?.references ?? []).length > 0;
    dueAt = clock.monotonicMs() + rules.lookAgainMs({ place: next, vain, couldProve, recheckMs }, random);
    place.set(next);
  }

  return {
    dueInMs: () => dueAt - clock.monotonicMs(),
    look,
    networkChanged() {
      change++;
      vain = 0;
      dueAt = Number.NEGATIVE_INFINITY;
      place.set(rules.placeAfterChange(place.get()));
    },
    doubt() {
      const isWorthIt = place.get().proof === 'challenge' && clock.monotonicMs() >= lookedAt + doubtEveryMs;
      if (isWorthIt) {
        dueAt = Number.NEGATIVE_INFINITY;
      }
      return isWorthIt;
    },
  };
}

/** @throws TypeError for what a probe of the host hands over instead of a location. */
function asLocated(given: Located | undefined): Located {
  const isPlace = given?.location === 'internal' || given?.location === 'external';
  const isProof = given?.proof === undefined || given.proof === 'hint' || given.proof === 'challenge';
  if (given === undefined || !isPlace || !isProof) {
    throw new TypeError('location: expected a probe to say internal or external');
  }
  return { ...given, by: typeof given.by === 'string' && given.by !== '' ? given.by.slice(0, 200) : 'the host' };
}
