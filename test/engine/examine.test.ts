import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examine, type ExaminePlan } from '../../src/engine/story/examine.js';
import { bytesSubject, type ByteSource, type FileSubject } from '../../src/base/subject.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { toHex } from '../../src/base/bytes.js';

const extractor = createExtractor({ hostRule: 'labels5' });

/** Counts what its sessions were fed, and what they could read at the end. */
function countingMatcher(): { readonly matcher: Matcher; fed: number; readable: number } {
  const seen = { fed: 0, readable: 0, matcher: {} as Matcher };
  seen.matcher = {
    open: () => ({
      update: (chunk) => {
        seen.fed += chunk.length;
      },
      finish: async (source) => {
        const into = new Uint8Array(1_000_000);
        seen.readable = await source.read(0, into, {});
        return { findings: [] };
      },
    }),
  };
  return seen;
}

function plan(change: Partial<ExaminePlan> = {}): ExaminePlan {
  const signal = new AbortController().signal;
  return { extractor, wants: {}, matcher: undefined, allMatches: false, maxFileBytes: 1e9, signal, ...change };
}

function fileOf(source: Partial<ByteSource>): FileSubject {
  return { kind: 'file', open: () => ({ read: () => 0, ...source }) };
}

describe('examining a file', () => {
  it('digests the same whatever the size and whether or not reads are short or asynchronous', async () => {
    const bytes = fc.uint8Array({ maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 700 }), fc.boolean(), fc.boolean(), async (content, most, asynchronous, sized) => {
        const read: ByteSource['read'] = (at, into) => {
          const part = content.subarray(at, at + Math.min(most, into.length));
          into.set(part);
          return asynchronous ? Promise.resolve(part.length) : part.length;
        };
        const examined = await examine(fileOf({ read, ...(sized ? { size: content.length } : {}) }), plan({ wants: { md5: 'any' } }));
        expect(examined.kind).toBe('file');
        if (examined.kind === 'file') {
          expect(toHex(examined.sha256)).toBe(createHash('sha256').update(content).digest('hex'));
          expect(examined.size).toBe(content.length);
          const md5 = examined.fingerprints.find((one) => one.algorithm === 'md5');
          expect(md5 && toHex(md5.hash)).toBe(createHash('md5').update(content).digest('hex'));
        }
      }),
    );
  });

  it('computes MD5 and SHA-1 only for the sizes that are wanted', async () => {
    const algorithms = async (size: number): Promise<string[]> => {
      const examined = await examine(bytesSubject(new Uint8Array(size)), plan({ wants: { md5: [10, 20], sha1: 'any' } }));
      return examined.kind === 'failed' ? [] : examined.fingerprints.map((one) => one.algorithm);
    };
    expect(await algorithms(10)).toEqual(['sha256', 'sha1', 'md5']);
    expect(await algorithms(11)).toEqual(['sha256', 'sha1']);
  });

  it.each([
    [99, 99, undefined],
    [100, 100, undefined],
    [101, 100, 'limit'],
  ] as const)('of %i bytes under a limit of 100: %i are matched, doubt %s', async (size, matched, doubt) => {
    const seen = countingMatcher();
    const examined = await examine(bytesSubject(new Uint8Array(size)), plan({ matcher: seen.matcher, maxFileBytes: 100 }));
    expect([seen.fed, seen.readable]).toEqual([matched, matched]);
    expect(examined.kind === 'file' && examined.doubt).toBe(doubt);
    expect(examined.kind === 'file' && examined.size).toBe(size);
  });

  it('takes a file that changes under its hands once more, then says so', async () => {
    let opened = 0;
    const changing = fileOf({});
    const subject: FileSubject = {
      ...changing,
      open: () => {
        opened++;
        let calls = 0;
        return { read: () => 0, identity: () => String(calls++) };
      },
    };
    expect(await examine(subject, plan())).toMatchObject({ kind: 'failed', reason: 'changed' });
    expect(opened).toBe(2);
  });

  it('accepts what it read the second time when the writing has ended', async () => {
    let opened = 0;
    const subject: FileSubject = {
      kind: 'file',
      open: () => {
        opened++;
        let calls = 0;
        return { read: () => 0, identity: () => (opened === 1 ? String(calls++) : 'same') };
      },
    };
    expect(await examine(subject, plan())).toMatchObject({ kind: 'file', size: 0 });
  });

  it.each([
    ['shorter than it said', 10, 5],
    ['longer than it said', 5, 10],
  ])('an object %s has changed', async (_name, said, real) => {
    const content = new Uint8Array(real);
    const read: ByteSource['read'] = (at, into) => {
      const part = content.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    };
    expect(await examine(fileOf({ size: said, read }), plan())).toMatchObject({ kind: 'failed', reason: 'changed' });
  });

  it('does not read an object without end past the size that it gave', async () => {
    let reads = 0;
    const read: ByteSource['read'] = (_at, into) => {
      reads++;
      return into.length;
    };
    expect(await examine(fileOf({ size: 1000, read }), plan())).toMatchObject({ kind: 'failed', reason: 'changed' });
    expect(reads).toBeLessThan(10);
  });

  it.each([
    [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'gone'],
    [Object.assign(new Error('denied'), { code: 'EACCES' }), 'unreadable'],
    ['a string', 'unreadable'],
  ] as const)('turns a failing open (%s) into %s', async (error, reason) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- hosts reject with anything
    const subject: FileSubject = { kind: 'file', open: () => Promise.reject(error) };
    expect(await examine(subject, plan())).toMatchObject({ kind: 'failed', reason });
  });

  it.each([-1, 0.5, Number.NaN, 1e9])('a source that returns %d for a read is unreadable, never a loop', async (count) => {
    const examined = await examine(fileOf({ read: () => count }), plan());
    expect(examined).toMatchObject({ kind: 'failed', reason: 'unsupported' });
  });

  it('closes what it opened, also after a failure', async () => {
    let closed = 0;
    const close = (): void => {
      closed++;
    };
    await examine(fileOf({ close }), plan());
    await examine(fileOf({ close, read: () => Promise.reject(new Error('EIO')) }), plan());
    expect(closed).toBe(2);
  });

  it('ends at once on the caller\'s abort', async () => {
    const caller = new AbortController();
    const read = (): number => {
      caller.abort();
      return 1;
    };
    await expect(examine(fileOf({ read }), plan({ signal: caller.signal }))).rejects.toMatchObject({ code: 'aborted' });
  });
});
