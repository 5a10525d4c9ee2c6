import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounts, createServerMetrics, metricsText, type ServerCounts, type ServerState } from '../../src/server/metrics.js';
import { parsePrometheus } from '../support/prometheus.js';

const state: ServerState = { generation: 7, entries: 3, createdAt: 1000, now: 61_500, processes: 2 };
const threatName = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\\"\nnN ,={}#]{0,8}$/), fc.constantFrom('__proto__', 'constructor', 'other', ''));

function countsOf(threats: readonly (readonly [string, number])[], statuses: readonly number[]): ServerCounts {
  const metrics = createServerMetrics();
  for (const [name, times] of threats) {
    metrics.found(Array.from({ length: times }, () => [{ hash: new Uint8Array(32), disposition: 'malicious', threats: [{ name, type: 't' }] }]));
  }
  statuses.forEach((status) => metrics.response(status));
  return metrics.counts();
}

describe('the text for Prometheus', () => {
  it('keeps to the format whatever the threats are called, and says what was counted, over pipes between processes too', () => {
    const process_ = fc.tuple(fc.array(fc.tuple(threatName, fc.integer({ min: 1, max: 3 })), { maxLength: 8 }), fc.array(fc.constantFrom(200, 400, 413, 429), { maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(process_, { minLength: 1, maxLength: 3 }), (processes) => {
        const all = processes.map(([threats, statuses]) => JSON.parse(JSON.stringify(countsOf(threats, statuses))) as ServerCounts);
        const metrics = parsePrometheus(metricsText(addCounts(all), state));
        const expected = new Map<string, number>();
        for (const [name, times] of processes.flatMap(([threats]) => threats)) {
          expected.set(name, (expected.get(name) ?? 0) + times);
        }
        const said = metrics.get('vedette_hits_by_threat_total')!.samples.map(({ labels, value }) => [labels[0]![1], value] as const);
        expect(new Map(said)).toEqual(expected);
        expect(metrics.get('vedette_hits_total')!.samples[0]!.value).toBe([...expected.values()].reduce((sum, times) => sum + times, 0));
        const responses = metrics.get('vedette_responses_total')!.samples.reduce((sum, { value }) => sum + value, 0);
        expect(responses).toBe(processes.reduce((sum, [, statuses]) => sum + statuses.length, 0));
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });

  it('has generation, age, agents, questions and hits, each with its help and type', () => {
    const metrics = parsePrometheus(metricsText(countsOf([['T', 1]], [200]), state));
    const types = Object.fromEntries([...metrics].map(([name, { type, help }]) => [name, help === undefined || help === '' ? 'no help' : type]));
    expect(types).toEqual({
      vedette_generation: 'gauge', vedette_pattern_age_seconds: 'gauge', vedette_entries: 'gauge', vedette_processes: 'gauge', vedette_connections: 'gauge',
      vedette_agents_seen: 'gauge', vedette_questions_total: 'counter', vedette_hits_total: 'counter', vedette_hits_by_threat_total: 'counter',
      vedette_responses_total: 'counter', vedette_limited_total: 'counter',
    });
    expect(metrics.get('vedette_pattern_age_seconds')!.samples).toEqual([{ labels: [], value: 60.5 }]);
  });

  it('leaves out what a relay cannot know', () => {
    const metrics = parsePrometheus(metricsText(countsOf([], []), { ...state, entries: undefined, createdAt: undefined }));
    expect([metrics.get('vedette_entries')?.samples, metrics.get('vedette_pattern_age_seconds')?.samples]).toEqual([[], []]);
  });
});

describe('the reader of that text (check of these tests)', () => {
  it.each([
    ['a last line without an end', 'a 1'],
    ['a sample twice', 'a 1\na 2\n'],
    ['the same labels in another order', 'a{x="1",y="2"} 1\na{y="2",x="1"} 1\n'],
    ['a label twice', 'a{x="1",x="2"} 1\n'],
    ['lines that do not stand together', 'a 1\nb 1\na{x="1"} 1\n'],
    ['a type behind a sample', 'a 1\n# TYPE a gauge\n'],
    ['a type twice', '# TYPE a gauge\n# TYPE a gauge\n'],
    ['a type that is none', '# TYPE a number\n'],
    ['a name that is none', '1a 1\n'],
    ['a quote that is not escaped', 'a{x="""} 1\n'],
    ['a backslash that is not escaped', 'a{x="\\d"} 1\n'],
    ['a value that is none', 'a one\n'],
    ['no value', 'a \n'],
    ['an empty line', 'a 1\n\nb 1\n'],
    ['a counter that sinks', '# TYPE a_total counter\na_total -1\n'],
    ['a counter by another name', '# TYPE a counter\na 1\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parsePrometheus(text)).toThrow();
  });
});
