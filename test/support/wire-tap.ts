/** A tap on a loopback connection: every byte of both ways is kept, and can be searched for what must not be in it. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { toHex, toLatin1 } from '../../src/base/bytes.js';

/** One connection. */
export interface Conversation {
  readonly sent: Buffer;
  readonly received: Buffer;
}

/** A tap before a server. */
export interface WireTap {
  /** Where to ask instead of the server. */
  readonly address: string;
  conversations(): Conversation[];
  close(): Promise<void>;
}

/** Listens and passes everything on to the port of a server. */
export async function startWireTap(port: number): Promise<WireTap> {
  const all: { readonly sent: Buffer[]; readonly received: Buffer[] }[] = [];
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer((client) => {
    const kept = { sent: [] as Buffer[], received: [] as Buffer[] };
    all.push(kept);
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (part) => kept.sent.push(part)).pipe(upstream);
    upstream.on('data', (part) => kept.received.push(part)).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => [client, upstream].forEach((one) => one.destroy()));
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    conversations: () => all.map(({ sent, received }) => ({ sent: Buffer.concat(sent), received: Buffer.concat(received) })),
    close: async () => {
      sockets.forEach((one) => one.destroy());
      await once(server.close(), 'close');
    },
  };
}

/** One message of HTTP. */
export interface HttpMessage {
  readonly headBytes: number;
  readonly body: Buffer;
}

/** The messages of one direction, all of which carry `content-length`. */
export function httpMessages(bytes: Buffer): HttpMessage[] {
  const messages: HttpMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at) + 4;
    const length = Number(/content-length: (\d+)/i.exec(bytes.toString('latin1', at, end))?.[1]);
    messages.push({ headBytes: end - at, body: bytes.subarray(end, end + length) });
    at = end + length;
  }
  return messages;
}

/** Which of the hashes stand in the bytes, raw or in hex of either case: eight bytes behind the prefix are enough to tell. */
export function hashesIn(bytes: Buffer, hashes: readonly Uint8Array[]): number {
  const raw = new Set(hashes.map((hash) => toLatin1(hash.subarray(4, 12))));
  const hex = new Set(hashes.map((hash) => toHex(hash.subarray(4, 12))));
  return windowsIn(bytes.toString('latin1'), 8, raw) + windowsIn(bytes.toString('latin1').toLowerCase(), 16, hex);
}

function windowsIn(text: string, length: number, wanted: ReadonlySet<string>): number {
  let found = 0;
  for (let at = 0; at + length <= text.length; at++) {
    found += wanted.has(text.slice(at, at + length)) ? 1 : 0;
  }
  return found;
}
