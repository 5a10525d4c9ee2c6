/** A proxy is asked for a tunnel (CONNECT, RFC 9110 § 9.3.6). What it answers comes from outside: read under a limit. */
import type { Socket } from 'node:net';
import { portOf } from './proxy-choice.js';

/** Why there is no tunnel. */
export interface TunnelRefusal {
  readonly why: string;
  readonly retry: boolean;
}

const maxHeadBytes = 16_384;
const headEnd = '\r\n\r\n';

/** The header with which a proxy's URL says who asks; none without a user in it. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '' && proxy.password === '') {
    return {};
  }
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Resolves when the socket leads to the server, or with why it does not. */
export function openTunnel(socket: Socket, url: URL, proxy: URL): Promise<TunnelRefusal | undefined> {
  const target = `${url.hostname}:${portOf(url)}`;
  const headers = Object.entries({ host: target, ...proxyAuthorization(proxy) }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (refusal: TunnelRefusal | undefined): void => {
      socket.off('data', onData).off('close', onClose).pause();
      resolve(refusal);
    };
    const onClose = (): void => end({ why: 'the proxy closed the connection', retry: true });
    const onData = (part: Buffer): void => {
      received = Buffer.concat([received, part]);
      const at = received.indexOf(headEnd);
      if (at >= 0) {
        end(judge(received.subarray(0, at).toString('latin1'), received.length - at - headEnd.length));
      } else if (received.length > maxHeadBytes) {
        end({ why: 'the proxy answers without end', retry: false });
      }
    };
    socket.on('data', onData).on('close', onClose);
    socket.write(`CONNECT ${target} HTTP/1.1\r\n${headers.join('')}\r\n`);
  });
}

/** In TLS the client speaks first: what comes before that comes from somebody else. */
function judge(head: string, bytesAfter: number): TunnelRefusal | undefined {
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1] ?? 0);
  if (status < 200 || status > 299) {
    return { why: status === 0 ? 'the proxy speaks no HTTP' : `the proxy answers with status ${status}`, retry: status >= 500 };
  }
  return bytesAfter === 0 ? undefined : { why: 'the proxy says more than it may', retry: false };
}
