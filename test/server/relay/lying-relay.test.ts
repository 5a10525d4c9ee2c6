/** A relay need not be trusted: whatever it does, an agent before it believes the origin or knows that it does not know. */
import { describe, expect, it } from 'vitest';
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js';
import type { CheckResult } from '../../../src/base/check-result.js';
import type { Crypto } from '../../../src/base/seams.js';
import { bytesSubject } from '../../../src/base/subject.js';
import { createInProcessTransport } from '../../../src/preset/http/in-process-transport.js';
import { createEngine } from '../../../src/preset/portable.js';
import { decodeAnswer } from '../../../src/protocol/answer-message.js';
import { formatPublicKey, keyId } from '../../../src/protocol/keys.js';
import { contentType, type Statement } from '../../../src/protocol/messages.js';
import { decodeQuery } from '../../../src/protocol/query-message.js';
import { createHandler } from '../../../src/server/handler.js';
import type { Handler } from '../../../src/server/routes/route.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { agentPattern, literal } from '../../support/feed.js';
import { answerWith, crypto, startAt, statementAnswer, statementsFor, stranger, trusted } from '../../support/wire-fixtures.js';

const malicious = toUtf8('listed content');
const hash = crypto.sha256(malicious);
const record = { hash, disposition: 'malicious' as const, threats: [{ name: 'Test.Listed', type: 'trojan' }] };
const relayKey = stranger;
const pattern = agentPattern({ signatures: [literal('Local.Marker', 'local-marker')] }, { generation: 5, createdAt: startAt, expiresAt: startAt + 86_400_000 });

/** What a relay has to work with: the honest statement about what is asked, older ones, and those about other things. */
interface Hoard {
  readonly request: Uint8Array;
  readonly statements: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
}

const say = (request: Uint8Array, changes: Partial<Statement> = {}): Uint8Array[] =>
  statementsFor(decodeQuery(request), { records: [record], ...changes });

async function hoard(request: Uint8Array, changes: Partial<Statement> = {}): Promise<Hoard> {
  const statements = say(request, changes);
  const { proof } = decodeAnswer(await statementAnswer(request, statements));
  return { request, statements, signatures: proof.kind === 'statement' ? proof.signatures : [] };
}

function passOn({ request, statements, signatures }: Hoard): Uint8Array {
  return answerWith(request, { kind: 'statement', signatures }, statements);
}

/** What the relay says when it is asked about the listed file, which the origin calls malicious. */
const lies: readonly (readonly [string, (request: Uint8Array) => Uint8Array | Promise<Uint8Array>])[] = [
  ['"not listed" in its own name, under its own key', (request) => statementAnswer(request, say(request, { records: [], keyId: keyId(relayKey.publicKey, crypto) }), relayKey)],
  ['"not listed" under the origin’s key id, signed by itself', (request) => statementAnswer(request, say(request, { records: [] }), relayKey)],
  ['"not listed" with the signature of what the origin did say', async (request) => passOn({ ...(await hoard(request)), statements: say(request, { records: [] }) })],
  ['"not listed" without a proof', (request) => answerWith(request, { kind: 'none' }, say(request, { records: [], keyId: new Uint8Array(0) }))],
  ['"not listed" as a direct answer of the origin’s key, signed by itself', async (request) => {
    const statements = say(request, { records: [] });
    return answerWith(request, { kind: 'direct', keyId: keyId(trusted.publicKey, crypto), signature: await relayKey.sign(request) }, statements);
  }],
  ['what the origin said about another prefix', async (request) => passOn(await hoard(request, { prefix: Uint8Array.of(9, 9, 9, 9), records: [] }))],
  ['what the origin said about a URL of the same prefix', async (request) => passOn(await hoard(request, { kind: 'url', records: [] }))],
  ['what the origin said about an MD5 of the same prefix', async (request) => passOn(await hoard(request, { algorithm: 'md5', records: [] }))],
  ['"not listed" of the origin from before, which has expired', async (request) => passOn(await hoard(request, { records: [], issuedAt: startAt - 7_200_000, expiresAt: startAt - 3_600_000 }))],
  ['"not listed" of the origin from before the newest generation', async (request) => passOn(await hoard(request, { records: [], generation: 4 }))],
  ['"not listed" of the origin that counts from next week on', async (request) => passOn(await hoard(request, { records: [], issuedAt: startAt + 604_800_000, expiresAt: startAt + 704_800_000 }))],
  ['nothing', (request) => answerWith(request, { kind: 'statement', signatures: [] }, [])],
  ['the truth twice', async (request) => {
    const { statements, signatures } = await hoard(request);
    return passOn({ request, statements: [...statements, ...statements], signatures: [...signatures, ...signatures] });
  }],
  ['the truth with its record cut out', async (request) => {
    const truth = await hoard(request);
    return passOn({ ...truth, statements: truth.statements.map((one) => concatBytes([one.subarray(0, one.length - 80), Uint8Array.of(0x90)])) });
  }],
  ['the truth with another time of expiry', async (request) => passOn({ ...(await hoard(request)), statements: say(request, { expiresAt: startAt + 10 ** 10 }) })],
  ['the truth with an unpadded form', async (request) => {
    const { statements, signatures } = await hoard(request);
    return answerWith(encodeUnpadded(request), { kind: 'statement', signatures }, statements);
  }],
  ['an error page', () => toUtf8('<html>')],
];

function encodeUnpadded(request: Uint8Array): Uint8Array {
  const { groups, nonce } = decodeQuery(request);
  const [group] = groups;
  // Only whether it wants padding is read from it.
  return concatBytes([Uint8Array.of(0x93, 1, 0xc4, 16), nonce, Uint8Array.of(0x91, 0x93, 1, 1, 0xc4, 4), group!.prefixes[0]!]);
}

function relayThat(lie: (request: Uint8Array) => Uint8Array | Promise<Uint8Array>): Handler {
  return async (request) => {
    const answer = await lie(new Uint8Array(await request.arrayBuffer()));
    return new Response(new Uint8Array(answer), { headers: { 'content-type': contentType } });
  };
}

/** How an agent that trusts the origin judges the malicious file when it can ask only this relay; `first`, another file. */
async function judge(relay: Handler, options: { readonly crypto?: Crypto; readonly first?: Handler } = {}): Promise<string> {
  const clock = new FakeClock(startAt);
  let current = options.first ?? relay;
  const transport = createInProcessTransport((request) => current(request), { clock });
  const engine = createEngine({
    servers: [{ address: 'in-process:relay', scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
    background: 'manual',
    query: { holdMs: 500 },
    // No filter: everything is asked about.
    parts: { pattern: [await pattern], transport, clock, crypto: options.crypto ?? crypto },
  });
  const check = async (content: Uint8Array): Promise<CheckResult> => {
    let isDone = false;
    const checking = engine.check(bytesSubject(content)).finally(() => (isDone = true));
    // Time passes slowly: an exchange takes a few turns of the event loop, the hold is 500 ms.
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(5);
    }
    return checking;
  };
  if (options.first !== undefined) {
    expect((await check(toUtf8('another file'))).verdict.disposition).toBe('clean');
  }
  current = relay;
  const { disposition, reason } = (await check(malicious)).verdict;
  await engine.close();
  return disposition === 'unknown' ? `unknown: ${reason}` : disposition;
}

describe('an agent before a relay that lies', () => {
  it('control: believes what the origin signed when the relay passes it on', async () => {
    expect(await judge(relayThat(async (request) => passOn(await hoard(request))))).toBe('malicious');
    const origin = createHandler({ store: { generation: 5, lookup: (_kind, _algorithm, prefixes) => prefixes.map(() => []) }, crypto, clock: new FakeClock(startAt), signer: trusted });
    expect(await judge(origin)).toBe('clean');
  });

  it.each(lies)('never calls it clean: %s', async (_, lie) => {
    // It has heard of generation 5 before, from the same relay.
    const first = relayThat((request) => statementAnswer(request, say(request, { records: [] })));
    expect(await judge(relayThat(lie), { first })).toMatch(/^unknown: (bad-answer|unreachable|server-behind)$/);
  });

  it('sabotage: without verification of signatures most of these lies would be believed', async () => {
    const credulous: Crypto = { ...crypto, verify: () => true };
    const believed = await Promise.all(lies.map(([, lie]) => judge(relayThat(lie), { crypto: credulous })));
    expect(believed.filter((one) => one === 'clean').length).toBeGreaterThan(2);
  });
});
