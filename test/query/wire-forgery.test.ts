/**
 * Answers that were signed and then changed, or exchanged for others that were signed as well. None may be believed as
 * something that the server did not say. The ordinary run makes some thousands; MUTATIONS=1000000 makes a million.
 */
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.js';
import type { Question } from '../../src/base/fingerprint.js';
import type { Crypto } from '../../src/base/seams.js';
import { decodeAnswer } from '../../src/protocol/answer-message.js';
import { createKeyRing } from '../../src/protocol/key-ring.js';
import { keyId } from '../../src/protocol/keys.js';
import type { AnswerMessage, Statement } from '../../src/protocol/messages.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { decodeStatement, encodeStatement } from '../../src/protocol/statement.js';
import { believe, type Asked, type Belief } from '../../src/query/wire/believe.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answerWith, crypto, directAnswer, startAt, statementAnswer, stranger, trusted } from '../support/wire-fixtures.js';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_401);
const mutations = Number(process.env['MUTATIONS'] ?? Number(process.env['FUZZ_RUNS'] ?? 100) * 30);
const ring = createKeyRing({ keys: [trusted.publicKey], crypto });

/** One honest exchange. */
interface Sample {
  readonly asked: Asked;
  readonly proof: 'direct' | 'statement';
  readonly bytes: Uint8Array;
  /** What was said about each prefix, by its hex. */
  readonly truth: ReadonlyMap<string, Statement>;
}

const random = createSeededRandom(seed);
const below = (end: number): number => Math.floor(random() * end);
const randomBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => below(256));

function ask(hashes: readonly Uint8Array[], options: { readonly isPadded?: boolean; readonly kind?: Question['kind']; readonly algorithm?: Question['algorithm'] } = {}): Asked {
  const { isPadded = true, kind = 'file', algorithm = 'sha256' } = options;
  const nonce = randomBytes(16);
  const question = { kind, algorithm, hashes };
  const request = encodeQuery({ nonce, groups: [{ kind, algorithm, prefixes: hashes }], ...(isPadded ? { wants: 'direct' as const } : {}) });
  return { question, nonce, request, isPadded };
}

function statementAbout(prefix: Uint8Array, changes: Partial<Statement> = {}): Statement {
  const isListed = prefix[0]! % 2 === 0;
  const record = { hash: concatBytes([prefix, new Uint8Array(28).fill(prefix[1]!)]), disposition: 'malicious' as const, threats: [{ name: 'A.B', type: 'trojan' }] };
  return {
    kind: 'file', algorithm: 'sha256', prefix, generation: 5, issuedAt: startAt, expiresAt: startAt + 3_600_000, ttlMs: 3_600_000,
    keyId: keyId(trusted.publicKey, crypto), records: isListed ? [record] : [], ...changes,
  };
}

async function exchange(asked: Asked, proof: Sample['proof'], changes: Partial<Statement> = {}): Promise<Sample> {
  const { kind, algorithm, hashes } = asked.question;
  const said = hashes.map((prefix) => statementAbout(prefix, { kind, algorithm, ...changes }));
  const bytes = await (proof === 'direct' ? directAnswer(asked.request, said.map(encodeStatement)) : statementAnswer(asked.request, said.map(encodeStatement)));
  return { asked, proof, bytes, truth: new Map(said.map((one) => [toHex(one.prefix), one])) };
}

function judge(bytes: Uint8Array, asked: Asked, options: { readonly crypto?: Crypto; readonly newestGeneration?: number } = {}): Promise<Belief> {
  return believe(bytes, asked, { trust: 'signed', keys: ring, crypto: options.crypto ?? crypto, now: startAt + 60_000, newestGeneration: options.newestGeneration ?? 5 }).catch(
    (error: unknown): Belief => ({ kind: 'refused', retry: true, why: error instanceof Error ? error.message : 'thrown' }),
  );
}

/** Whether a belief is about what was asked and nothing but what the server said. */
function isTrue(belief: Belief, sample: Sample): boolean {
  return belief.kind === 'believed' && belief.answers.every((one) => {
    const said = sample.truth.get(toHex(one.asked));
    return said !== undefined && JSON.stringify(said.records) === JSON.stringify(one.records) && one.generation === said.generation && one.ttlMs <= said.ttlMs;
  });
}

/** Signed in bulk, once: changing them is cheap. */
const samples: Promise<readonly Sample[]> = Promise.all(
  Array.from({ length: 60 }, (_, i) => {
    const hashes = Array.from({ length: 1 + (i % 12) }, (__, j) => Uint8Array.of(below(256), below(256), i, j));
    return exchange(ask(hashes, { isPadded: i % 4 !== 3 }), i % 2 === 0 ? 'direct' : 'statement');
  }),
);

/** The bytes with one to three changes somewhere; `other` is an answer to splice from. */
function mutate(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  // Most of an answer may be padding: half of the changes are made before it.
  const end = random() < 0.5 ? bytes.length : Math.max(1, bytes.findLastIndex((byte) => byte !== 0));
  let mutated: Uint8Array = bytes.slice();
  for (let rounds = 1 + below(3); rounds > 0; rounds--) {
    const at = below(Math.min(end, mutated.length));
    const length = 1 + below(70);
    switch (below(7)) {
      case 0:
      case 1:
        mutated[at]! ^= 1 << below(8);
        break;
      case 2:
        mutated[at] = below(256);
        break;
      case 3:
        mutated.set(other.subarray(at, Math.min(at + length, mutated.length)), at);
        break;
      case 4:
        mutated = concatBytes([mutated.subarray(0, at), mutated.subarray(at + length)]);
        break;
      case 5:
        mutated = concatBytes([mutated.subarray(0, at), randomBytes(length), mutated.subarray(at)]);
        break;
      default:
        mutated.copyWithin(at, below(mutated.length), below(mutated.length));
    }
    if (mutated.length === 0) {
      return mutated;
    }
  }
  return mutated;
}

/** The parts of an answer with one of them changed, put together again in the right form. */
function rearrange(sample: Sample, other: Sample): Uint8Array {
  const { proof, statements } = decodeAnswer(sample.bytes);
  const at = below(statements.length);
  const replaced = (bytes: Uint8Array): Uint8Array[] => statements.map((one, i) => (i === at ? bytes : one));
  const said = decodeStatement(statements[at]!).statement;
  const change = ([
    { records: [] }, { generation: 6 + below(9) }, { issuedAt: startAt + 1 }, { expiresAt: startAt + 10 ** 9 }, { ttlMs: 86_400_000 },
    { kind: 'url' }, { algorithm: 'sha1', records: [] }, { keyId: keyId(stranger.publicKey, crypto) }, { prefix: randomBytes(4), records: [] },
  ] as const)[below(9)]!;
  switch (below(4)) {
    case 0:
      return answerWith(sample.asked.request, proof, replaced(encodeStatement({ ...said, records: [], ...change })));
    case 1:
      return answerWith(sample.asked.request, proof, replaced(decodeAnswer(other.bytes).statements[0]!));
    case 2:
      return answerWith(sample.asked.request, changedProof(proof, other), statements);
    default: {
      const flipped = statements[at]!.slice();
      flipped[below(flipped.length)]! ^= 1 << below(8);
      return answerWith(sample.asked.request, proof, replaced(flipped));
    }
  }
}

function changedProof(proof: AnswerMessage['proof'], other: Sample): AnswerMessage['proof'] {
  const foreign = decodeAnswer(other.bytes).proof;
  const stranges = foreign.kind === 'direct' ? foreign.signature : foreign.kind === 'statement' ? foreign.signatures[0]! : new Uint8Array(64);
  switch (proof.kind) {
    case 'direct':
      return random() < 0.5 ? { ...proof, signature: stranges } : { ...proof, keyId: randomBytes(8) };
    case 'statement':
      return { ...proof, signatures: proof.signatures.map((one, i) => (i === 0 ? stranges : one)) };
    case 'none':
      return proof;
  }
}

/** How many changed answers are believed: at all, and as something that was not said. */
async function believedOf(count: number, options: { readonly crypto?: Crypto } = {}): Promise<{ readonly tried: number; readonly believed: number; readonly untrue: number }> {
  const all = await samples;
  const total = { tried: 0, believed: 0, untrue: 0 };
  while (total.tried < count) {
    const sample = all[below(all.length)]!;
    const other = all[below(all.length)]!;
    const bytes = random() < 0.7 ? mutate(sample.bytes, other.bytes) : rearrange(sample, other);
    if (other === sample || toHex(bytes) === toHex(sample.bytes)) {
      continue;
    }
    total.tried++;
    const belief = await judge(bytes, sample.asked, options);
    total.believed += belief.kind === 'believed' ? 1 : 0;
    total.untrue += belief.kind === 'believed' && !isTrue(belief, sample) ? 1 : 0;
  }
  return total;
}

describe('a signed answer that was changed', () => {
  it('control: as it was signed it is believed, and true', async () => {
    for (const sample of await samples) {
      const belief = await judge(sample.bytes, sample.asked);
      expect(belief.kind).toBe('believed');
      expect(isTrue(belief, sample)).toBe(true);
    }
  });

  it(`is never believed, ${mutations} times (seed ${seed})`, { timeout: 3_600_000 }, async () => {
    expect(await believedOf(mutations)).toEqual({ tried: mutations, believed: 0, untrue: 0 });
  });

  it('sabotage: without verification of signatures many would be believed, and most of those untrue', async () => {
    const { believed, untrue } = await believedOf(1_000, { crypto: { ...crypto, verify: () => true } });
    expect(believed).toBeGreaterThan(100);
    expect(untrue).toBeGreaterThan(50);
  });
});

const prefixes = [Uint8Array.of(2, 1, 1, 1), Uint8Array.of(3, 1, 1, 1), Uint8Array.of(4, 1, 1, 1), Uint8Array.of(5, 1, 1, 1)];
const asked = ask(prefixes);

/** What is given instead of the answer, and for what it is refused: `truth` where what is believed is true all the same. */
type Substitution = readonly [name: string, make: (proof: Sample['proof']) => Promise<Uint8Array>, direct: RegExp | 'truth', statement: RegExp | 'truth'];

const parts = async (proof: Sample['proof']): Promise<AnswerMessage> => decodeAnswer((await exchange(asked, proof)).bytes);
/** Another order or choice of the statements; those of a statement proof keep their signatures. */
const chosen = async (proof: Sample['proof'], indices: readonly number[]): Promise<Uint8Array> => {
  const answer = await parts(proof);
  const own = answer.proof.kind === 'statement' ? answer.proof.signatures : [];
  return answerWith(
    asked.request,
    answer.proof.kind === 'statement' ? { kind: 'statement', signatures: indices.map((i) => own[i]!) } : answer.proof,
    indices.map((i) => answer.statements[i]!),
  );
};
/** The honest answer with the first statement made otherwise, signed by the trusted key all the same. */
const resigned = async (proof: Sample['proof'], changes: Partial<Statement>, signer = trusted): Promise<Uint8Array> => {
  const statements = prefixes.map((prefix, i) => encodeStatement(statementAbout(prefix, i === 0 ? { records: [], ...changes } : {})));
  return proof === 'direct' ? directAnswer(asked.request, statements, signer) : statementAnswer(asked.request, statements, signer);
};

const misfit = /signature does not fit/;
const substitutions: readonly Substitution[] = [
  ['the answer to another request', async (proof) => (await exchange(ask(prefixes.map((one) => Uint8Array.of(9, one[0]!, 1, 1))), proof)).bytes, misfit, /not asked for/],
  ['the answer to the same question asked before (replay)', async (proof) => (await exchange(ask(prefixes), proof)).bytes, misfit, 'truth'],
  ['the answer to the same prefixes of URLs', async (proof) => (await exchange(ask(prefixes, { kind: 'url' }), proof)).bytes, misfit, /another kind or algorithm/],
  ['the answer to the same prefixes of MD5', async (proof) => (await exchange(ask(prefixes, { algorithm: 'md5' }), proof, { records: [] })).bytes, misfit, /another kind or algorithm/],
  ['the answer of another key', (proof) => resigned(proof, {}, stranger), /key that is not trusted \(unknown\)/, misfit],
  ['the answer of another key under its own name', (proof) => resigned(proof, { keyId: keyId(stranger.publicKey, crypto) }, stranger), /not trusted \(unknown\)/, /not trusted \(unknown\)/],
  ['batch members that were swapped', async (proof) => {
    const answer = await parts(proof);
    return answerWith(asked.request, answer.proof, [answer.statements[1]!, answer.statements[0]!, ...answer.statements.slice(2)]);
  }, misfit, misfit],
  ['a direct signature as that of statements', async () => {
    const { proof, statements } = await parts('direct');
    return answerWith(asked.request, { kind: 'statement', signatures: statements.map(() => (proof.kind === 'direct' ? proof.signature : new Uint8Array(64))) }, statements);
  }, misfit, misfit],
  ['signatures of statements as a direct one', async () => {
    const { proof, statements } = await parts('statement');
    const signature = proof.kind === 'statement' ? proof.signatures[0]! : new Uint8Array(64);
    return answerWith(asked.request, { kind: 'direct', keyId: keyId(trusted.publicKey, crypto), signature }, statements);
  }, misfit, misfit],
  ['no proof', async (proof) => answerWith(asked.request, { kind: 'none' }, (await parts(proof)).statements), /unsigned/, /unsigned/],
  ['a statement of another prefix', (proof) => resigned(proof, { prefix: Uint8Array.of(7, 7, 7, 7) }), /not asked for/, /not asked for/],
  ['a statement of another kind', (proof) => resigned(proof, { kind: 'url' }), /another kind or algorithm/, /another kind or algorithm/],
  ['a statement of another algorithm', (proof) => resigned(proof, { algorithm: 'sha1' }), /another kind or algorithm/, /another kind or algorithm/],
  ['a statement twice', (proof) => resigned(proof, { prefix: prefixes[1]! }), /or twice/, /or twice/],
  ['statements in another order', (proof) => chosen(proof, [3, 2, 1, 0]), misfit, 'truth'],
  ['half of the statements', (proof) => chosen(proof, [0, 2]), misfit, 'truth'],
  ['every statement twice', (proof) => chosen(proof, [0, 0, 1, 1, 2, 2, 3, 3]), misfit, /or twice/],
  ['no statement', (proof) => chosen(proof, []), misfit, /vouched for by nobody/],
];
/** What a statement says about its own time and generation: the others of the answer still count. */
const untimely: readonly (readonly [string, Partial<Statement>])[] = [
  ['of an older generation', { generation: 4 }],
  ['that has expired', { issuedAt: startAt - 7_200_000, expiresAt: startAt - 300_000 }],
  ['from the future', { issuedAt: startAt + 60_000 + 300_001 }],
];

describe('what was signed for something else', () => {
  it.each(substitutions.flatMap(([name, make, direct, statement]) => [
    [name, 'direct', make, direct] as const,
    [name, 'statement', make, statement] as const,
  ]))('is not believed instead of the answer: %s (%s)', async (_, proof, make, expected) => {
    const sample = await exchange(asked, proof);
    const belief = await judge(await make(proof), asked);
    if (expected === 'truth') {
      expect(isTrue(belief, sample)).toBe(true);
    } else {
      expect(belief).toMatchObject({ kind: 'refused', why: expect.stringMatching(expected) as string });
    }
  });

  it.each(untimely)('leaves its prefix unanswered as a statement %s; a direct answer was made for this request', async (_, changes) => {
    const kept = await judge(await resigned('statement', changes), asked);
    expect(kept.kind === 'believed' && kept.answers.map((one) => toHex(one.asked))).toEqual(prefixes.slice(1).map(toHex));
    const direct = await judge(await resigned('direct', changes), asked);
    expect(direct.kind === 'believed' && direct.answers).toHaveLength(4);
  });

  it('sabotage: without verification the rows that only a signature refuses are believed', async () => {
    const credulous = { ...crypto, verify: () => true };
    const believed = await Promise.all(substitutions.map(async ([, make]) => (await judge(await make('direct'), asked, { crypto: credulous })).kind));
    expect(believed.filter((kind) => kind === 'believed').length).toBeGreaterThan(4);
  });

  it('is not believed from a key that was revoked, has retired or does not count yet', async () => {
    const { bytes } = await exchange(asked, 'direct');
    const statements = (await exchange(asked, 'statement')).bytes;
    for (const key of [{ revoked: true }, { notAfter: startAt - 300_000 }, { notBefore: startAt + 60_000 + 300_001 }]) {
      const keys = createKeyRing({ keys: [{ publicKey: trusted.publicKey, ...key }], crypto });
      for (const one of [bytes, statements]) {
        const belief = await believe(one, asked, { trust: 'signed', keys, crypto, now: startAt + 60_000, newestGeneration: 5 });
        expect(belief).toMatchObject({ kind: 'refused', retry: false, why: expect.stringMatching(/not trusted \((revoked|retired|not-yet)\)/) as string });
      }
    }
  });
});
