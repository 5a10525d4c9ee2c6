import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/base/bytes.js';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { contextOf } from '../compile/context.js';
import { namesOf, scan } from '../support/scan-feed.js';

describe('three passes over one search', () => {
  it('one that ends does not leave the marks of another to the third', async () => {
    const { signatures } = readNdb(`A:0:*:${Buffer.from('alphabet').toString('hex')}`, contextOf());
    const matcher = createMatcher(signatures, { tuning: { cellBytes: 16 } });
    const content = fromLatin1('alphabet'.repeat(40));
    const ended = matcher.open({ allMatches: true });
    const going = matcher.open({ allMatches: true });
    going.update(content);
    await ended.finish({ read: () => 0 }, {});
    expect(namesOf(await scan(matcher, content))).toEqual(['A']);
  });
});
