/**
 * Who downloads what: an agent and a server subscribe to disjoint sets of components, so that neither moves bytes that
 * belong to the other. Together they take everything that is published.
 */
import type { ComponentKind } from '../pattern/container-format.js';

/** What kind of host keeps itself up to date. */
export type UpdateRole = 'agent' | 'server';

/** Components of each role. Disjoint; their union is every kind there is. */
const subscriptions: Readonly<Record<UpdateRole, readonly ComponentKind[]>> = {
  agent: ['agent-pattern', 'filter', 'lists', 'action-table'],
  server: ['server-pattern'],
};

/** What a site decides itself, and signs with its own key. */
export const siteComponents: readonly ComponentKind[] = ['lists', 'action-table'];

/** Every component that is published. */
export const updateComponents: readonly ComponentKind[] = [...subscriptions.agent, ...subscriptions.server];

const hourMs = 3_600_000;

/** How often a component is looked for. */
const periods: Readonly<Record<ComponentKind, number>> = {
  'agent-pattern': 24 * hourMs,
  filter: hourMs,
  'server-pattern': hourMs,
  // What a site has decided comes as soon as what the vendor has.
  lists: hourMs,
  'action-table': 24 * hourMs,
};

/** The components that a role downloads. */
export function componentsOf(role: UpdateRole): readonly ComponentKind[] {
  return subscriptions[role];
}

/** Time between two looks for a component, in ms. */
export function updatePeriodMs(component: ComponentKind): number {
  return periods[component];
}
