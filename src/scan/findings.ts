/** The order in which findings are handed out: by name, then by offset; nothing twice. */
import type { Finding } from './matcher.js';

/** Sorted by name, then by offset (unknown ones first); unique by both. */
export function sortedFindings(findings: Iterable<Finding>): Finding[] {
  const sorted = [...findings].sort(compareFindings);
  return sorted.filter((finding, i) => i === 0 || compareFindings(sorted[i - 1]!, finding) !== 0);
}

function compareFindings(a: Finding, b: Finding): number {
  if (a.threat.name !== b.threat.name) {
    return a.threat.name < b.threat.name ? -1 : 1;
  }
  return (a.at ?? -1) - (b.at ?? -1);
}
