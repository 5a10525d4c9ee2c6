/** Hosts pass on what they were given: an option that is named but undefined is an option that is absent. */
import { describe, expect, it } from 'vitest';
import { withDefaults } from '../../src/base/defaults.js';
import { settingsFrom } from '../../src/engine/options.js';
import { bytesSubject, createEngine } from '../../src/index.js';

const absent = undefined;

describe('options that are undefined', () => {
  it('give the same settings as none', () => {
    const settings = settingsFrom({
      ...{ name: absent, servers: absent, trust: absent, policy: absent, level: absent, background: absent },
      limits: { maxConcurrent: absent, maxWaiting: absent, maxBytesInFlight: absent, maxFileBytes: absent },
      query: { holdMs: absent, perServerMs: absent, coalesce: absent, order: absent },
    });
    expect(settings).toEqual(settingsFrom({}));
  });

  it('let a check end, in a derived engine as well', async () => {
    const engine = createEngine({ limits: { maxConcurrent: absent, maxWaiting: absent, maxFileBytes: absent }, background: 'manual' });
    const tenant = engine.derive({ name: 'tenant', limits: { maxConcurrent: absent, maxBytesInFlight: absent } });
    for (const one of [engine, tenant]) {
      const result = await one.check(bytesSubject(new Uint8Array(3)), { deadlineMs: absent, signal: absent });
      expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'unreachable' });
    }
    const receiver = tenant.receive({}, { maxBytes: absent });
    await receiver.write(new Uint8Array(3));
    expect((await receiver.end()).size).toBe(3);
    await engine.close();
  });

  it('do not hide values that mean something', () => {
    expect(withDefaults({ a: 1, b: true, c: 'x' }, { a: 0, b: false, c: absent })).toEqual({ a: 0, b: false, c: 'x' });
    expect(withDefaults({ a: 1 }, absent)).toEqual({ a: 1 });
  });
});
