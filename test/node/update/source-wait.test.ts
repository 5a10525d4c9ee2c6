import { expect, it } from 'vitest';
import { transferLimits, fetchBytes } from '../../../src/node/update/fetch/download.js';
import { detailOf } from '../../../src/node/update/fetch/transfer-error.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';

const startAt = Date.UTC(2025, 0, 1);

it.each([
  ['120', 120_000],
  ['Wed, 01 Jan 2025 00:02:00 GMT', 120_000],
  ['Wednesday, 01-Jan-25 00:02:00 GMT', 120_000],
  ['Tue, 31 Dec 2024 00:00:00 GMT', 0],
  ['Sat, 01 Jan 2035 00:00:00 GMT', 86_400_000],
  ['86401', 86_400_000],
  ['soon', undefined],
])('a source that asks for a pause by %j is left alone for %j ms, a day at most', async (value, waitMs) => {
  const fetch = async (): Promise<Response> => new Response(null, { status: 503, headers: { 'retry-after': value } });
  const wire = { fetch, clock: new FakeClock(startAt), signal: new AbortController().signal, limits: transferLimits };
  const error: unknown = await fetchBytes('https://updates.example/1.root.json', 100, wire).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'transport-failed', detail: { cause: 'http-status', status: 503 } });
  expect(detailOf(error, 'waitMs')).toBe(waitMs);
});
