/** The entry './adapters/virustotal': file reports of VirusTotal (API version 3) as a reputation source. */
export { createVirusTotalSource } from './virustotal/source.js';
export type { VirusTotalOptions } from './virustotal/source.js';
export type { AnalysisStats, Opinion, VirusTotalThresholds } from './virustotal/rule.js';
export type { AnswerTtl, ServiceOptions } from './foreign/options.js';
export type { QuotaLimits } from './foreign/quota.js';
