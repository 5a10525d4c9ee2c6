/** Lists with a domain a line. A comment begins with `#`, at the start of the line or after a blank. */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { readLines } from '../../lines.js';
import type { Reader } from '../reader.js';
import { nothingRead } from '../reader.js';
import { listedHost, loadedUrl, maliciousListing } from './url-entries.js';

/**
 * Every domain becomes a malicious entry `<source>.domain` for `domain/`, which holds for all of it and its
 * subdomains. `*.domain` means the same.
 */
export const readDomainList: Reader = (text, context) => {
  const listing = maliciousListing(context.source, 'domain');
  const { items, ...account } = readLines<HashEntry>(text, (line) => {
    const name = withoutComment(line).replace(/^\*\./, '');
    if (name === '') {
      return { kind: 'blank' };
    }
    return loadedUrl(listedHost(name), listing, context);
  });
  return { ...nothingRead, hashes: items, ...account };
};

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/s, '').trim();
}
