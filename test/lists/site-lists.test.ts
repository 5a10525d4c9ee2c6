import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { urlExpression } from '../../src/fingerprint/url-expressions.js';
import type { ListRule } from '../../src/lists/host-lists.js';
import { createSiteLists } from '../../src/lists/site-lists.js';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import { decodeLists, encodeLists } from '../../src/pattern/lists-pattern.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';

const crypto = { sha256 };
const head = { kind: 'lists', generation: 3, createdAt: 1, expiresAt: 10_000, periodMs: 100 } as const;

async function fromComponent(rules: readonly ListRule[], clock = new FakeClock(1000)): Promise<ReturnType<typeof createSiteLists>> {
  const container = openContainer(await buildContainer({ head, sections: encodeLists(rules), crypto }), { crypto });
  return createSiteLists({ rules: decodeLists(container), expression: urlExpression, clock });
}

const rules: readonly ListRule[] = [
  { id: 'intranet', effect: 'approved', url: 'https://intranet.example/' },
  { id: 'wiki', effect: 'blocked', url: 'wiki.intranet.example/old/' },
  { id: 'tool', effect: 'approved', sha256: 'ab'.repeat(32), untilAt: 2000 },
];

describe('site lists', () => {
  it('judge by the rules of the component', async () => {
    const site = await fromComponent(rules);
    expect(site.judge({ expressions: ['www.intranet.example/x', 'intranet.example/x'] })).toEqual({ effect: 'approved', rule: 'intranet' });
    expect(site.judge({ expressions: ['wiki.intranet.example/old/x'] })).toEqual({ effect: 'approved', rule: 'intranet' });
    expect(site.judge({ expressions: ['example.com/'] })).toBeUndefined();
    expect([site.count, site.refused]).toEqual([3, []]);
  });

  it('end rules by the clock', async () => {
    const clock = new FakeClock(1999);
    const site = await fromComponent(rules, clock);
    const key = { sha256: fromHex('ab'.repeat(32))! };
    expect(site.judge(key)).toEqual({ effect: 'approved', rule: 'tool' });
    clock.jumpWall(1);
    expect(site.judge(key)).toBeUndefined();
  });

  it('refuse a bad rule alone and say which', async () => {
    const site = await fromComponent([{ id: 'bad', effect: 'blocked', url: 'mailto:a@example.com' }, ...rules]);
    expect(site.count).toBe(3);
    expect(site.refused).toEqual([{ rule: 'bad', reason: expect.stringContaining('mailto:a@example.com') as string }]);
    expect(site.judge({ expressions: ['intranet.example/'] })?.rule).toBe('intranet');
  });
});
