/**
 * Which files bring a component from what is held to the newest generation: the cheapest chain of deltas where it moves
 * less than 60 % of the full file, else the full file. Pure.
 */
import type { ComponentKind } from '../pattern/container-format.js';
import type { Offer } from './catalogue.js';

/** What a host has of a component. */
export interface HeldComponent {
  readonly generation: number;
  /** SHA-256 of its container, hex. */
  readonly sha256: string;
}

/** What is to be downloaded. */
export type UpdatePlan =
  /** The repository does not have this component. */
  | { readonly kind: 'absent' }
  /** Nothing newer is there. */
  | { readonly kind: 'current'; readonly generation: number }
  /** The repository has gone back: what it offers is older than what was held before. */
  | { readonly kind: 'older'; readonly generation: number; readonly newest: number }
  | { readonly kind: 'full'; readonly file: Offer }
  /** In this order, each on the result of the one before; `full` in case one of them does not fit. */
  | { readonly kind: 'chain'; readonly deltas: readonly Offer[]; readonly full: Offer };

/** Beyond this share of the full file a chain is not worth its work. */
const chainShare = 0.6;
const maxDeltas = 64;

/** What to download. `newestEver`: the newest generation that was ever held, also before a rollback. */
export function planUpdate(
  offers: readonly Offer[],
  component: ComponentKind,
  known: { readonly held: HeldComponent | undefined; readonly newestEver: number | undefined },
): UpdatePlan {
  const own = offers.filter((offer) => offer.component === component);
  const full = newestFull(own);
  if (full === undefined) {
    return { kind: 'absent' };
  }
  const newest = Math.max(known.held?.generation ?? -1, known.newestEver ?? -1);
  const isHeld = known.held?.generation === full.generation && known.held.sha256 === full.sha256;
  if (full.generation < newest) {
    return { kind: 'older', generation: full.generation, newest };
  }
  // After a rollback the newest ever is the one that was rolled back from: it is not taken again.
  if (isHeld || (full.generation === newest && known.held !== undefined)) {
    return { kind: 'current', generation: full.generation };
  }
  const deltas = known.held === undefined ? undefined : cheapestChain(own, known.held.generation, full.generation);
  const isWorthIt = deltas !== undefined && total(deltas) < chainShare * full.length;
  return isWorthIt ? { kind: 'chain', deltas, full } : { kind: 'full', file: full };
}

function newestFull(offers: readonly Offer[]): Offer | undefined {
  const fulls = offers.filter((offer) => offer.from === undefined);
  return fulls.reduce<Offer | undefined>((best, offer) => (best === undefined || offer.generation > best.generation ? offer : best), undefined);
}

interface Route {
  readonly deltas: readonly Offer[];
  readonly bytes: number;
}

/** Generations only grow along a delta, so visiting them in order finds the cheapest way to each. */
function cheapestChain(offers: readonly Offer[], from: number, to: number): readonly Offer[] | undefined {
  const deltas = offers.filter((offer) => (offer.from ?? -1) >= from && offer.from !== undefined && offer.generation <= to);
  const routes = new Map<number, Route>([[from, { deltas: [], bytes: 0 }]]);
  for (const delta of deltas.sort((a, b) => (a.from ?? 0) - (b.from ?? 0) || a.generation - b.generation)) {
    const before = routes.get(delta.from ?? -1);
    const known = routes.get(delta.generation);
    const bytes = (before?.bytes ?? 0) + delta.length;
    if (before !== undefined && before.deltas.length < maxDeltas && (known === undefined || bytes < known.bytes)) {
      routes.set(delta.generation, { deltas: [...before.deltas, delta], bytes });
    }
  }
  return routes.get(to)?.deltas;
}

function total(offers: readonly Offer[]): number {
  return offers.reduce((sum, offer) => sum + offer.length, 0);
}
