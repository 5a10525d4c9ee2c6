/**
 * A check in continuous integration: scans the tree of a build, writes SARIF 2.1.0 for the code host to show, and fails
 * the build on finds, and on what could not be verified.
 */
import { writeFile } from 'node:fs/promises';
import { createNodeEngine, readConfig, walk } from 'vedette/node';
import type { CheckResult } from 'vedette';

/** Runs the check; the number is the exit status: 0 clean, 1 a find, 3 something unknown. */
export async function runCheck(options: { config: string; folder: string; report: string; signal: AbortSignal }): Promise<number> {
  // A build agent lives for one job: what could not be verified fails the build instead of waiting in a queue.
  const engine = createNodeEngine({ ...(await readConfig(options.config)), background: 'manual' });
  try {
    const files = walk(options.folder, { exclude: (path: string) => path.includes('/.git/') });
    const results: CheckResult[] = [];
    for await (const result of engine.checkAll(files, { signal: options.signal, allMatches: true, apply: false, pending: false })) {
      if (result.verdict.disposition !== 'clean') {
        results.push(result);
      }
    }
    await writeFile(options.report, JSON.stringify(toSarif(results), undefined, 2));
    return exitStatus(results);
  } finally {
    await engine.close();
  }
}

/** The part of SARIF that code hosts read. */
export function toSarif(results: readonly CheckResult[]): object {
  const rules = [...new Set(results.flatMap(rulesOf))].map((id) => ({ id }));
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [{ tool: { driver: { name: 'vedette', rules } }, results: results.flatMap(sarifResults) }],
  };
}

function sarifResults(result: CheckResult): object[] {
  return rulesOf(result).map((ruleId) => ({
    ruleId,
    level: result.verdict.disposition === 'malicious' ? 'error' : 'warning',
    message: { text: `${result.verdict.disposition}: ${ruleId}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: result.subject.label ?? '' } } }],
    ...(result.sha256 === undefined ? {} : { fingerprints: { 'sha256/v1': result.sha256 } }),
  }));
}

function rulesOf({ verdict }: CheckResult): string[] {
  return verdict.threats.length > 0 ? verdict.threats.map((threat) => threat.name) : [`unverified/${verdict.reason ?? 'internal'}`];
}

function exitStatus(results: readonly CheckResult[]): number {
  const found = results.some(({ verdict }) => verdict.disposition === 'malicious' || verdict.disposition === 'suspicious');
  return found ? 1 : results.length > 0 ? 3 : 0;
}
