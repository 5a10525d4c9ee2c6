/** The entry './adapters/safe-browsing': a Safe Browsing client (API version 5) as parts of an engine. */
export { createSafeBrowsing } from './client.js';
export type { SafeBrowsing, SafeBrowsingMode, SafeBrowsingOptions } from './client.js';
export type { ListOutcome } from './lists.js';
export { readThreatEntrySets } from './v4-entries.js';
export type { ThreatEntries } from './v4-entries.js';
