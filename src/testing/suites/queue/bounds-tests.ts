/** Promises of the bounds: a full queue refuses before it accepts, and what it accepted stays. */
import type { Pending } from '../../../base/check-result.js';
import { assertEqual, assertTrue, toArray } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, keysOf, owner, pendingFile, settleAll } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** Registered by `describePendingQueue`. */
export const boundsTests: SuiteTests<QueueFixture> = {
  'a full queue refuses with pending-full and keeps what it has': async ({ make }) => {
    const queue = await make({ maxEntries: 3 });
    assertEqual('within the bound', kinds(await queue.enqueue([pendingFile('a'), pendingFile('b'), pendingFile('c')])), ['queued', 'queued', 'queued']);
    assertEqual('over the bound', await queue.enqueue([pendingFile('d')]), [{ kind: 'refused', code: 'pending-full' }]);
    assertEqual('kept', keysOf(await toArray(queue.list())), ['key-a', 'key-b', 'key-c']);
  },
  'one call may be accepted in part, and says which': async ({ make }) => {
    const queue = await make({ maxEntries: 3 });
    const pending = await queue.enqueue(['a', 'b', 'c', 'd', 'e'].map((mark) => pendingFile(mark)));
    assertEqual('acknowledgements', kinds(pending), ['queued', 'queued', 'queued', 'refused', 'refused']);
    assertEqual('kept', keysOf(await toArray(queue.list())), ['key-a', 'key-b', 'key-c']);
  },
  'a full queue still takes what it already has': async ({ make }) => {
    const queue = await make({ maxEntries: 2 });
    const first = await queue.enqueue([pendingFile('a'), pendingFile('b')]);
    assertEqual('acknowledgement', await queue.enqueue([pendingFile('a')]), [first[0]]);
  },
  'calls that overlap in time keep to the bound together': async ({ make }) => {
    const queue = await make({ maxEntries: 5 });
    const pending = await Promise.all(Array.from({ length: 20 }, (_, i) => queue.enqueue([pendingFile(`m${i}`)])));
    assertEqual('accepted', pending.flat().filter((one) => one.kind === 'queued').length, 5);
    assertEqual('kept', (await toArray(queue.list())).length, 5);
  },
  'claimed and dead entries count, settled ones make room': async ({ make, clock }) => {
    const queue = await make({ maxEntries: 2 });
    await queue.enqueue([pendingFile('a'), pendingFile('b')]);
    const [a, b] = await queue.claim(owner, claimAll);
    await queue.release(b?.id ?? '', { notBeforeAt: clock.now(), dead: true });
    assertEqual('while claimed and dead', kinds(await queue.enqueue([pendingFile('c')])), ['refused']);
    if (a !== undefined) {
      await settleAll(queue, a);
    }
    assertEqual('after settling', kinds(await queue.enqueue([pendingFile('c')])), ['queued']);
  },
  'its bytes are bounded too': async ({ make }) => {
    const queue = await make({ maxBytes: 64 * 1024 });
    const subjects = Array.from({ length: 100 }, (_, i) => {
      const subject = pendingFile(`m${i}`);
      return { ...subject, subject: { ...subject.subject, tag: 'x'.repeat(4_096) } };
    });
    const accepted = kinds(await queue.enqueue(subjects)).filter((kind) => kind === 'queued').length;
    assertTrue(`accepted 4 KiB subjects under 64 KiB: expected 1 to 16, got ${accepted}`, accepted >= 1 && accepted <= 16);
    assertEqual('kept', (await toArray(queue.list())).length, accepted);
  },
  'a subject that alone is too large is refused, and the others are not': async ({ make }) => {
    const queue = await make({ maxBytes: 64 * 1024 });
    const large = { ...pendingFile('large'), url: `http://example.com/${'x'.repeat(200_000)}` };
    assertEqual('acknowledgements', kinds(await queue.enqueue([pendingFile('a'), large, pendingFile('b')])), ['queued', 'refused', 'queued']);
    assertEqual('kept', keysOf(await toArray(queue.list())), ['key-a', 'key-b']);
  },
  'places of one subject cannot pass the bound of bytes': async ({ make }) => {
    const queue = await make({ maxBytes: 64 * 1024 });
    let accepted = 0;
    for (let i = 0; i < 100; i++) {
      const [pending] = await queue.enqueue([pendingFile('a', { at: `/${'deep/'.repeat(800)}${i}` })]);
      accepted += pending?.kind === 'queued' ? 1 : 0;
    }
    assertTrue(`accepted 4 KiB places under 64 KiB: expected 1 to 16, got ${accepted}`, accepted >= 1 && accepted <= 16);
  },
};

function kinds(pending: readonly Pending[]): string[] {
  return pending.map((one) => one.kind);
}
