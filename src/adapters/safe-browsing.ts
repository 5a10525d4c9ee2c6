/** The entry './adapters/safe-browsing': a Safe Browsing client (API version 5) as parts of an engine. */
export { createSafeBrowsing } from './safe-browsing/client.js';
export type { SafeBrowsing, SafeBrowsingMode, SafeBrowsingOptions } from './safe-browsing/client.js';
export type { ListOutcome } from './safe-browsing/lists.js';
export { readThreatEntrySets } from './safe-browsing/v4-entries.js';
export type { ThreatEntries } from './safe-browsing/v4-entries.js';
export type { RiceLimits } from '../pattern/rice/rice.js';
