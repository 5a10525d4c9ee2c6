/** The reader of every source format. A new format is a new file here, an entry below and a line in the change log. */
import type { SourceFormat } from '../detect.js';
import { readHashSignatures, readAllowSignatures } from './hashes/clamav-hash.js';
import { readIgnored } from './clamav-ignored.js';
import { readNdb } from './clamav-ndb.js';
import { readDomainList } from './urls/domain-list.js';
import { readApprovedHashes, readHashList } from './hashes/hash-list.js';
import { readHosts } from './urls/hosts.js';
import type { Reader } from './reader.js';
import { unsupportedFormat } from './unsupported.js';
import { readApprovedUrls, readUrlList } from './urls/url-list.js';

const field = (separator: string, index: number) => (line: string): string | undefined => line.split(separator, index + 1)[index];

/** Readers by format. */
export const readers: Readonly<Record<SourceFormat, Reader>> = {
  ndb: readNdb,
  ldb: unsupportedFormat('logical signatures (.ldb) are not supported yet', field(';', 0)),
  hdb: readHashSignatures,
  hsb: readHashSignatures,
  mdb: unsupportedFormat('hashes of PE sections (.mdb) are not supported yet', field(':', 2)),
  msb: unsupportedFormat('hashes of PE sections (.msb) are not supported yet', field(':', 2)),
  imp: unsupportedFormat('hashes of PE import tables (.imp) are not supported yet', field(':', 2)),
  cdb: unsupportedFormat('container signatures (.cdb) are not supported yet', field(':', 0)),
  fp: readAllowSignatures,
  sfp: readAllowSignatures,
  ign2: readIgnored,
  hashes: readHashList,
  urls: readUrlList,
  domains: readDomainList,
  hosts: readHosts,
  'approved-urls': readApprovedUrls,
  'approved-hashes': readApprovedHashes,
};
