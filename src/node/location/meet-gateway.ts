/**
 * Has the system learn the MAC address of a gateway: after a change of network it knows none until something is sent
 * there. One empty datagram to the port that throws everything away (RFC 863) says nothing to anybody.
 */
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';

const discardPort = 9;
/** On a local network an answer to "who has that address" takes a few ms. */
const waitMs = 100;

/** Resolves when an answer would be there. Never rejects. */
export function meetGateway(address: string): Promise<void> {
  const version = isIP(address);
  if (version === 0) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const socket = createSocket(version === 4 ? 'udp4' : 'udp6');
    const end = (): void => {
      clearTimeout(timer);
      socket.close(() => resolve());
    };
    const timer = setTimeout(end, waitMs);
    socket.once('error', end);
    // What cannot be sent is told by the error, once the time is over at the latest.
    socket.send(new Uint8Array(0), discardPort, address, () => undefined);
  });
}
