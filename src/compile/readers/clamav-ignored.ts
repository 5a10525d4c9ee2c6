/**
 * Names of signatures that are not to be loaded (.ign2): `name`, or `name:md5` with the MD5 of the signature's line,
 * which then comes back to life as soon as its line changes.
 */
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import type { IgnoredSignature, Reader } from './reader.js';
import { nothingRead } from './reader.js';

/** Reads .ign2. */
export const readIgnored: Reader = (text) => {
  const { items, ...account } = readLines(text, readLine);
  return { ...nothingRead, ignored: items, ...account };
};

function readLine(line: string): LineResult<IgnoredSignature> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const [name = '', md5, ...more] = line.split(':').map((field) => field.trim());
  if (name === '' || more.length > 0) {
    return { kind: 'skipped', reason: 'expected the name of a signature, or name:md5', signature: name === '' ? undefined : name };
  }
  if (md5 !== undefined && !/^[0-9a-f]{32}$/i.test(md5)) {
    return { kind: 'skipped', reason: 'what follows the name is not an MD5', signature: name };
  }
  return { kind: 'loaded', items: [md5 === undefined ? { name } : { name, md5: md5.toLowerCase() }] };
}
