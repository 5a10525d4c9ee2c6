/** Tar archives from before the `ustar` mark: told by the header's checksum (POSIX 1003.1, "ustar Interchange Format"). */

const HEADER = 512;
const SUM_AT = 148;
const SUM_BYTES = 8;

/** Whether the head begins with a tar header whose checksum is right. */
export function isOldTar(head: Uint8Array): boolean {
  if (head.length < HEADER) {
    return false;
  }
  const stated = octal(head.subarray(SUM_AT, SUM_AT + SUM_BYTES));
  let sum = 0x20 * SUM_BYTES;
  for (let at = 0; at < HEADER; at++) {
    sum += at >= SUM_AT && at < SUM_AT + SUM_BYTES ? 0 : (head[at] ?? 0);
  }
  return stated === sum;
}

/** Leading spaces, octal digits, then a space or zero byte. */
function octal(field: Uint8Array): number | undefined {
  const match = /^ *([0-7]+)(?:[ \0]|$)/.exec(String.fromCharCode(...field));
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 8);
}
