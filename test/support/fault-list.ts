/** The faults of the table that happen within one exchange over HTTP, but for those that follow a rule (fault-cuts.ts). */
import { gzipSync } from 'node:zlib';
import { contentType } from '../../src/protocol/messages.js';
import type { Fault } from './fault-server.js';
import { body, endless, head, raw, reset, resetAfter, send, status } from './fault-wire.js';

/** 64 KiB that unpack to 64 MiB. */
let bomb: Uint8Array | undefined;

/** Sends one byte per turn of the event loop that the client's reading allows, and never finishes. */
const drip: Fault = {
  name: 'a byte at a time without end',
  hangs: true,
  answer: (socket, { honest }) => {
    socket.write(head('200 OK', { 'content-type': contentType, 'content-length': honest.length }));
    let at = 0;
    const next = (): void => {
      if (!socket.destroyed && at < honest.length - 1) {
        socket.write(honest.subarray(at, ++at), () => setImmediate(next));
      }
    };
    next();
  },
};

/** Sends a byte at once, and one more every second. */
const trickle: Fault = {
  name: 'a byte a second',
  hangs: true,
  answer: (socket, { honest }) => {
    const all = Buffer.concat([Buffer.from(head('200 OK', { 'content-type': contentType, 'content-length': honest.length })), honest]);
    let at = 0;
    const next = (): void => void socket.write(all.subarray(at, ++at));
    const timer = setInterval(next, 1_000);
    socket.once('close', () => clearInterval(timer));
    next();
  },
};

const okHead = head('200 OK', { 'content-type': contentType, 'content-length': 100 });
const chunkedHead = head('200 OK', { 'content-type': contentType, 'transfer-encoding': 'chunked' });
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Every fault. None of them may lead to an answer that is believed. */
export const faults: readonly Fault[] = [
  { name: 'reset on connecting', connected: (socket) => reset(socket) },
  { name: 'closed on connecting', connected: (socket) => socket.destroy() },
  { name: 'reset after the request', answer: (socket) => reset(socket) },
  { name: 'closed after the request', answer: (socket) => socket.end() },
  { name: 'silence', hangs: true, answer: () => undefined },
  raw('half a status line', 'HTTP/1.1 20'),
  raw('half a status line, then silence', 'HTTP/1.1 20', 'hang'),
  raw('half the headers', 'HTTP/1.1 200 OK\r\ncontent-ty'),
  raw('half the headers, then silence', 'HTTP/1.1 200 OK\r\ncontent-ty', 'hang'),
  raw('headers without a body', okHead),
  raw('headers without a body, then reset', okHead, 'reset'),
  raw('headers, then silence', okHead, 'hang'),
  raw('100 Continue, then silence', 'HTTP/1.1 100 Continue\r\n\r\n', 'hang'),
  raw('101 Switching Protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  raw('another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'),
  raw('two content lengths', ({ honest }) => `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncontent-length: ${honest.length}\r\ncontent-length: 5\r\n\r\n${latin1(honest)}`),
  raw('a chunk size that is no number', `${chunkedHead}zz\r\nabc\r\n0\r\n\r\n`),
  raw('a chunk that is cut', `${chunkedHead}ff\r\nabc`),
  raw('chunks without an end, then silence', `${chunkedHead}3\r\nabc\r\n`, 'hang'),
  endless('endless headers', 'HTTP/1.1 200 OK\r\n', 'x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'),
  endless('an endless chunked body', chunkedHead, `400\r\n${'.'.repeat(1024)}\r\n`),
  endless('a body of 10 GiB', head('200 OK', { 'content-type': contentType, 'content-length': 10 * 2 ** 30 }), '.'),
  endless('a body without length that does not end', head('200 OK', { 'content-type': contentType }), '.'),
  drip,
  trickle,
  resetAfter(() => 0, 'nothing'),
  resetAfter(() => 1, 'a byte'),
  resetAfter((length) => length >> 1, 'half'),
  resetAfter((length) => length - 1, 'all but a byte'),
  status('500 Internal Server Error'),
  { ...status('500 Internal Server Error', { 'retry-after': 30 }), name: 'status 500 with Retry-After' },
  status('502 Bad Gateway'),
  { ...status('502 Bad Gateway', { 'retry-after': 30 }), name: 'status 502 with Retry-After' },
  { ...status('503 Service Unavailable', { 'retry-after': 30 }), name: 'status 503 with seconds' },
  { ...status('503 Service Unavailable', { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' }), name: 'status 503 with a date' },
  status('503 Service Unavailable'),
  { ...status('503 Service Unavailable', { 'retry-after': 'soon' }), name: 'status 503 with a Retry-After that is none' },
  status('429 Too Many Requests', { 'retry-after': 30 }),
  { ...status('429 Too Many Requests'), name: 'status 429 without Retry-After' },
  status('408 Request Timeout'),
  status('400 Bad Request'),
  status('404 Not Found'),
  status('407 Proxy Authentication Required', { 'proxy-authenticate': 'Basic' }),
  status('401 Unauthorized', { 'www-authenticate': 'Basic' }),
  status('201 Created'),
  status('206 Partial Content', { 'content-range': 'bytes 0-9/10' }),
  { name: 'status 204 No Content', answer: (socket) => socket.end(head('204 No Content', { 'content-type': contentType })) },
  { name: 'status 304 Not Modified', answer: (socket) => socket.end(head('304 Not Modified', {})) },
  ...['301 Moved Permanently', '302 Found', '303 See Other', '307 Temporary Redirect', '308 Permanent Redirect'].flatMap((line): Fault[] => [
    { ...status(line, { location: '/v1/query' }), name: `status ${line} to the same origin` },
    { name: `status ${line} to another origin`, answer: (socket, { honest, elsewhere }) => send(socket, honest, { status: line, headers: { location: elsewhere } }) },
  ]),
  body('an empty body', () => new Uint8Array(0)),
  body('half an answer that claims to be whole', ({ honest }) => honest.subarray(0, honest.length >> 1)),
  body('an answer with a byte too many', ({ honest }) => Buffer.concat([honest, Buffer.from([0])])),
  body('an answer twice', ({ honest }) => Buffer.concat([honest, honest])),
  body('garbage', ({ honest }) => honest.map((byte, i) => byte ^ (i * 7 + 1))),
  body('zeros', ({ honest }) => new Uint8Array(honest.length)),
  body('one bit turned', ({ honest }) => honest.map((byte, i) => (i === honest.length >> 1 ? byte ^ 1 : byte))),
  body('the answer to an earlier request', ({ previous }) => previous ?? new Uint8Array(1)),
  body('JSON', () => Buffer.from('{"disposition":"clean"}')),
  body('a log-in page', () => Buffer.from('<html>'), { 'content-type': 'text/html' }),
  body('the answer as another type', ({ honest }) => honest, { 'content-type': 'application/octet-stream' }),
  body('the answer as another version', ({ honest }) => honest, { 'content-type': contentType.replace('v1', 'v2') }),
  body('the answer without a type', ({ honest }) => honest, { 'content-type': '' }),
  body('the answer in gzip', ({ honest }) => gzipSync(honest), { 'content-encoding': 'gzip' }),
  body('the answer in an unknown encoding', ({ honest }) => honest, { 'content-encoding': 'x-unknown' }),
  body('gzip that is not declared', ({ honest }) => gzipSync(honest)),
  body('a gzip bomb of 64 MiB', () => (bomb ??= gzipSync(Buffer.alloc(64 * 2 ** 20))), { 'content-encoding': 'gzip' }),
  body('one byte over the limit', () => new Uint8Array(4 * 2 ** 20 + 1)),
];
