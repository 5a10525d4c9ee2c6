/** From the counts of VirusTotal's engines to an opinion. Pure, and the host's to replace. */
import { assertInteger } from '../../base/assert.js';

/** How many engines said what at the last analysis (`last_analysis_stats`); a count that is missing is 0. */
export interface AnalysisStats {
  readonly malicious: number;
  readonly suspicious: number;
  /** Engines that know the file as good. */
  readonly harmless: number;
  /** Engines that found nothing. */
  readonly undetected: number;
}

/** What follows: `unlisted` is "nothing against it", `unknown` is "too few have looked". */
export type Opinion = 'malicious' | 'suspicious' | 'unlisted' | 'unknown';

/** Engines that are needed. */
export interface VirusTotalThresholds {
  /** That call a file malicious, to make it malicious. Default 4: one or two engines are wrong together often enough. */
  readonly malicious: number;
  /** That call it malicious or suspicious, to make it suspicious. Default 1. */
  readonly suspicious: number;
  /** That judged it at all, for "nothing found" to mean anything. Default 10. */
  readonly judged: number;
}

/** @throws RangeError for a threshold that is no integer from 1 on, or an order that makes no sense. */
export function checkedThresholds(own: Partial<VirusTotalThresholds> | undefined): VirusTotalThresholds {
  const thresholds = { malicious: own?.malicious ?? 4, suspicious: own?.suspicious ?? 1, judged: own?.judged ?? 10 };
  assertInteger('thresholds.malicious', thresholds.malicious, { min: 1 });
  assertInteger('thresholds.suspicious', thresholds.suspicious, { min: 1, max: thresholds.malicious });
  assertInteger('thresholds.judged', thresholds.judged, { min: 1 });
  return thresholds;
}

/** The rule where the host has none of its own. */
export function opinionOf(stats: AnalysisStats, thresholds: VirusTotalThresholds): Opinion {
  const against = stats.malicious + stats.suspicious;
  if (stats.malicious >= thresholds.malicious) {
    return 'malicious';
  }
  if (against >= thresholds.suspicious) {
    return 'suspicious';
  }
  return against + stats.harmless + stats.undetected >= thresholds.judged ? 'unlisted' : 'unknown';
}
