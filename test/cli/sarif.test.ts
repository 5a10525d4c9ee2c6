import { describe, expect, it } from 'vitest';
import { createSarifLog } from '../../src/cli/output/sarif.js';
import { fileResult, foundResult, unknownResult } from './results.js';

interface Log {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly unknown[] }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly kind?: string;
      readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
    }[];
  }[];
}

function logOf(results: Parameters<ReturnType<typeof createSarifLog>['add']>[0][], complete = true): Log {
  const log = createSarifLog('1.2.3');
  results.forEach((result) => log.add(result));
  return JSON.parse(log.text(complete)) as Log;
}

describe('SARIF', () => {
  it('has a result for each threat and each thing that could not be told, none for what is clean', () => {
    const { version, runs } = logOf([fileResult(), foundResult('Bad.A'), foundResult('Bad.A', { label: 'b' }), unknownResult('unreachable')]);
    const [run] = runs;
    expect(version).toBe('2.1.0');
    expect(run?.tool.driver).toMatchObject({ name: 'vedette', version: '1.2.3' });
    expect(run?.results.map(({ ruleId, level, kind }) => ({ ruleId, level, kind }))).toEqual([
      { ruleId: 'Bad.A', level: 'error', kind: undefined },
      { ruleId: 'Bad.A', level: 'error', kind: undefined },
      { ruleId: 'vedette.unknown.unreachable', level: 'none', kind: 'open' },
    ]);
    expect(run?.results.every((result) => run.tool.driver.rules[result.ruleIndex]?.id === result.ruleId)).toBe(true);
  });

  it('lists a rule once', () => {
    const [run] = logOf([foundResult('Bad.A'), foundResult('Bad.B'), foundResult('Bad.A')]).runs;
    expect(run?.tool.driver.rules.map((rule) => rule.id)).toEqual(['Bad.A', 'Bad.B']);
  });

  it.each([
    ['dir/a b#1.txt', /^dir\/a%20b%231\.txt$/],
    ['/somewhere/else/x', /^file:\/\/\/.*somewhere\/else\/x$/],
    ['half \ud800 pair', /^half%20%EF%BF%BD%20pair$/],
  ])('writes the path %j as a URI', (label, expected) => {
    const [run] = logOf([foundResult('Bad.A', { label })]).runs;
    expect(run?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(expected);
  });

  it('names a find that has no name, as a bad rating has none', () => {
    const verdict = { disposition: 'suspicious', threats: [], source: 'query', score: 60, generations: {} } as const;
    const [run] = logOf([fileResult({ verdict, canonical: 'http://x.example/', subject: { kind: 'url', url: 'x.example' } })]).runs;
    expect(run?.results[0]).toMatchObject({ ruleId: 'vedette.suspicious', level: 'warning' });
    expect(run?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('http://x.example/');
  });

  it('says when the run did not come to its end', () => {
    expect(logOf([], false).runs[0]?.invocations[0]?.executionSuccessful).toBe(false);
  });

  it('stays bounded, and says how much was left out', () => {
    const [run] = logOf(Array.from({ length: 25_003 }, () => foundResult('Bad.A'))).runs;
    expect(run?.results).toHaveLength(25_000);
    expect(run?.invocations[0]?.toolExecutionNotifications).toEqual([{ level: 'warning', message: { text: '3 further results are left out' } }]);
  });
});
