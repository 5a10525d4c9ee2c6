/** Streams that end badly: what is held for them is given back, and nothing of them ends as clean. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { agentPattern, contentEntry, filterPattern, literal } from '../support/feed.js';
import { createWorld } from '../support/world.js';

const feed = { signatures: [literal('Local.Marker', 'local-marker')], hashes: [contentEntry('Listed', 'content a')] };
const bytes = toUtf8('content a');

describe('a receiver', () => {
  it('takes nothing after its end and counts nothing for it', async () => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({});
    await receiver.write(bytes);
    await receiver.end();
    await expect(receiver.write(bytes)).rejects.toMatchObject({ code: 'closed' });
    await expect(receiver.end()).rejects.toMatchObject({ code: 'closed' });
    expect(engine.status().bytesHeld).toBe(0);
  });

  it('gives back what it holds when its signal fires, though nobody calls it again', async () => {
    const { engine } = await createWorld({ feed });
    const client = new AbortController();
    const receiver = engine.receive({}, { signal: client.signal });
    await receiver.write(bytes);
    client.abort();
    expect(engine.status().bytesHeld).toBe(0);
    await expect(receiver.end()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('holds nothing of a write that was on its way when it was aborted', async () => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({});
    const writing = receiver.write(bytes);
    receiver.abort();
    await expect(writing).rejects.toMatchObject({ code: 'aborted' });
    expect(engine.status().bytesHeld).toBe(0);
  });

  it('is over when the engine is', async () => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({});
    await receiver.write(bytes);
    await engine.close();
    await expect(receiver.write(bytes)).rejects.toMatchObject({ code: 'closed' });
    await expect(receiver.end()).rejects.toMatchObject({ code: 'closed' });
    expect(engine.status().bytesHeld).toBe(0);
  });

  it.each(['update', 'finish'] as const)('with a matcher that throws in `%s` still asks, and is not clean', async (where) => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const matcher: Matcher = {
      open: () => ({ update: () => undefined, finish: () => ({ findings: [] }), [where]: broken }),
    };
    const { engine, events } = await createWorld({ feed, parts: { matcher } });
    const judge = async (content: string): Promise<unknown> => {
      const receiver = engine.receive({});
      await receiver.write(toUtf8(content));
      const { verdict } = await receiver.end();
      return [verdict.disposition, verdict.reason];
    };
    expect(await judge('content a')).toEqual(['malicious', 'internal']);
    expect(await judge('nothing special')).toEqual(['unknown', 'internal']);
    expect(events.some((event) => event.kind === 'fault' && event.where === 'matcher')).toBe(true);
  });

  it('ends at its deadline, whatever the matcher does', async () => {
    const matcher: Matcher = { open: () => ({ update: () => undefined, finish: () => new Promise(() => undefined) }) };
    const world = await createWorld({ feed, parts: { matcher } });
    const receiver = world.engine.receive({});
    await receiver.write(bytes);
    const { verdict } = await world.clock.run(receiver.end({ deadlineMs: 1_000 }));
    expect(verdict).toMatchObject({ disposition: 'unknown', reason: 'deadline' });
  });

  it('is judged by one generation: by the patterns of its beginning when others come in the middle', async () => {
    const { signer } = generateKeyPair();
    const pattern = [await agentPattern(feed, { generation: 1, signer }), await filterPattern(feed, { generation: 1, signer })];
    const config = { trust: [formatPublicKey(signer.publicKey)] };
    const { engine } = await createWorld({ feed, config, parts: { pattern } });
    const receiver = engine.receive({});
    await receiver.write(toUtf8('second marker'));
    const second = { signatures: [literal('Second.Marker', 'second marker')] };
    await engine.install(await agentPattern(second, { generation: 2, signer }));
    const { verdict } = await receiver.end();
    expect(verdict.generations.agent).toBe(1);
  });
});
