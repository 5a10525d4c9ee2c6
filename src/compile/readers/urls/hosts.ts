/** Files in the format of `/etc/hosts` that block names by sending them to an address that leads nowhere. */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { readLines } from '../../lines.js';
import type { LineResult } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { oneOf } from './merge-results.js';
import { listedHost, loadedUrl, maliciousListing } from './url-entries.js';
import type { Listing } from './url-entries.js';

/** Addresses that lead nowhere or to the machine itself: any other one says where a name really is. */
const sink = /^(?:0|0\.0\.0\.0|127(?:\.[0-9]{1,3}){3}|255\.255\.255\.255|::|::0|::1|fe80::1(?:%[a-z0-9]+)?|f[ef]0[0-9a-f]::[0-9a-f]?)$/i;

/** Names in one line. Systems read a few dozen at most. */
const maxNames = 1000;

/** What systems themselves write into the file. */
const localName = /^(?:localhost\d?(?:\.localdomain\d?)?|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0)$/i;

/**
 * Every name becomes a malicious entry `<source>.host`, as in a domain list. A line counts as loaded when one of its
 * names is; names of the machine itself are left out, and a line with nothing else is skipped.
 */
export const readHosts: Reader = (text, context) => {
  const listing = maliciousListing(context.source, 'host');
  const { items, ...account } = readLines(text, (line) => readLine(line, listing, context));
  return { ...nothingRead, hashes: items, ...account };
};

function readLine(line: string, listing: Listing, context: ReaderContext): LineResult<HashEntry> {
  const hash = line.indexOf('#');
  const [address = '', ...names] = (hash < 0 ? line : line.slice(0, hash)).trim().split(/\s+/);
  if (address === '') {
    return { kind: 'blank' };
  }
  if (names.length === 0) {
    return { kind: 'skipped', reason: 'expected an address and a name' };
  }
  if (names.length > maxNames) {
    return { kind: 'skipped', reason: `more than ${maxNames} names in one line` };
  }
  if (!sink.test(address)) {
    return { kind: 'skipped', reason: 'not a blocking address: expected 0.0.0.0, 127.x.x.x, :: or ::1' };
  }
  const foreign = names.filter((name) => !localName.test(name));
  if (foreign.length === 0) {
    return { kind: 'skipped', reason: 'names of the machine itself' };
  }
  const results = foreign.map((name) => loadedUrl(listedHost(name), listing, context)).filter((one) => one.kind === 'loaded');
  return results.length === 0 ? { kind: 'skipped', reason: 'not a domain name' } : oneOf(results, listing.threat.name);
}
