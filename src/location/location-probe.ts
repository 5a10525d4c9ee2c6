/** Tells where the host is. The default knows nothing and says external, the stricter of the two. */
import type { Signal } from '../base/seams.js';

/** Inside the organisation's network, or not. */
export type Location = 'internal' | 'external';

/** Asked at start, on network change and hourly. */
export interface LocationProbe {
  locate(options: Signal): Promise<{ readonly location: Location; readonly by: string }>;
}

/** A probe that always says the same. */
export function createFixedLocation(location: Location): LocationProbe {
  return { locate: () => Promise.resolve({ location, by: 'fixed' }) };
}
