/** IPv6 literals: read after RFC 4291 section 2.2, written after RFC 5952, IPv4 carriers as the IPv4 that they carry. */

/**
 * The canonical host for the text between the brackets: `[…]` in RFC 5952 form, or four-part decimal for IPv4-mapped
 * addresses (`::ffff:0:0/96`) and the NAT64 prefix `64:ff9b::/96`. A zone (`%eth0`) names an interface of one machine
 * and is dropped. Undefined when the text is no IPv6 address.
 */
export function canonicalIpv6(text: string): string | undefined {
  const zone = text.indexOf('%');
  const words = parseIpv6(zone < 0 ? text : text.slice(0, zone));
  if (words === undefined) {
    return undefined;
  }
  if (carriesIpv4(words)) {
    return [words[6]! >>> 8, words[6]! & 0xff, words[7]! >>> 8, words[7]! & 0xff].join('.');
  }
  return `[${formatIpv6(words)}]`;
}

function parseIpv6(text: string): number[] | undefined {
  // 45 characters is the longest spelling: six groups of four digits and a dotted quad.
  if (text.length > 45) {
    return undefined;
  }
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) {
    return undefined;
  }
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') {
    return [];
  }
  const words: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      words.push(Number.parseInt(group, 16));
      continue;
    }
    const quad = last && index === groups.length - 1 ? parseQuad(group) : undefined;
    if (quad === undefined) {
      return undefined;
    }
    words.push(...quad);
  }
  return words;
}

/** Inside IPv6 the IPv4 part has four decimal parts and nothing else. */
function parseQuad(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  const [a, b, c, d] = parts.map(Number);
  return [a! * 256 + b!, c! * 256 + d!];
}

function carriesIpv4(words: readonly number[]): boolean {
  const zeros = (from: number, to: number): boolean => words.slice(from, to).every((word) => word === 0);
  const mapped = zeros(0, 5) && words[5] === 0xffff;
  const nat64 = words[0] === 0x64 && words[1] === 0xff9b && zeros(2, 6);
  return mapped || nat64;
}

/** RFC 5952 section 4: lower case, no leading zeros, `::` for the first longest run of at least two zero groups. */
function formatIpv6(words: readonly number[]): string {
  const run = longestZeroRun(words);
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  return run.length < 2 ? hex(words) : `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`;
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, word] of words.entries()) {
    length = word === 0 ? length + 1 : 0;
    if (length > best.length) {
      best = { start: index - length + 1, length };
    }
  }
  return best;
}
