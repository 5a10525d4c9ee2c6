/** Options of how results are shown. */
import type { OptionSpecs } from '../command.js';

/** Machine output, or human output with or without a progress bar. */
export const outputOptions = {
  json: { kind: 'switch', help: 'one JSON line per subject, the last one a summary' },
  sarif: { kind: 'text', value: 'FILE', help: 'also write what was found as SARIF 2.1.0' },
  quiet: { kind: 'switch', help: 'no progress bar' },
} as const satisfies OptionSpecs;
