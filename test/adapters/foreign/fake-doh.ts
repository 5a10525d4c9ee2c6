/** A DNS server behind HTTPS (RFC 8484), and messages as RFC 1035 has them, written apart from the code that reads them. */
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js';

const be16 = (value: number): Uint8Array => Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
const be32 = (value: number): Uint8Array => concatBytes([be16(value >>> 16), be16(value & 0xffff)]);

/** A name as labels. */
export const nameBytes = (name: string): Uint8Array => concatBytes([...name.split('.').flatMap((label) => [Uint8Array.of(label.length), toUtf8(label)]), Uint8Array.of(0)]);

export const typeOf = { A: 1, TXT: 16 } as const;

/** Record data. */
export const dataOf = (type: 'A' | 'TXT', value: string): Uint8Array => {
  if (type === 'A') {
    return Uint8Array.from(value.split('.').map(Number));
  }
  const bytes = toUtf8(value);
  const parts = Array.from({ length: Math.max(1, Math.ceil(bytes.length / 255)) }, (_, i) => bytes.subarray(255 * i, 255 * (i + 1)));
  return concatBytes(parts.flatMap((part) => [Uint8Array.of(part.length), part]));
};

/** A response. The owner of each record is a pointer to the question, as servers write it, unless `owner` is given. */
export function responseOf(question: { readonly name: string; readonly type: 'A' | 'TXT' }, answer: { readonly values?: readonly string[]; readonly rcode?: number; readonly ttl?: number; readonly flags?: number; readonly owner?: Uint8Array }): Uint8Array {
  const { values = [], rcode = 0, ttl = 300, flags = 0x8180, owner = be16(0xc00c) } = answer;
  const records = values.map((value) => dataOf(question.type, value)).map((data) => concatBytes([owner, be16(typeOf[question.type]), be16(1), be32(ttl), be16(data.length), data]));
  return concatBytes([be16(0), be16(flags | rcode), be16(1), be16(values.length), be16(0), be16(0), nameBytes(question.name), be16(typeOf[question.type]), be16(1), ...records]);
}

/** The question in a message. */
export function questionIn(message: Uint8Array): { readonly name: string; readonly type: 'A' | 'TXT' } {
  const labels: string[] = [];
  let at = 12;
  for (; message[at] !== 0; at += 1 + message[at]!) {
    labels.push(new TextDecoder().decode(message.subarray(at + 1, at + 1 + message[at]!)));
  }
  return { name: labels.join('.'), type: message[at + 2] === typeOf.A ? 'A' : 'TXT' };
}

/** A `fetch` to a DNS server. */
export function fakeDoh(answer: (question: { readonly name: string; readonly type: 'A' | 'TXT' }) => Parameters<typeof responseOf>[1]): { readonly fetch: typeof fetch; readonly asked: string[] } {
  const asked: string[] = [];
  const call: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const question = questionIn(new Uint8Array(await request.arrayBuffer()));
    asked.push(`${question.type} ${question.name}`);
    return new Response(new Uint8Array(responseOf(question, answer(question))), { headers: { 'content-type': 'application/dns-message' } });
  };
  return { fetch: call, asked };
}
