/** Results for the tests of what is printed. */
import type { CheckResult } from '../../src/base/check-result.js';

export function fileResult(change: Partial<CheckResult> & { readonly label?: string } = {}): CheckResult {
  const { label = 'dir/file.bin', ...rest } = change;
  return {
    id: 'x-1',
    subject: { kind: 'file', label },
    sha256: 'ab'.repeat(32),
    size: 10,
    verdict: { disposition: 'clean', threats: [], source: 'filter', generations: { agent: 1 } },
    decision: { access: 'allow', remedy: 'none' },
    occasion: 'now',
    pending: { kind: 'none' },
    members: [],
    trace: [],
    ...rest,
  };
}

export function foundResult(name: string, change: Partial<CheckResult> & { readonly label?: string } = {}): CheckResult {
  const verdict = { disposition: 'malicious', threats: [{ name, type: 'trojan' }], source: 'scan', generations: {} } as const;
  return fileResult({ verdict, decision: { access: 'block', remedy: 'none' }, ...change });
}

export function unknownResult(reason: NonNullable<CheckResult['verdict']['reason']>, change: Partial<CheckResult> & { readonly label?: string } = {}): CheckResult {
  return fileResult({ verdict: { disposition: 'unknown', threats: [], source: 'none', reason, generations: {} }, ...change });
}
