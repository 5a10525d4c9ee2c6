/** Tells where the host is. The default knows nothing and says external, the stricter of the two. */
import type { Signal } from '../base/seams.js';

/** Inside the organisation's network, or not. */
export type Location = 'internal' | 'external';

/** What one probe has found. */
export interface Located {
  readonly location: Location;
  /** What told it, for people: `gateway 10.0.0.1`. */
  readonly by: string;
  /**
   * How far it may be believed. Absent: as the host's own word. `challenge`: proven by a key, until the network changes.
   * `hint`: anybody could make it look so; it decides nothing but the order of servers.
   */
  readonly proof?: 'challenge' | 'hint' | undefined;
}

/** Asked at start, on network change and hourly. */
export interface LocationProbe {
  /** @throws VedetteError `aborted` */
  locate(options: Signal): Promise<Located>;
}

/** A probe that always says the same. */
export function createFixedLocation(location: Location): LocationProbe {
  return { locate: () => Promise.resolve({ location, by: 'fixed' }) };
}
