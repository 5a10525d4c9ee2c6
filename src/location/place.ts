/**
 * From what the probes have found to the place that an engine acts by. Pure.
 *
 * Nothing but a proof leads inside: a key that has met a challenge, or the host's own word. A hint, as the address of a
 * gateway is one, can be made by whoever runs the network; it says which servers may be near, and nothing else.
 */
import type { Location, Located } from './location-probe.js';

/** Where an engine takes itself to be. */
export interface Place {
  readonly location: Location;
  /** What told it. */
  readonly by: string;
  readonly proof: 'none' | 'challenge' | 'host';
  /** Which servers may be near. Differs from `location` only where a hint says internal and nothing proves it. */
  readonly near: Location;
}

/** Before anything was asked. */
export const unknownPlace: Place = { location: 'external', by: 'not asked yet', proof: 'none', near: 'external' };

/** The place by all that was found; what is missing from the list proves nothing. */
export function placeFrom(found: readonly Located[]): Place {
  const proven = found.filter((one) => one.proof !== 'hint');
  const decisive = proven.find((one) => one.location === 'internal') ?? proven[0];
  const near = found.find((one) => one.proof === 'hint' && one.location === 'internal');
  if (decisive?.location === 'internal') {
    return { location: 'internal', by: decisive.by, proof: decisive.proof === 'challenge' ? 'challenge' : 'host', near: 'internal' };
  }
  const by = near?.by ?? decisive?.by ?? found[0]?.by ?? 'nothing that could tell';
  return { location: 'external', by, proof: 'none', near: near === undefined ? 'external' : 'internal' };
}

/** The place when the network has changed: a proof was one of the network before. The host's own word it takes back itself. */
export function placeAfterChange(place: Place): Place {
  return place.proof === 'challenge' || place.near !== place.location
    ? { location: 'external', by: 'the network has changed', proof: 'none', near: 'external' }
    : place;
}
