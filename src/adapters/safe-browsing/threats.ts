/** What the service's threat types and attributes mean here. Pure tables. */
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { Threat } from '../../base/verdict.js';
import type { FullHashDetail, SearchResponse } from './messages.js';

/** `ThreatType` by number. 0 and numbers that are not here are invalid. */
const threatTypes: Readonly<Record<number, Threat>> = {
  1: { name: 'SafeBrowsing.Malware', type: 'malware' },
  2: { name: 'SafeBrowsing.SocialEngineering', type: 'phishing' },
  3: { name: 'SafeBrowsing.UnwantedSoftware', type: 'unwanted' },
  4: { name: 'SafeBrowsing.PotentiallyHarmfulApplication', type: 'unwanted' },
};

/** `ThreatAttribute` 1 is a canary, which must not be enforced; 2 counts in frames; any other one is not known. */
const frameOnly = 2;

/** Where a find is to be enforced. */
export interface Enforcement {
  /** Set where the URL is that of a frame: threats that count only there count then. */
  readonly frames: boolean;
}

/**
 * The threat of a detail, or undefined where the detail is to be passed over as a whole: an unknown type, an unknown
 * attribute, a canary, or one for frames only.
 */
export function threatOf(detail: FullHashDetail, enforcement: Enforcement): Threat | undefined {
  const isUsable = detail.attributes.every((one) => one === frameOnly && enforcement.frames);
  return isUsable && Object.hasOwn(threatTypes, detail.threatType) ? threatTypes[detail.threatType] : undefined;
}

/** The records of a response: full hashes with at least one threat to enforce. */
export function recordsOf(response: SearchResponse, enforcement: Enforcement): AnswerRecord[] {
  return response.fullHashes.flatMap(({ hash, details }) => {
    const threats = details.map((detail) => threatOf(detail, enforcement)).filter((one) => one !== undefined);
    return threats.length === 0 ? [] : [{ hash, disposition: 'malicious' as const, threats }];
  });
}
