import { describe, expect, it } from 'vitest';
import type { Crypto } from '../../src/base/seams.js';
import type { AnswerRecord } from '../../src/base/fingerprint.js';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { decodeAnswer, encodeAnswer } from '../../src/protocol/answer-message.js';
import { decodeQuery } from '../../src/protocol/query-message.js';
import { encodeStatement } from '../../src/protocol/statement.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply } from '../../src/query/transport.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import {
  answerWith, crypto, directAnswer, listedPrefix, listedRecord, question, serverAt, startAt, statementAnswer,
  statementFor, statementsFor, stranger, transportOver, trusted, unlistedPrefix, type Responder,
} from '../support/wire-fixtures.js';

const signal = new AbortController().signal;

interface Setup {
  readonly trust?: readonly Uint8Array[];
  readonly address?: string;
  readonly now?: number;
  readonly newestGeneration?: number;
  readonly crypto?: Crypto;
}

function sourceOver(respond: Responder, setup: Setup = {}): ReputationSource {
  return createWireSource({
    transport: transportOver(respond),
    server: serverAt(setup.address ?? 'https://reputation.example'),
    trust: setup.trust ?? [trusted.publicKey],
    crypto: setup.crypto ?? crypto,
    clock: { now: () => setup.now ?? startAt },
    newestGeneration: () => setup.newestGeneration,
  });
}

async function ask(respond: Responder, setup: Setup = {}): Promise<Reply<SourceAnswers>> {
  return sourceOver(respond, setup).lookup(question, { signal });
}

function recordsByPrefix(reply: Reply<SourceAnswers>): (readonly AnswerRecord[] | undefined)[] {
  const answers = reply.kind === 'answer' ? reply.body.answers : [];
  return [listedPrefix, unlistedPrefix].map((prefix) => answers.find((one) => one.asked === prefix)?.records);
}

const honest: Responder = (request) => directAnswer(request, statementsFor(decodeQuery(request)));

describe('an honest server', () => {
  it('is believed with strength 4 when it signs directly', async () => {
    const reply = await ask(honest);
    expect(recordsByPrefix(reply)).toEqual([[listedRecord], []]);
    expect(reply).toMatchObject({ kind: 'answer', body: { strength: 4 } });
    expect(reply.kind === 'answer' && reply.body.answers.map((one) => [one.ttlMs, one.generation])).toEqual([[3_600_000, 5], [3_600_000, 5]]);
  });

  it('is believed with strength 3 when it signs statements', async () => {
    const reply = await ask((request) => statementAnswer(request, statementsFor(decodeQuery(request))));
    expect(recordsByPrefix(reply)).toEqual([[listedRecord], []]);
    expect(reply).toMatchObject({ kind: 'answer', body: { strength: 3 } });
  });

  it('is believed with strength 1 on loopback without keys, whether it signs or not', async () => {
    const setup = { trust: [], address: 'http://127.0.0.1:8080' };
    for (const respond of [
      honest,
      (request: Uint8Array) => answerWith(request, { kind: 'none' }, statementsFor(decodeQuery(request), { keyId: new Uint8Array(0) })),
    ]) {
      const reply = await ask(respond, setup);
      expect(recordsByPrefix(reply)).toEqual([[listedRecord], []]);
      expect(reply).toMatchObject({ kind: 'answer', body: { strength: 1 } });
    }
  });

  it('may answer in any order', async () => {
    expect(recordsByPrefix(await ask((request) => directAnswer(request, statementsFor(decodeQuery(request)).reverse())))).toEqual([[listedRecord], []]);
  });

  it('leaves a prefix unanswered by leaving its statement out', async () => {
    const reply = await ask((request) => directAnswer(request, statementsFor(decodeQuery(request)).slice(0, 1)));
    expect(recordsByPrefix(reply)).toEqual([[listedRecord], undefined]);
    expect(recordsByPrefix(await ask((request) => directAnswer(request, [])))).toEqual([undefined, undefined]);
  });

  it('sees nothing but sorted prefixes, and a new nonce each time', async () => {
    const requests: Uint8Array[] = [];
    const source = sourceOver((request) => {
      requests.push(request);
      return honest(request);
    });
    const reversed = { ...question, hashes: [unlistedPrefix, listedPrefix] };
    await source.lookup(question, { signal });
    await source.lookup(reversed, { signal });
    const [first, second] = requests.map((request) => decodeQuery(request));
    expect(first!.groups).toEqual(second!.groups);
    expect(first!.groups).toEqual([{ kind: 'file', algorithm: 'sha256', prefixes: [listedPrefix, unlistedPrefix] }]);
    expect(first!.nonce).not.toEqual(second!.nonce);
    expect(requests[0]!.length).toBe(requests[1]!.length);
  });

  it('keeps a direct answer usable for its TTL whatever the wall clocks say, 24 h at most', async () => {
    const reply = await ask(honest, { now: 0, newestGeneration: 99 });
    expect(reply.kind === 'answer' && reply.body.answers[0]!.ttlMs).toBe(3_600_000);
    const long = await ask((request) => directAnswer(request, statementsFor(decodeQuery(request), { ttlMs: 10 ** 12 })));
    expect(long.kind === 'answer' && long.body.answers[0]!.ttlMs).toBe(86_400_000);
  });

  it('has its waits and failures passed on', async () => {
    expect(await ask(() => ({ kind: 'wait', waitMs: 5 }))).toEqual({ kind: 'wait', waitMs: 5 });
    expect(await ask(() => ({ kind: 'failed', retry: false, detail: 'x' }))).toEqual({ kind: 'failed', retry: false, reason: 'unreachable', detail: 'x' });
    expect(await ask(() => Promise.reject(new Error('socket')))).toEqual({ kind: 'failed', retry: true, reason: 'unreachable', detail: 'socket' });
  });
});

describe('statement proofs', () => {
  const relay = (changes: Parameters<typeof statementFor>[1]): Responder => (request) => statementAnswer(request, statementsFor(decodeQuery(request), changes));
  const expiresAt = startAt + 3_600_000;
  const skew = 300_000;

  it.each([
    ['at its issue', startAt, 3_600_000],
    ['5 minutes before its issue', startAt - skew, 3_600_000],
    ['5 minutes and 1 ms before its issue', startAt - skew - 1, undefined],
    ['a minute before its expiry', expiresAt - 60_000, 60_000],
    ['5 minutes after its expiry', expiresAt + skew, 0],
    ['5 minutes and 1 ms after its expiry', expiresAt + skew + 1, undefined],
  ])('are usable until they expire: read %s', async (_, now, ttlMs) => {
    const reply = await ask(relay({}), { now });
    expect(reply.kind === 'answer' ? reply.body.answers[0]!.ttlMs : undefined).toBe(ttlMs);
  });

  it.each([[4, 'answer'], [5, 'answer'], [6, 'failed']])('of generation 5 are judged by the newest generation seen: %i', async (newestGeneration, kind) => {
    expect((await ask(relay({}), { newestGeneration })).kind).toBe(kind);
  });

  it('lose only the statements that are too old', async () => {
    const reply = await ask((request) => {
      const [first, second] = statementsFor(decodeQuery(request));
      const old = encodeStatement(statementFor(unlistedPrefix, { expiresAt: startAt - 400_000, issuedAt: startAt - 500_000 }));
      expect(second).not.toEqual(old);
      return statementAnswer(request, [first!, old]);
    });
    expect(recordsByPrefix(reply)).toEqual([[listedRecord], undefined]);
  });
});

describe('a disposition of a later version', () => {
  const later = encodeValue([
    1, 1, 1, listedPrefix, 5, 1, 2, 3, statementFor(listedPrefix).keyId,
    [[listedRecord.hash, 9, [], null, null]],
  ]);

  it('leaves its prefix unanswered, never "not listed"', async () => {
    const reply = await ask((request) => directAnswer(request, [later, encodeStatement(statementFor(unlistedPrefix))]));
    expect(recordsByPrefix(reply)).toEqual([undefined, []]);
    expect(await ask((request) => directAnswer(request, [later]))).toMatchObject({ kind: 'failed', retry: false, reason: 'bad-answer' });
  });
});

/** Answers of a server or an attacker that must not be believed. */
const forgeries: [string, Responder][] = [
  ['no proof', (request) => answerWith(request, { kind: 'none' }, statementsFor(decodeQuery(request)))],
  ['a key that is not trusted', (request) => directAnswer(request, statementsFor(decodeQuery(request)), stranger)],
  ['a stranger’s signature under the trusted key id', async (request) => {
    const { proof, statements } = decodeAnswer(await directAnswer(request, statementsFor(decodeQuery(request)), stranger));
    return answerWith(request, { ...(proof as Extract<typeof proof, { kind: 'direct' }>), keyId: statementFor(listedPrefix).keyId }, statements);
  }],
  ['an answer to another nonce (replay)', async (request) => {
    const replayed = request.slice();
    replayed[5]! ^= 1;
    return directAnswer(replayed, statementsFor(decodeQuery(request)));
  }],
  ['an answer to another question with the same nonce', async (request) => {
    const other = request.slice();
    other[other.length - 1]! ^= 1;
    return directAnswer(other, statementsFor(decodeQuery(request)));
  }],
  ['statements exchanged after signing', async (request) => {
    const { proof, statements } = decodeAnswer(await directAnswer(request, statementsFor(decodeQuery(request))));
    return answerWith(request, proof, [...statements].reverse());
  }],
  ['a statement taken out after signing', async (request) => {
    const { proof, statements } = decodeAnswer(await directAnswer(request, statementsFor(decodeQuery(request))));
    return answerWith(request, proof, statements.slice(1));
  }],
  ['a find emptied after signing', async (request) => {
    const { proof, statements } = decodeAnswer(await directAnswer(request, statementsFor(decodeQuery(request))));
    return answerWith(request, proof, [encodeStatement(statementFor(listedPrefix, { records: [] })), statements[1]!]);
  }],
  ['a direct proof offered as a statement proof', async (request) => {
    const { proof, statements } = decodeAnswer(await directAnswer(request, statementsFor(decodeQuery(request))));
    const { signature } = proof as Extract<typeof proof, { kind: 'direct' }>;
    return answerWith(request, { kind: 'statement', signatures: statements.map(() => signature) }, statements);
  }],
  ['statement signatures exchanged', async (request) => {
    const { proof, statements } = decodeAnswer(await statementAnswer(request, statementsFor(decodeQuery(request))));
    return answerWith(request, { kind: 'statement', signatures: [...(proof as Extract<typeof proof, { kind: 'statement' }>).signatures].reverse() }, statements);
  }],
  ['statements signed by a stranger', (request) => statementAnswer(request, statementsFor(decodeQuery(request)), stranger)],
  ['a signature over the statement without its domain', async (request) => {
    const statements = statementsFor(decodeQuery(request));
    return answerWith(request, { kind: 'statement', signatures: await Promise.all(statements.map(async (one) => trusted.sign(one))) }, statements);
  }],
];

/** What even the trusted key cannot make believable. */
const misfits: [string, Responder][] = [
  ['a statement that was not asked for', (request) => directAnswer(request, [...statementsFor(decodeQuery(request)), encodeStatement(statementFor(Uint8Array.of(1, 1, 1, 1)))])],
  ['a statement twice', (request) => directAnswer(request, [...statementsFor(decodeQuery(request)), encodeStatement(statementFor(unlistedPrefix))])],
  ['without padding, though it was asked for', async (request) => {
    const { proof, statements } = decodeAnswer(await honest(request) as Uint8Array);
    return encodeAnswer({ proof, statements });
  }],
  ['of twice the length that it needs', async (request) => {
    const { proof, statements } = decodeAnswer(await honest(request) as Uint8Array);
    return encodeAnswer({ proof, statements }, 2 * request.length);
  }],
  ['another kind', (request) => directAnswer(request, statementsFor(decodeQuery(request), { kind: 'url' }))],
  ['another algorithm', (request) => directAnswer(request, statementsFor(decodeQuery(request), { algorithm: 'sha1', records: [] }))],
  ['a statement of another key', (request) => directAnswer(request, statementsFor(decodeQuery(request), { keyId: new Uint8Array(8) }))],
  ['a statement that is none', (request) => directAnswer(request, [Uint8Array.of(0x90)])],
  ['no answer at all', () => new Uint8Array(0)],
  ['text', () => new TextEncoder().encode('<html>log in first</html>')],
  ['the request itself', (request) => request],
  ['an answer over the limit', () => new Uint8Array(4 * 1024 * 1024 + 1)],
];

async function isRefused(respond: Responder, setup: Setup = {}): Promise<boolean> {
  const reply = await ask(respond, setup);
  return reply.kind === 'failed' && reply.reason === 'bad-answer';
}

describe('an answer that cannot be believed', () => {
  it.each([...forgeries, ...misfits])('is refused: %s', async (_, respond) => {
    expect(await isRefused(respond)).toBe(true);
  });

  it('is refused unsigned from loopback too, once keys are trusted', async () => {
    expect(await isRefused(forgeries[0]![1], { address: 'http://127.0.0.1:8080' })).toBe(true);
  });

  it('is refused without keys as well when it does not fit the question', async () => {
    for (const [name, respond] of misfits.filter(([one]) => one !== 'a statement of another key')) {
      expect(await isRefused(respond, { trust: [], address: 'http://[::1]:8080' }), name).toBe(true);
    }
  });

  it('is refused when a bit of it was turned, whichever', async () => {
    expect(await acceptedFlips(crypto)).toBe(0);
  });

  it('sabotage: with the signature check off the same tables fail', async () => {
    const credulous: Crypto = { ...crypto, verify: () => true };
    const believed = await Promise.all(forgeries.map(async ([, respond]) => !(await isRefused(respond, { crypto: credulous }))));
    expect(believed.filter(Boolean).length).toBeGreaterThan(5);
    expect(await acceptedFlips(credulous)).toBeGreaterThan(100);
  });
});

/** Turns every bit of one signed answer, one at a time, and counts the answers that are still believed. */
async function acceptedFlips(withCrypto: Crypto): Promise<number> {
  const fixed: Crypto = { ...withCrypto, randomBytes: (count) => new Uint8Array(count) };
  let answer: Uint8Array | undefined;
  await ask(async (request) => (answer = await directAnswer(request, statementsFor(decodeQuery(request)))), { crypto: fixed });
  let accepted = 0;
  for (let bit = 0; bit < answer!.length * 8; bit++) {
    const flipped = answer!.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    accepted += (await isRefused(() => flipped, { crypto: fixed })) ? 0 : 1;
  }
  return accepted;
}
