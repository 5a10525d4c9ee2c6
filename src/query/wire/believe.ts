/**
 * From the bytes of an answer to answers that may be believed: steps 4 to 9 of docs/protocol.md.
 *
 * Nothing is taken from an answer before the proof over it holds; after that statements are matched to what was asked
 * by what they say they are about, never by their position.
 */
import { prefixNumber, type Answer, type Question } from '../../base/fingerprint.js';
import type { Crypto } from '../../base/seams.js';
import { decodeAnswer, decodeFrame, isCanonicalFrame, type AnswerFrame } from '../../protocol/answer-message.js';
import type { KeyRing } from '../../protocol/key-ring.js';
import { maxClockSkewMs, maxTtlMs } from '../../protocol/limits.js';
import type { Proof, Statement } from '../../protocol/messages.js';
import { verifyDirect, verifyStatement } from '../../protocol/signing.js';
import { decodeStatementList, type ReadStatement } from '../../protocol/statement.js';
import { PrefixPlaces } from '../decide/prefix-places.js';
import type { ServerTrust } from './server-trust.js';

const noKey = new Uint8Array(0);

/** The request that the answer has to be an answer to. */
export interface Asked {
  /** Its hashes are prefixes. */
  readonly question: Question;
  readonly nonce: Uint8Array;
  /** The body as it was sent. */
  readonly request: Uint8Array;
  /** Whether it was padded: then the answer must be. */
  readonly isPadded: boolean;
}

/** By what an answer is judged. */
export interface BeliefRules {
  readonly trust: ServerTrust;
  readonly keys: Pick<KeyRing, 'find'>;
  readonly crypto: Crypto;
  /** Epoch ms. */
  readonly now: number;
  /** Statement proofs of an older server generation are refused. */
  readonly newestGeneration: number | undefined;
}

/** What became of an answer. */
export type Belief =
  | { readonly kind: 'believed'; readonly answers: readonly Answer[]; readonly strength: 4 | 3 | 1 }
  /** `retry`: the fault may be damage on the way, so that asking the same server again makes sense. */
  | { readonly kind: 'refused'; readonly retry: boolean; readonly why: string };

/**
 * Judges the bytes of an answer.
 * @throws VedetteError `transport-failed` when they are no answer (step 4) or hold something that is no statement (step 6).
 */
export async function believe(bytes: Uint8Array, asked: Asked, rules: BeliefRules): Promise<Belief> {
  const answer = decodeFrame(bytes); // step 4
  if (!isCanonicalFrame(bytes, answer, asked.isPadded ? asked.request.length : undefined)) {
    return refused('not in the form or of the length that such an answer has', { retry: true });
  }
  const refusal = await checkProof(answer, asked, rules); // step 5
  if (refusal !== undefined) {
    return refusal;
  }
  const whatWasAsked = { question: asked.question, places: new PrefixPlaces(asked.question.hashes) };
  const read = decodeAll(answer, whatWasAsked); // step 6
  const unmatched = checkMatch(read, answer.proof, whatWasAsked); // step 7
  if (unmatched !== undefined) {
    return unmatched;
  }
  if (answer.proof.kind === 'statement' && rules.trust === 'signed') {
    if (read.length === 0) {
      return refused('nothing, vouched for by nobody');
    }
    const forged = await checkStatementProofs(bytes, read, rules); // step 8
    if (forged !== undefined) {
      return forged;
    }
  }
  return collect(read, answer.proof, rules); // step 9
}

/** The question, and where in it each prefix stands. */
interface WhatWasAsked {
  readonly question: Question;
  readonly places: PrefixPlaces;
}

/** Step 6. Statements about what was asked are given the prefixes as they were asked. */
function decodeAll({ proof, list }: AnswerFrame, { question: { hashes }, places }: WhatWasAsked): ReadStatement[] {
  const keyId = proof.kind === 'direct' ? proof.keyId : noKey;
  return decodeStatementList(list, { keyId, prefix: (number) => hashes[places.find(number)] });
}

/** Step 5: with trusted keys there must be a proof, and a direct one must hold before anything is decoded. */
async function checkProof({ proof, list }: AnswerFrame, asked: Asked, rules: BeliefRules): Promise<Belief | undefined> {
  if (rules.trust === 'unsigned') {
    return undefined;
  }
  switch (proof.kind) {
    case 'none':
      return refused('unsigned');
    case 'statement':
      return undefined;
    case 'direct': {
      const key = rules.keys.find(proof.keyId, rules.now);
      if (key.kind !== 'trusted') {
        return refused(`signed with a key that is not trusted (${key.kind})`);
      }
      const content = { request: asked.request, nonce: asked.nonce, list };
      const holds = await verifyDirect(content, proof.signature, { publicKey: key.publicKey, crypto: rules.crypto });
      return holds ? undefined : refused('the signature does not fit request and answer', { retry: true });
    }
  }
}

/** Step 7: every statement is about something asked, about each thing once, and names the key of its proof. */
function checkMatch(read: readonly ReadStatement[], proof: Proof, { question, places }: WhatWasAsked): Belief | undefined {
  const isSaid = new Uint8Array(question.hashes.length);
  for (const { statement } of read) {
    if (statement.kind !== question.kind || statement.algorithm !== question.algorithm) {
      return refused('a statement of another kind or algorithm');
    }
    const place = places.find(prefixNumber(statement.prefix));
    if (place < 0 || isSaid[place] === 1) {
      return refused('a statement that was not asked for, or twice');
    }
    isSaid[place] = 1;
    if (proof.kind === 'direct' && statement.keyId !== proof.keyId) {
      return refused('a statement of another key than the answer');
    }
  }
  return undefined;
}

/** Step 8: each statement is signed by the trusted key that it names. */
async function checkStatementProofs(
  bytes: Uint8Array,
  read: readonly ReadStatement[],
  rules: BeliefRules,
): Promise<Belief | undefined> {
  const { proof, statements } = decodeAnswer(bytes);
  const signatures = proof.kind === 'statement' ? proof.signatures : [];
  for (const [i, { statement }] of read.entries()) {
    const key = rules.keys.find(statement.keyId, rules.now);
    if (key.kind !== 'trusted') {
      return refused(`a statement signed with a key that is not trusted (${key.kind})`);
    }
    const by = { publicKey: key.publicKey, crypto: rules.crypto };
    if (!(await verifyStatement(statements[i]!, signatures[i]!, by))) {
      return refused('a statement whose signature does not fit', { retry: true });
    }
  }
  return undefined;
}

/** Step 9: what is left after statements that cannot be used; those prefixes stay unanswered. */
function collect(read: readonly ReadStatement[], proof: Proof, rules: BeliefRules): Belief {
  const answers: Answer[] = [];
  for (const one of read) {
    const ttlMs = usableForMs(one.statement, proof, rules);
    if (one.kind === 'understood' && ttlMs !== undefined) {
      // Its prefix is the one that was asked, not a copy: `decodeAll`.
      const { prefix, records, generation } = one.statement;
      answers.push({ asked: prefix, records, ttlMs, generation });
    }
  }
  if (answers.length === 0 && read.length > 0) {
    return refused('no statement that is current and understood');
  }
  return { kind: 'believed', answers, strength: strengthOf(proof, rules.trust) };
}

/** How long the statement may be used from now; undefined when it may not. A direct one was made for this request. */
function usableForMs(
  statement: Omit<Statement, 'records'>,
  proof: Proof,
  rules: Pick<BeliefRules, 'now' | 'newestGeneration'>,
): number | undefined {
  const ttlMs = Math.min(statement.ttlMs, maxTtlMs);
  if (proof.kind !== 'statement') {
    return ttlMs;
  }
  if (rules.now > statement.expiresAt + maxClockSkewMs || rules.now < statement.issuedAt - maxClockSkewMs) {
    return undefined;
  }
  if (rules.newestGeneration !== undefined && statement.generation < rules.newestGeneration) {
    return undefined;
  }
  return Math.min(ttlMs, Math.max(0, statement.expiresAt - rules.now));
}

function strengthOf(proof: Proof, trust: ServerTrust): 4 | 3 | 1 {
  if (trust === 'unsigned') {
    return 1;
  }
  return proof.kind === 'direct' ? 4 : 3;
}

function refused(why: string, options: { readonly retry: boolean } = { retry: false }): Belief {
  return { kind: 'refused', retry: options.retry, why };
}
