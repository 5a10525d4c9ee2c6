/** `lines|patterns RUNS [SEED]`: the full runs of the fuzzers, with time and memory. Ends with 1 when anything is wrong. */
import type { FuzzReport } from './fuzz-lines.js';
import { fuzzLines } from './fuzz-lines.js';
import { fuzzPatterns } from './fuzz-patterns.js';

const [what = '', runs = '100000', seed = '1'] = process.argv.slice(2);
/** No input may take longer, in CPU time. */
const maxMs = 1000;
const maxBytes = 256 * 1024 * 1024;

async function main(): Promise<number> {
  const options = { runs: Number(runs), seed: Number(seed) };
  const report: FuzzReport = what === 'patterns' ? await fuzzPatterns(options) : fuzzLines(options);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ what, ...options, accepted: report.accepted, cpuSeconds: (user + system) / 1e6, peakBytes, slowest: report.slowest, faults: report.faults }, null, 2)}\n`);
  return report.faults.length === 0 && report.slowest.ms <= maxMs && peakBytes <= maxBytes ? 0 : 1;
}

process.exitCode = await main();
