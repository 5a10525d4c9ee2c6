/** Lists with a URL a line, `#` beginning a comment line: malicious ones, and approved ones for the allow list. */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { isBlank, readLines } from '../../lines.js';
import type { LinesAccount } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { approvedListing, listedUrl, loadedUrl, maliciousListing } from './url-entries.js';
import type { Listing } from './url-entries.js';

/** Every URL becomes a malicious entry `<source>.url`. */
export const readUrlList: Reader = (text, context) => {
  const { items, ...account } = readUrls(text, maliciousListing(context.source, 'url'), context);
  return { ...nothingRead, hashes: items, ...account };
};

/** Every URL becomes an entry of the allow list. */
export const readApprovedUrls: Reader = (text, context) => {
  const { items, ...account } = readUrls(text, approvedListing(context.source), context);
  return { ...nothingRead, allow: items, ...account };
};

function readUrls(text: string, listing: Listing, context: ReaderContext): LinesAccount<HashEntry> {
  return readLines<HashEntry>(text, (untrimmed) => {
    const line = untrimmed.trim();
    if (isBlank(line)) {
      return { kind: 'blank' };
    }
    return loadedUrl(listedUrl(line), listing, context);
  });
}
