/** The entry './adapters/quorum': several reputation sources as one, by weighted vote. */
export { createQuorumSource } from './quorum/source.js';
export type { Disagreement, QuorumMember, QuorumOptions } from './quorum/source.js';
export type { Silence } from './quorum/opinions.js';
export type { Opinion, Outcome, Vote } from './quorum/votes.js';
