/** Answers that arrive whole and are wrong: what a relay, an old server, a stolen key or an attacker could say. */
import { decodeAnswer } from '../../src/protocol/answer-message.js';
import { keyId } from '../../src/protocol/keys.js';
import type { Statement } from '../../src/protocol/messages.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import { decodeStatement, encodeStatement } from '../../src/protocol/statement.js';
import type { Fault, FaultExchange } from './fault-server.js';
import { send } from './fault-wire.js';
import { answerWith, crypto, directAnswer, statementAnswer, stranger, trusted } from './wire-fixtures.js';

type Lie = (exchange: FaultExchange, said: readonly Uint8Array[]) => Uint8Array | Promise<Uint8Array>;

const hourMs = 3_600_000;

function lie(name: string, tell: Lie, more: Pick<Fault, 'leaves'> = {}): Fault {
  return {
    name,
    ...more,
    answer: (socket, exchange) => {
      void Promise.resolve(tell(exchange, decodeAnswer(exchange.honest).statements)).then((bytes) => send(socket, bytes));
    },
  };
}

/** The statements with other fields, signed for them. */
function restated(said: readonly Uint8Array[], changes: Partial<Statement>): Uint8Array[] {
  return said.map((bytes) => {
    const read = decodeStatement(bytes);
    return read.kind === 'understood' ? encodeStatement({ ...read.statement, ...changes }) : bytes;
  });
}

/** "Listed as nothing bad" for everything: what an attacker would like to say. */
const cleared = (said: readonly Uint8Array[]): Uint8Array[] => restated(said, { records: [] });

/** A statement whose records have a disposition of a later version. */
function unknownDisposition(said: readonly Uint8Array[]): Uint8Array[] {
  const threats = [{ name: 'Later.Kind', type: 'later' }];
  const hash = new Uint8Array(32);
  return said.map((bytes) => {
    const read = decodeStatement(bytes);
    hash.set(read.statement.prefix);
    const listed = encodeStatement({ ...read.statement, records: [{ hash, disposition: 'malicious', threats }] });
    // The code of `malicious` stands right behind the hash.
    const at = Buffer.from(listed).indexOf(hash) + hash.length;
    return listed.map((byte, i) => (i === at ? 99 : byte));
  });
}

/**
 * Every lie. Where there was nothing to change (a question about one thing that is on no list), the honest answer is
 * left. `trusted` of wire-fixtures is the key that the client trusts; where a lie is signed by it,
 * a server fails.
 */
export const lies: readonly Fault[] = [
  lie('cleared by a key that is not trusted', ({ request }, said) => directAnswer(request, cleared(said), stranger)),
  lie('cleared under the id of the trusted key, by another', async ({ request }, said) => {
    const { proof } = decodeAnswer(await directAnswer(request, cleared(said), stranger));
    return answerWith(request, proof.kind === 'direct' ? { ...proof, keyId: keyId(trusted.publicKey, crypto) } : proof, cleared(said));
  }),
  lie('cleared without a signature', ({ request }, said) => answerWith(request, { kind: 'none' }, cleared(said))),
  lie('cleared under the honest signature', ({ request, honest }, said) => answerWith(request, decodeAnswer(honest).proof, cleared(said)), { leaves: 'truth' }),
  lie('the answer to another request (digest)', async ({ request }, said) => {
    const query = decodeQuery(request);
    const other = encodeQuery({ ...query, groups: query.groups.map((group) => ({ ...group, prefixes: [...group.prefixes, Uint8Array.of(1, 2, 3, 4)] })) });
    return answerWith(request, decodeAnswer(await directAnswer(other, said)).proof, said);
  }),
  lie('the answer to the same question of before (nonce)', async ({ request }, said) => {
    const earlier = encodeQuery({ ...decodeQuery(request), nonce: new Uint8Array(16).fill(7) });
    return answerWith(request, decodeAnswer(await directAnswer(earlier, said)).proof, said);
  }),
  lie('about other prefixes', ({ request }, said) => directAnswer(request, restated(said, { prefix: Uint8Array.of(9, 9, 9, 9) }))),
  lie('about another kind', ({ request }, said) => directAnswer(request, restated(said, { kind: decodeQuery(request).groups[0]?.kind === 'url' ? 'file' : 'url' }))),
  lie('about another algorithm', ({ request }, said) => directAnswer(request, restated(said, { algorithm: 'md5', records: [] }))),
  lie('under the id of another key', ({ request }, said) => directAnswer(request, restated(said, { keyId: keyId(stranger.publicKey, crypto) }))),
  lie('of an older generation', ({ request }, said) => directAnswer(request, restated(said, { generation: 4 })), { leaves: 'find' }),
  lie('statements of an older generation', ({ request }, said) => statementAnswer(request, restated(said, { generation: 4 })), { leaves: 'find' }),
  lie('statements that have expired', ({ request }, said) => statementAnswer(request, restated(said, { issuedAt: Date.now() - 2 * hourMs, expiresAt: Date.now() - hourMs }))),
  lie('statements of tomorrow', ({ request }, said) => statementAnswer(request, restated(said, { issuedAt: Date.now() + 24 * hourMs, expiresAt: Date.now() + 25 * hourMs }))),
  lie('statements signed by a key that is not trusted', ({ request }, said) => statementAnswer(request, restated(said, { keyId: keyId(stranger.publicKey, crypto) }), stranger)),
  lie('statements whose signatures are one another’s or cut', async ({ request }, said) => {
    const { proof } = decodeAnswer(await statementAnswer(request, said));
    const signatures = proof.kind === 'statement' ? proof.signatures.map((one) => one.map((byte, i) => (i === 63 ? byte ^ 1 : byte))) : [];
    return answerWith(request, { kind: 'statement', signatures }, said);
  }),
  lie('every statement twice', ({ request }, said) => directAnswer(request, [...said, ...said])),
  lie('no statement at all', ({ request }) => directAnswer(request, [])),
  lie('a disposition that nobody knows', ({ request }, said) => directAnswer(request, unknownDisposition(said))),
  lie('a kind that nobody knows', ({ request }, said) => directAnswer(request, said.map((bytes) => bytes.map((byte, i) => (i === 2 ? 9 : byte))))),
  lie('a proof that nobody knows', ({ honest }) => honest.map((byte, i) => (i === 2 ? 7 : byte))),
  lie('statements that are cut', ({ request }, said) => directAnswer(request, said.map((bytes) => bytes.subarray(0, -2)))),
  // Right for as much as they say: matched by hash, the truth may come of it, and nothing else.
  lie('in another order, signed in it', ({ request }, said) => directAnswer(request, [...said].reverse()), { leaves: 'truth' }),
  lie('in another order than it was signed in', ({ request, honest }, said) => answerWith(request, decodeAnswer(honest).proof, [...said].reverse()), { leaves: 'truth' }),
  lie('half of the statements', ({ request }, said) => directAnswer(request, said.slice(said.length >> 1)), { leaves: 'truth' }),
];
