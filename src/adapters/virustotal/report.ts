/** A file report as VirusTotal sends it, read as bytes that nobody vouches for. Pure. */
import { equalBytes } from '../../base/bytes.js';
import type { AskedHash } from '../foreign/hash-source.js';
import { countOf, field, hashField, listField, nameOf } from '../foreign/json.js';
import type { AnalysisStats } from './rule.js';

/** What of a report is used. */
export interface FileReport {
  readonly stats: AnalysisStats;
  /** The name that most engines give it, such as `trojan.agent/abc`. */
  readonly label?: string;
  /** The kind of threat that most engines see. */
  readonly category?: string;
}

/** The report about the hash; undefined for anything that is none. */
export function readReport(body: unknown, asked: AskedHash): FileReport | undefined {
  const attributes = field(field(body, 'data'), 'attributes');
  const hash = hashField(attributes, asked.algorithm);
  const stats = readStats(field(attributes, 'last_analysis_stats'));
  if (stats === undefined || hash === undefined || !equalBytes(hash, asked.hash)) {
    return undefined;
  }
  const threat = field(attributes, 'popular_threat_classification');
  const label = nameOf(field(threat, 'suggested_threat_label'));
  const category = nameOf(field(listField(threat, 'popular_threat_category', 1)[0], 'value'));
  return { stats, ...(label === undefined ? {} : { label }), ...(category === undefined ? {} : { category }) };
}

/** The code of an error body, where it is one. */
export function errorCodeOf(body: unknown): string | undefined {
  const code = field(field(body, 'error'), 'code');
  return typeof code === 'string' ? code : undefined;
}

function readStats(value: unknown): AnalysisStats | undefined {
  const counts = (['malicious', 'suspicious', 'harmless', 'undetected'] as const).map((name) => {
    const count = field(value, name);
    return count === undefined ? 0 : countOf(count);
  });
  const [malicious, suspicious, harmless, undetected] = counts;
  // Without the count that matters most it is no summary of an analysis.
  if (countOf(field(value, 'malicious')) === undefined || malicious === undefined || suspicious === undefined || harmless === undefined || undetected === undefined) {
    return undefined;
  }
  return { malicious, suspicious, harmless, undetected };
}
