/**
 * Every limit of the wire protocol in one place, with its unit. Both sides hold to them: what is over a limit is
 * refused before it is decoded, and each limit is exact (n passes, n + 1 does not). docs/protocol.md lists them.
 */

/** Bytes of the nonce of a request. */
export const nonceBytes = 16;

/** Bytes of the nonce of a challenge. */
export const challengeNonceBytes = 32;

/** Bytes of a challenge, and of the answer to one. The larger of them that means something has 78. */
export const maxChallengeBytes = 128;

/** Bytes of a key id: the start of SHA-256 over the raw public key. */
export const keyIdBytes = 8;

/** Bytes of an Ed25519 signature. */
export const signatureBytes = 64;

/** Prefixes in one request, over all groups. */
export const maxPrefixes = 1000;

/** Groups in one request: two kinds by three algorithms. */
export const maxGroups = 6;

/** Bytes of a request body. The largest that is allowed to mean something has about 4.1 kB. */
export const maxRequestBytes = 8192;

/** Bytes of the smallest size class of padded requests. */
export const leastRequestBytes = 64;

/** Bytes of an answer body. A server that has more to say leaves prefixes out; they are asked again. */
export const maxAnswerBytes: number = 4 * 1024 * 1024;

/** Bytes of one statement. */
export const maxStatementBytes: number = 256 * 1024;

/** Records in one statement. */
export const maxRecords = 2048;

/** Threats in one record. */
export const maxThreats = 64;

/** Bytes of UTF-8 in a threat's name. */
export const maxNameBytes = 1024;

/** Bytes of UTF-8 in a threat's type. */
export const maxTypeBytes = 64;

/** Categories in one record. */
export const maxCategories = 16;

/** Bytes of UTF-8 in a category. */
export const maxCategoryBytes = 64;

/** Values in one statement, nested ones included: the budget of the structural scan. */
export const maxStatementItems = 32_768;

/** Keys in a key list. */
export const maxListedKeys = 64;

/** Bytes of a key list with its signatures. */
export const maxKeyListBytes: number = 16 * 1024;

/** How long an answer may be used at most, in ms; a longer one is cut to this. */
export const maxTtlMs = 86_400_000;

/** How far two wall clocks may be apart, in ms, before a statement proof is held for expired or not yet issued. */
export const maxClockSkewMs = 300_000;
