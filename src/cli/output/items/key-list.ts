/** A key list for people and as a record: its number, its keys with the time in which they count, and who signed it. */
import { toHex } from '../../../base/bytes.js';
import type { Json } from '../../../base/seams.js';
import type { KeyList } from '../../../protocol/key-list.js';
import type { TrustedKey } from '../../../protocol/key-ring.js';
import { formatPublicKey } from '../../../protocol/keys.js';
import { dated } from '../text.js';

/** Instants are epoch ms; `signedBy` has the ids of the list keys that say so, which nobody has verified. */
export function keyListRecord(file: string, { sequence, keys, signatures }: KeyList): Json {
  return {
    kind: 'key-list',
    file,
    sequence,
    keys: keys.map((one) => ({
      key: formatPublicKey(one.publicKey),
      notBefore: one.notBefore ?? null,
      notAfter: one.notAfter ?? null,
      revoked: one.revoked === true,
    })),
    signedBy: signatures.map((one) => toHex(one.keyId)),
  };
}

/** The lines for people. */
export function keyListLines(file: string, { sequence, keys, signatures }: KeyList): string[] {
  return [
    `${file}  key list ${sequence}, signed by ${signatures.map((one) => toHex(one.keyId)).join(', ')}`,
    ...keys.map((one) => `  ${formatPublicKey(one.publicKey)} ${standing(one)}`),
  ];
}

function standing({ revoked, notBefore, notAfter }: TrustedKey): string {
  if (revoked === true) {
    return 'revoked';
  }
  const from = notBefore === undefined ? [] : [`from ${dated(notBefore)}`];
  const until = notAfter === undefined ? [] : [`until ${dated(notAfter)}`];
  return ['counts', ...from, ...until].join(' ');
}
