/** A new generation of signatures takes the place of an old one while scans run: the old tables live as long as these. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ByteSignature } from '../../src/pattern/signature.js';
import type { Matcher, ScanOutcome, ScanSession } from '../../src/scan/matcher.js';
import { loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { namesOf } from '../support/scan-feed.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const kernel = loadKernelSync();

const signatures = (text: string): ByteSignature[] => [
  { threat: { name: text, type: 'x' }, target: 0, offset: { kind: 'any' }, nodes: [{ kind: 'bytes', value: Buffer.from(text), mask: new Uint8Array(text.length).fill(255) }] },
];

/** A matcher that is used through a variable, as an engine uses the pattern of the day. */
function generations(): { readonly first: WeakRef<Matcher>; readonly running: ScanSession; current: Matcher } {
  const first = createMatcher(signatures('generation one'), { kernel });
  const running = first.open({ allMatches: true });
  running.update(Buffer.from('.. genera'));
  return { first: new WeakRef(first), running, current: createMatcher(signatures('generation two'), { kernel }) };
}

const end = (session: ScanSession): ScanOutcome => session.finish({ read: () => 0 }, {}) as ScanOutcome;

async function isGone(reference: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return reference.deref() === undefined;
}

describe('a switch of generations', () => {
  it('lets scans that run end with what they began with, and new ones begin with the new', () => {
    const { running, current } = generations();
    const next = current.open({ allMatches: true });
    next.update(Buffer.from('generation one, generation two'));
    running.update(Buffer.from('tion one, generation two'));
    expect(namesOf(end(running))).toEqual(['generation one']);
    expect(namesOf(end(next))).toEqual(['generation two']);
  });

  it('keeps the old tables no longer than the last scan over them', async () => {
    const state = generations();
    const sessions = [state.running];
    expect(namesOf(end(sessions.pop()!))).toEqual([]);
    const { first } = state;
    expect(await isGone(first)).toBe(true);
  });

  it('does not pile up memory, switch after switch', async () => {
    const before = await settled();
    let current = createMatcher(signatures('generation zero'), { kernel });
    for (let i = 0; i < 40; i++) {
      const session = current.open({ allMatches: true });
      session.update(new Uint8Array(100_000));
      current = createMatcher(signatures(`generation ${i} `), { kernel });
      end(session);
    }
    // Forty memories of 3.3 MB each would be 130 MB.
    expect((await settled()) - before).toBeLessThan(20_000_000);
    expect(current).toBeDefined();
  });
});

async function settled(): Promise<number> {
  await isGone(new WeakRef({}));
  const { arrayBuffers, external } = process.memoryUsage();
  return arrayBuffers + external;
}
