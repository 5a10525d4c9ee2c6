/** A result as the JSON line of the command line: what logs and other programs read. */
import type { CheckResult } from '../base/check-result.js';
import type { Json } from '../base/seams.js';

/** One flat record. `path` is the label of a file; names are sorted; nothing here is a class or bytes. */
export function toRecord(result: CheckResult): { readonly [key: string]: Json } {
  const { subject, verdict, decision, pending } = result;
  const { agent, filter, server, lists, actions } = verdict.generations;
  const place: { readonly [key: string]: Json } =
    subject.kind === 'url'
      ? {
          kind: 'url',
          url: subject.url ?? '',
          canonical: result.canonical ?? null,
          score: verdict.score ?? null,
          class: verdict.class ?? null,
          categories: verdict.categories ?? [],
          expression: verdict.expression ?? null,
        }
      : { kind: subject.kind, path: subject.label ?? subject.locator?.ref ?? null };
  return {
    ...place,
    sha256: result.sha256 ?? null,
    ...(subject.kind === 'url' ? {} : { size: result.size ?? null }),
    disposition: verdict.disposition,
    threats: verdict.threats.map((threat) => threat.name),
    source: verdict.source,
    by: verdict.by ?? null,
    reason: verdict.reason ?? null,
    access: decision.access,
    remedy: decision.remedy,
    outcome: outcomeText(result),
    pending: pending.kind === 'queued',
    occasion: result.occasion,
    generations: {
      ...(agent === undefined ? {} : { agent }),
      ...(filter === undefined ? {} : { filter }),
      ...(server === undefined ? {} : { server }),
      ...(lists === undefined ? {} : { lists }),
      ...(actions === undefined ? {} : { actions }),
    },
  };
}

function outcomeText(result: CheckResult): string | null {
  const { outcome } = result;
  if (outcome === undefined) {
    return null;
  }
  return outcome.detail === undefined ? outcome.kind : `${outcome.kind}: ${outcome.detail}`;
}
