/**
 * From a place to what holds there: which servers are asked, in which order, where updates come from, and what policy
 * says about what cannot be verified. Pure.
 */
import type { Place } from './place.js';

/** What differs in one location. Everything that is absent is as the rest of the configuration says. */
export interface Profile<Server, Unknown> {
  readonly servers?: readonly Server[] | undefined;
  readonly order?: 'listed' | 'random' | undefined;
  readonly unknown?: Unknown | undefined;
  readonly updates?: readonly string[] | undefined;
}

/** The profiles of both locations. */
export interface Profiles<Server, Unknown> {
  /** `fallback`: when no internal server answers, the external ones are asked. */
  readonly internal?: (Profile<Server, Unknown> & { readonly fallback?: boolean | undefined }) | undefined;
  readonly external?: Profile<Server, Unknown> | undefined;
}

/** What holds at a place. */
export interface InForce<Server, Unknown> {
  readonly servers: readonly Server[];
  readonly order: 'listed' | 'random';
  readonly unknown: Unknown | undefined;
  /** Undefined where no profile names any: then the rest of the configuration says. */
  readonly updates: readonly string[] | undefined;
}

/** What holds where no profile says otherwise. */
export type Common<Server> = Pick<InForce<Server, never>, 'servers' | 'order'>;

/** What holds at the place. */
export function profileInForce<Server extends { readonly address: string }, Unknown>(
  profiles: Profiles<Server, Unknown>,
  common: Common<Server>,
  place: Pick<Place, 'location' | 'near'>,
): InForce<Server, Unknown> {
  const { internal, external } = profiles;
  const inside = internal?.servers ?? common.servers;
  const outside = external?.servers ?? common.servers;
  if (place.location === 'internal') {
    const servers = internal?.fallback === true ? withoutRepeats([...inside, ...outside]) : inside;
    return { servers, order: internal?.order ?? common.order, unknown: internal?.unknown, updates: internal?.updates };
  }
  const order = external?.order ?? common.order;
  const rest = { unknown: external?.unknown, updates: external?.updates };
  return place.near === 'internal' ? { ...nearFirst(outside, inside, order), ...rest } : { servers: outside, order, ...rest };
}

/** The same servers: those that are internal ones as well come first, in their order, for they may be near. */
function nearFirst<Server extends { readonly address: string }>(
  servers: readonly Server[],
  inside: readonly Server[],
  order: 'listed' | 'random',
): { readonly servers: readonly Server[]; readonly order: 'listed' | 'random' } {
  const isNear = (one: Server): boolean => inside.some((other) => other.address === one.address);
  const near = servers.filter(isNear);
  return near.length === 0 || near.length === servers.length
    ? { servers, order }
    : { servers: [...near, ...servers.filter((one) => !isNear(one))], order: 'listed' };
}

function withoutRepeats<Server extends { readonly address: string }>(servers: readonly Server[]): readonly Server[] {
  return servers.filter((one, at) => servers.findIndex((other) => other.address === one.address) === at);
}
