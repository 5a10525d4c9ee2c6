/** Taking components into use: believed by signature, never older, never mixed, kept over a restart. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject } from '../../src/base/subject.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { agentPattern, contentEntry, dayMs, filterPattern, literal, serverPattern, startAt } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const { signer } = generateKeyPair();
const stranger = generateKeyPair().signer;
const trust = [formatPublicKey(signer.publicKey)];
const old = { signatures: [literal('Old', 'marker-one')] };
const fresh = { signatures: [literal('New', 'marker-two')] };
const text = (content: string): ReturnType<typeof bytesSubject> => bytesSubject(toUtf8(content));

/** An engine that starts with generation 3 and trusts one key. */
async function trusting(state = createMemoryState()): Promise<World> {
  const pattern = [await agentPattern(old, { generation: 3, signer }), await filterPattern({}, { generation: 3, signer })];
  return createWorld({ config: { trust }, parts: { pattern, state } });
}

async function causeOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'pattern-refused' });
  return (error as { detail: { cause: unknown } }).detail.cause;
}

describe('installing a component', () => {
  it('takes a newer one that a trusted key has signed, for every check from then on', async () => {
    const { engine } = await trusting();
    expect((await engine.check(text('marker-two'))).verdict.disposition).toBe('clean');
    expect(await engine.install(await agentPattern(fresh, { generation: 4, signer }))).toMatchObject({ agent: 4, filter: 3 });
    const { verdict } = await engine.check(text('marker-two'));
    expect([verdict.disposition, verdict.generations.agent]).toEqual(['malicious', 4]);
  });

  it.each<[string, () => Promise<Uint8Array>, string]>([
    ['unsigned', () => agentPattern(fresh, { generation: 4 }), 'unsigned'],
    ['signed by somebody else', () => agentPattern(fresh, { generation: 4, signer: stranger }), 'untrusted'],
    ['older than the installed one', () => agentPattern(fresh, { generation: 2, signer }), 'older'],
    ['of the same generation with other bytes', () => agentPattern(fresh, { generation: 3, signer }), 'older'],
    ['expired', () => agentPattern(fresh, { generation: 4, signer, createdAt: startAt - 9 * dayMs, expiresAt: startAt }), 'expired'],
    ['truncated', async () => (await agentPattern(fresh, { generation: 4, signer })).subarray(0, -1), 'truncated'],
    ['of a kind that engines do not use', () => serverPattern({}, { generation: 4, signer }), 'kind'],
    ['no pattern at all', async () => toUtf8('hello, this is no pattern but a text of some length, longer than a head'), 'not-a-pattern'],
  ])('refuses one that is %s, and goes on with the one in use', async (_name, bytes, cause) => {
    const { engine, events } = await trusting();
    expect(await causeOf(engine.install(await bytes()))).toBe(cause);
    expect((await engine.check(text('marker-one'))).verdict.disposition).toBe('malicious');
    expect(engine.status().generations.agent).toBe(3);
    expect(events.some((event) => event.kind === 'pattern' && event.change === 'refused')).toBe(true);
  });

  it('refuses one bit turned anywhere', async () => {
    const { engine } = await trusting();
    const bytes = await agentPattern(fresh, { generation: 4, signer });
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << at % 8;
      await expect(engine.install(damaged)).rejects.toMatchObject({ code: 'pattern-refused' });
    }
    expect(engine.status().generations.agent).toBe(3);
  });

  it('is refused without trusted keys: what comes over a network is believed by signature', async () => {
    const world = await createWorld({ feed: old });
    expect(await causeOf(world.engine.install(await agentPattern(fresh, { generation: 9, signer })))).toBe('untrusted');
  });

  it('of the same bytes twice is no change', async () => {
    const { engine, events } = await trusting();
    const bytes = await agentPattern(fresh, { generation: 4, signer });
    await engine.install(bytes);
    await engine.install(bytes);
    const installed = events.filter((event) => event.kind === 'pattern' && event.change === 'installed');
    expect(installed).toHaveLength(3);
  });

  it('refuses a filter whose host rule nobody here can follow', async () => {
    const { engine } = await trusting();
    expect(await causeOf(engine.install(await filterPattern({}, { generation: 4, signer, hostRule: 'psl' })))).toBe('host-rule');
  });

  it('is remembered over a restart, the generation as well', async () => {
    const state = createMemoryState();
    const before = await trusting(state);
    await before.engine.install(await agentPattern(fresh, { generation: 8, signer }));
    await before.engine.close();
    const after = await trusting(state);
    expect((await after.engine.check(text('marker-two'))).verdict).toMatchObject({ disposition: 'malicious', generations: { agent: 8 } });
    expect(await causeOf(after.engine.install(await agentPattern(fresh, { generation: 7, signer })))).toBe('older');
  });

  it('never mixes generations in one check, however often it is switched', async () => {
    const { engine } = await trusting();
    const patterns = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        agentPattern({ signatures: [literal(`G${index + 4}`, 'marker-one')] }, { generation: index + 4, signer }),
      ),
    );
    const checks: Promise<void>[] = [];
    for (const pattern of patterns) {
      checks.push(
        engine.check(text('marker-one')).then(({ verdict }) => {
          const expected = verdict.generations.agent === 3 ? 'Old' : `G${verdict.generations.agent}`;
          expect(verdict.threats.map((threat) => threat.name)).toEqual([expected]);
        }),
      );
      await engine.install(pattern);
    }
    await Promise.all(checks);
  });
});

describe('components that the host brings', () => {
  it('need no signature unless keys are trusted', async () => {
    const { engine } = await createWorld({ feed: old });
    await engine.ready();
    const strict = await createWorld({ feed: old, config: { trust } });
    await expect(strict.engine.ready()).rejects.toMatchObject({ code: 'pattern-refused' });
  });

  it('that cannot be used make `ready` fail, and checks say no-pattern instead of guessing', async () => {
    const { engine } = await createWorld({ parts: { pattern: [toUtf8('not a pattern, but a text that is long enough for a head')] } });
    await expect(engine.ready()).rejects.toMatchObject({ code: 'pattern-refused' });
    expect((await engine.check(text('x'))).verdict).toMatchObject({ disposition: 'unknown', reason: 'no-pattern' });
  });

  it('are read again when a newer server generation is known than the filter covers (DESIGN §1 b)', async () => {
    const entry = contentEntry('Listed', 'listed');
    let current = [await agentPattern({}, { generation: 1 }), await filterPattern({ hashes: [entry] }, { generation: 1 })];
    const world = await createWorld({ parts: { pattern: async () => current } });
    world.serve(await serverPattern({ hashes: [entry] }, { generation: 2 }));
    await world.engine.check(text('listed'));
    expect((await world.engine.check(text('other'))).verdict.source).toBe('query');
    current = [await agentPattern({}, { generation: 1 }), await filterPattern({ hashes: [entry] }, { generation: 2 })];
    await world.clock.run(world.engine.maintain());
    expect((await world.engine.check(text('another'))).verdict.source).toBe('filter');
  });
});
