/** A newer server generation that becomes known in the middle of a check: DESIGN §1 (b) and (d) over its whole time. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, urlSubject, type ByteSource, type FileSubject } from '../../src/base/subject.js';
import { contentEntry, literal, serverPattern, urlEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const base = { signatures: [literal('Local.Marker', 'local-marker')], hashes: [contentEntry('Known', 'known'), urlEntry('Bad.Host', 'http://bad.example/')] };

/** The server has moved on to generation 2, which lists more; the filter covers generation 1. */
async function moved(more: Parameters<typeof serverPattern>[0]['hashes'], filterOf = base.hashes): Promise<World> {
  const world = await createWorld({ feed: { ...base, hashes: filterOf } });
  world.serve(await serverPattern({ hashes: [...filterOf, ...(more ?? [])] }, { generation: 2 }));
  return world;
}

describe('a newer generation learned from the answer itself', () => {
  it('ends the word of the filter about the other expressions of the same URL', async () => {
    // Generation 1 lists another page under the same prefix set; generation 2 lists the whole host.
    const world = await moved([urlEntry('Worse.Host', 'http://worse.example/')], [
      ...base.hashes,
      urlEntry('Elsewhere', 'http://worse.example/page', { disposition: 'clean' }),
    ]);
    const { verdict } = await world.engine.check(urlSubject('http://worse.example/page'));
    expect(verdict).toMatchObject({ disposition: 'malicious', threats: [{ name: 'Worse.Host' }] });
  });
});

describe('a newer generation learned while a file is read', () => {
  it('makes digests wanted that nobody wanted before', async () => {
    const world = await moved([contentEntry('Weak.Entry', 'slow content', { algorithm: 'md5' })]);
    const bytes = toUtf8('slow content');
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const source: ByteSource = {
      size: bytes.length,
      read: async (at, into) => {
        await held;
        const part = bytes.subarray(at, at + into.length);
        into.set(part);
        return part.length;
      },
    };
    const slow: FileSubject = { kind: 'file', open: () => source };
    const checking = world.engine.check(slow);
    await world.engine.check(bytesSubject(toUtf8('known')));
    go();
    expect((await checking).verdict).toMatchObject({ disposition: 'malicious', threats: [{ name: 'Weak.Entry' }] });
  });

  it('is a find in a stream as well: its bytes are read again', async () => {
    const world = await moved([contentEntry('Weak.Entry', 'slow content', { algorithm: 'md5' })]);
    const receiver = world.engine.receive({});
    await receiver.write(toUtf8('slow '));
    await world.engine.check(bytesSubject(toUtf8('known')));
    await receiver.write(toUtf8('content'));
    expect((await receiver.end()).verdict).toMatchObject({ disposition: 'malicious', threats: [{ name: 'Weak.Entry' }] });
  });

  it('leaves a stream that was not kept unknown, never clean', async () => {
    const world = await moved([]);
    const receiver = world.engine.receive({}, { maxBytes: 1 });
    await receiver.write(toUtf8('slow content'));
    await world.engine.check(bytesSubject(toUtf8('known')));
    expect((await receiver.end()).verdict.disposition).toBe('unknown');
  });
});

describe('generations that never stop moving', () => {
  it('end a check as `server-behind` instead of holding it for ever', async () => {
    const world = await createWorld({ feed: base, without: ['filter'] });
    let generation = 1;
    const { hash } = contentEntry('x', 'moving');
    const subject: FileSubject = {
      kind: 'file',
      open: async () => {
        // Each time the file is opened, somebody else hears of a newer generation.
        world.serve(await serverPattern(base, { generation: ++generation }));
        await world.engine.check({ kind: 'digest', sha256: new Uint8Array(hash.length).fill(generation) }, { pending: false });
        world.serve(await serverPattern(base, { generation: generation - 1 }));
        return { size: 0, read: () => 0 };
      },
    };
    const { verdict } = await world.clock.run(world.engine.check(subject));
    expect(verdict).toMatchObject({ disposition: 'unknown', reason: 'server-behind' });
  });
});
