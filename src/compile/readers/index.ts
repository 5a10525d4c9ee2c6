/** The reader of every source format. A new format is a new file here, an entry below and a line in the change log. */
import type { SourceFormat } from '../detect.js';
import { readHashSignatures, readAllowSignatures } from './hashes/clamav-hash.js';
import { readIgnored } from './clamav-ignored.js';
import { readIcons, readPhishing } from './clamav-other.js';
import { readCdb } from './clamav-cdb.js';
import { readNdb } from './clamav-ndb.js';
import { readImportHashes, readSectionHashes } from './hashes/clamav-pe-hash.js';
import { readLdb } from './logical/clamav-ldb.js';
import { readDomainList } from './urls/domain-list.js';
import { readApprovedHashes, readHashList } from './hashes/hash-list.js';
import { readMisp } from './feeds/misp.js';
import { readSafeBrowsing } from './feeds/safe-browsing.js';
import { readStix } from './feeds/stix.js';
import { readUrlhaus } from './feeds/urlhaus.js';
import { readWarningList } from './feeds/warninglist.js';
import { readAdblock } from './urls/adblock.js';
import { readHosts } from './urls/hosts.js';
import { readRatings } from './urls/ratings.js';
import { readRpz } from './urls/rpz.js';
import type { Reader } from './reader.js';
import { readApprovedUrls, readUrlList } from './urls/url-list.js';

/** Readers by format. */
export const readers: Readonly<Record<SourceFormat, Reader>> = {
  ndb: readNdb,
  ldb: readLdb,
  hdb: readHashSignatures,
  hsb: readHashSignatures,
  mdb: readSectionHashes,
  msb: readSectionHashes,
  imp: readImportHashes,
  cdb: readCdb,
  fp: readAllowSignatures,
  sfp: readAllowSignatures,
  ign2: readIgnored,
  pdb: readPhishing,
  wdb: readPhishing,
  gdb: readPhishing,
  idb: readIcons,
  hashes: readHashList,
  urls: readUrlList,
  domains: readDomainList,
  hosts: readHosts,
  rpz: readRpz,
  adblock: readAdblock,
  urlhaus: readUrlhaus,
  stix: readStix,
  misp: readMisp,
  'safe-browsing': readSafeBrowsing,
  ratings: readRatings,
  'approved-urls': readApprovedUrls,
  'approved-hashes': readApprovedHashes,
  warninglist: readWarningList,
};
