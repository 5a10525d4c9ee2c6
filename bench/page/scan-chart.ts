/** The record of a scan contest as the chart of docs/benchmarks.md: literals over the mixture, fastest first. */
import type { ContestRecord } from '../contest/record.js';
import type { Bar, BarGroup } from './chart.js';
import { barChart } from './chart.js';

/** The SVG; undefined when nothing of it was measured. */
export function scanChart({ sets, machine }: ContestRecord): string | undefined {
  const groups = sets.filter(({ set }) => !set.wildcards).map(({ set, engines }): BarGroup => {
    const bars = engines.flatMap((engine): Bar[] => {
      const result = engine.kind === 'measured' ? engine.contents.mixed : undefined;
      // The floor does not search: it would only shorten all other bars.
      return result?.signatures === undefined ? [] : [{ label: engine.engine, rate: result.rate.median, isOurs: engine.engine.startsWith('vedette') }];
    });
    return { heading: `${set.count.toLocaleString('en')} signatures`, bars: bars.sort((a, b) => b.rate - a.rate) };
  });
  const shown = groups.filter(({ bars }) => bars.length > 0);
  return shown.length === 0
    ? undefined
    : barChart({
        title: 'Scanning mixed content for literals: MB per CPU second',
        note: `Logarithmic scale. 64 MiB of programs, scripts, texts, packed and random bytes; all matches; ${machine.cpu}`,
        groups: shown,
      });
}
