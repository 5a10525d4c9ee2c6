/** What ordinary files are made of, as `compile` asks when it chooses anchors. Made by scripts/histogram.mjs. */
import type { GramHistogram } from '../../pattern/anchors/gram-histogram.js';
import { openHistogram } from '../../pattern/anchors/gram-histogram.js';
import { histogramBase64 } from './histogram.generated.js';

/** The histogram in this package: five-byte runs of 44 MB of programs, scripts and texts of Debian and npm packages. */
export function goodwareHistogram(): GramHistogram {
  return openHistogram(Uint8Array.from(atob(histogramBase64), (char) => char.charCodeAt(0)));
}
