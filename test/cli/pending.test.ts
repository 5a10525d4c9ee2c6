/** `vedette pending` as people and programs see it: what is listed, set aside, taken back and taken over. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import type { NewPending, PendingQueue } from '../../src/pending/pending-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { compileFeed, remoteContent, type Feed } from './support/feed.js';
import { records } from './support/ended.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

let feed: Feed;
beforeAll(async () => {
  feed = await compileFeed(vedette);
});

function digestOf(content: string, more: Partial<NewPending> = {}): NewPending {
  const hash = sha256(toUtf8(content));
  return { owner: 'default', kind: 'digest', key: toHex(hash), fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: content.length }], reason: 'unreachable', subject: { label: `of ${content}` }, ...more };
}

/** A data directory in whose queue something was done. */
async function queueWith(name: string, doing: (queue: PendingQueue) => Promise<void>): Promise<string> {
  const data = temporaryFolder(name);
  const queue = await openJournalQueue({ dir: join(data, 'pending'), clock: createSystemClock() });
  await doing(queue);
  await queue.close();
  return data;
}

async function setAside(queue: PendingQueue, subject: NewPending): Promise<void> {
  const [pending] = await queue.enqueue([subject]);
  await queue.release(pending?.kind === 'queued' ? pending.id : '', { notBeforeAt: 0, dead: true, failed: true });
}

const mixed = async (queue: PendingQueue): Promise<void> => {
  await queue.enqueue([digestOf('mine')]);
  await setAside(queue, digestOf('poison'));
  await queue.enqueue([digestOf('theirs', { owner: "o'neill gateway", reason: 'throttled' }), digestOf('more of theirs', { owner: "o'neill gateway" })]);
};

describe('pending list', () => {
  it('shows everything to people, marks what is whose, and says how to take over what is nobody’s', async () => {
    const data = await queueWith('list', mixed);
    const { code, stdout, stderr } = await vedette(['pending', 'list', '--data', data]);
    expect(code).toBe(0);
    const when = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC  ';
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${when}no server could be reached$`)),
      '  of mine',
      expect.stringMatching(new RegExp(`^${when}no server could be reached · set aside as \\S+$`)),
      '  of poison',
      expect.stringMatching(new RegExp(`^${when}the servers asked to wait · of the engine "o'neill gateway"$`)),
      '  of theirs',
      expect.stringMatching(new RegExp(`^${when}no server could be reached · of the engine "o'neill gateway"$`)),
      '  of more of theirs',
      '4 entries (1 due, 1 set aside, 2 of other engines)',
      '',
    ]);
    expect(stderr).toBe("vedette: 2 entries of the engine \"o'neill gateway\": `pending drain --adopt 'o'\\''neill gateway'` takes over what it left behind\n");
  });

  it('shows the same to programs', async () => {
    const data = await queueWith('json', mixed);
    const lines = records(await vedette(['pending', 'list', '--data', data, '--json']));
    expect(lines.map((line) => [line['kind'], line['owner'] ?? null, line['dead'] ?? null])).toEqual([
      ['pending', 'default', false],
      ['pending', 'default', true],
      ['pending', "o'neill gateway", false],
      ['pending', "o'neill gateway", false],
      ['summary', null, 1],
    ]);
    expect(Object.keys(lines[0] ?? {})).toEqual(['kind', 'id', 'owner', 'subject', 'sha256', 'reason', 'items', 'attempts', 'failures', 'firstAt', 'notBeforeAt', 'dead', 'escalated']);
    expect(lines.at(-1)).toEqual({ kind: 'summary', entries: 4, due: 1, claimed: 0, dead: 1, orphaned: 2 });
  });

  it('says when a waiting entry is tried next, and that one is overdue', async () => {
    const data = await queueWith('waiting', async (queue) => {
      const [pending] = await queue.enqueue([digestOf('later')]);
      await queue.release(pending?.kind === 'queued' ? pending.id : '', { notBeforeAt: Date.now() + 3_600_000, escalated: true });
    });
    const { stdout } = await vedette(['pending', 'list', '--data', data]);
    expect(stdout).toMatch(/no server could be reached · next try \d{4}-[^·]* UTC · overdue\n {2}of later\n1 entry \(0 due, 1 waiting, 0 set aside\)\n$/);
  });
});

describe('pending dead', () => {
  it('lists what was set aside, and takes it back on request', async () => {
    const data = await queueWith('dead', mixed);
    const listed = await vedette(['pending', 'dead', '--data', data]);
    expect(listed.stdout).toMatch(/set aside as \S+\n {2}of poison\n1 entry \(1 due, 1 set aside, 2 of other engines\)\n$/);
    const revived = await vedette(['pending', 'dead', '--data', data, '--revive']);
    expect([revived.code, revived.stdout.split('\n').at(-2)]).toEqual([0, 'took back 1 entry']);
    expect((await vedette(['pending', 'dead', '--data', data])).stdout).toBe('0 entries (2 due, 0 set aside, 2 of other engines)\n');
  });

  it('takes back only what is named', async () => {
    const data = await queueWith('named', async (queue) => {
      await setAside(queue, digestOf('a'));
      await setAside(queue, digestOf('b'));
    });
    const [first] = records(await vedette(['pending', 'dead', '--data', data, '--json']));
    const lines = records(await vedette(['pending', 'dead', String(first?.['id']), '--data', data, '--json', '--revive']));
    expect(lines.at(-1)).toEqual({ kind: 'revived', entries: 1 });
    expect(records(await vedette(['pending', 'dead', '--data', data, '--json'])).at(-1)).toMatchObject({ entries: 1, due: 1, dead: 1 });
  });

  it('ends with status 2 for an id that it does not list', async () => {
    const data = await queueWith('wrong', mixed);
    const { code, stdout, stderr } = await vedette(['pending', 'dead', 'nonsense', '--data', data, '--revive']);
    expect([code, stdout, stderr]).toEqual([2, '', 'vedette: nonsense: nothing of that id was set aside; `pending dead` lists what was\n']);
  });
});

describe('pending drain', () => {
  const here = (): string[] => ['--pattern', feed.out, '--server-pattern', feed.serverPattern];

  it('leaves what belongs to other engines, and says so', async () => {
    const data = await queueWith('others', mixed);
    const { stdout, stderr } = await vedette(['pending', 'drain', '--data', data, ...here(), '--json']);
    expect(records({ stdout }).map((line) => line['path'] ?? line['kind'])).toEqual(['of mine', 'summary']);
    expect(stderr).toContain('2 entries of the engine');
  });

  it('takes over what an engine left that is no more, and checks it', async () => {
    const data = await queueWith('adopt', async (queue) => {
      await queue.enqueue([digestOf(remoteContent, { owner: 'former' })]);
    });
    const ended = await vedette(['pending', 'drain', '--data', data, ...here(), '--adopt', 'former', '--json']);
    expect([ended.code, ended.stderr]).toEqual([1, 'vedette: took over 1 entry of the engine "former"\n']);
    expect(records(ended)[0]).toMatchObject({ disposition: 'malicious', occasion: 'late' });
    expect((await vedette(['pending', 'list', '--data', data])).stdout).toBe('0 entries (0 due, 0 set aside)\n');
  });

  it('does nothing for a name that nobody has', async () => {
    const data = await queueWith('typo', mixed);
    const { code, stdout, stderr } = await vedette(['pending', 'drain', '--data', data, ...here(), '--adopt', 'gatway']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('vedette: --adopt gatway: no such engine has entries here, but "o\'neill gateway" has\n');
    expect(records(await vedette(['pending', 'list', '--data', data, '--json'])).at(-1)).toMatchObject({ entries: 4 });
  });

  it('checks what was set aside only when it is told to', async () => {
    const data = await queueWith('aside', (queue) => setAside(queue, digestOf('poison')));
    expect(records(await vedette(['pending', 'drain', '--data', data, ...here(), '--json']))).toHaveLength(1);
    expect(records(await vedette(['pending', 'drain', '--data', data, ...here(), '--json', '--dead']))).toHaveLength(2);
  });
});
