// Attacks a server from a process of its own: slow connections, silent ones, ones that never read, malformed requests, batches
// that are too large, bodies without an end, readers of the metrics. Says in one line of JSON what came of it.
import { connect } from 'node:net';
import { Agent, request } from 'node:http';

const [, , address, text] = process.argv;
const { hostname, port } = new URL(address);
const { slow, malformed, batches, bodies, readers, idle, metrics, batch, good, type } = JSON.parse(text);
const statuses = {};
const count = (status) => (statuses[status] = (statuses[status] ?? 0) + 1);
let seed = 7;
const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const sockets = [];

function holdSlowly() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write('POST /v1/query HTTP/1.1\r\nhost: a\r\nx-');
      resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => clearInterval(timer));
    const timer = setInterval(() => socket.write('a'), 500);
    sockets.push(socket);
  });
}

function send(body, headers, path = '/v1/query', method = 'POST') {
  return new Promise((resolve) => {
    const outgoing = request({ hostname, port, agent, path, method, headers: { 'content-type': type, 'content-length': body.length, ...headers } }, (incoming) => {
      count(incoming.statusCode);
      incoming.resume().on('end', resolve).on('error', resolve);
    });
    outgoing.on('error', () => resolve(count('cut')));
    outgoing.end(body);
  });
}

function sendGarbage() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(Array.from({ length: 200 }, () => random() * 256))));
    socket.on('data', () => socket.end()).on('error', () => undefined).on('close', () => resolve(count('garbage')));
    socket.setTimeout(20_000, () => socket.destroy());
  });
}

const rawRequests = [
  'GET /healthz HTTP/1.1\r\n\r\n',
  'CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n',
  `${'GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(20)}GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
  `GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${'a: b\r\n'.repeat(3000)}\r\n`,
  ...['content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'expect: 200-maybe\r\ncontent-length: 1\r\n\r\nx', 'transfer-encoding: chunked\r\n\r\n-1\r\nx',
    `transfer-encoding: chunked\r\n\r\n1;${'a'.repeat(40_000)}\r\nx\r\n0\r\n\r\n`].map((rest) => `POST /v1/query HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n${rest}`),
];

/** What no client of HTTP writes; counted by the status that comes back. */
function sendRaw(text) {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (part) => (said += part.toString('latin1'))).on('end', () => socket.end()).on('error', () => undefined);
    socket.on('close', () => resolve(count(`raw-${/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 'cut'}`)));
    socket.setTimeout(20_000, () => socket.destroy());
  });
}

function malform(i) {
  const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 600) }, () => random() * 256));
  switch (i % 8) {
    case 0: return sendGarbage();
    case 1: return send(bytes, { 'content-type': 'text/html' });
    case 2: return send(bytes, {}, `/${'x'.repeat(i % 2000)}`);
    case 3: return send(bytes, { 'content-encoding': 'gzip' });
    case 4: return send(bytes, {}, '/v1/query', 'PUT');
    case 5: return send(bytes, {}, '/v1/query?a=%20');
    case 6: return sendRaw(rawRequests[(i >>> 3) % rawRequests.length]);
    default: return send(bytes, {});
  }
}

/** A body of 1 GiB, said or not, as far as it is taken. */
function sendEndlessly(i) {
  return new Promise((resolve) => {
    const piece = Buffer.alloc(65_536, 1);
    const headers = { 'content-type': type, ...(i % 2 === 0 ? { 'content-length': 2 ** 30 } : { 'transfer-encoding': 'chunked' }) };
    const outgoing = request({ hostname, port, path: '/v1/query', method: 'POST', headers, agent: false }, (incoming) => {
      count(incoming.statusCode);
      incoming.resume().on('error', () => undefined);
    });
    let left = 2 ** 30;
    const more = () => {
      while (left > 0 && !outgoing.destroyed) {
        left -= piece.length;
        if (!outgoing.write(piece)) {
          outgoing.once('drain', more);
          return;
        }
      }
      outgoing.end();
    };
    outgoing.on('error', () => undefined).on('close', () => resolve(count(left > 0 ? 'body-cut' : 'body-taken')));
    more();
  });
}

/** Asks for much, over and over in one breath, and reads nothing of it. */
function readNothing() {
  return new Promise((resolve) => {
    const body = Buffer.from(good, 'base64');
    const one = Buffer.concat([Buffer.from(`POST /v1/query HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
    const socket = connect(Number(port), hostname, () => socket.pause().write(Buffer.concat(Array.from({ length: 60 }, () => one)), () => resolve()));
    socket.on('error', () => resolve()).on('close', () => resolve());
    sockets.push(socket);
  });
}

/** Opens a connection and says nothing. */
function holdSilently() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve());
    socket.on('error', () => resolve());
    sockets.push(socket);
  });
}

function readMetrics() {
  return new Promise((resolve) => {
    const outgoing = request({ hostname, port, agent, path: '/metrics' }, (incoming) => {
      count(`metrics-${incoming.statusCode}`);
      incoming.resume().on('end', resolve).on('error', resolve);
    });
    outgoing.on('error', () => resolve(count('cut')));
    outgoing.end();
  });
}

async function inTurns(number, lanes, run) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(lanes, number) }, async () => {
    while (next < number) {
      await run(next++);
    }
  }));
}

await inTurns(slow, 50, holdSlowly);
await inTurns(readers, 50, readNothing);
await inTurns(idle, 50, holdSilently);
await Promise.all([
  inTurns(metrics, 4, readMetrics),
  inTurns(malformed, 8, malform),
  inTurns(batches, 2, () => send(Buffer.from(batch, 'base64'), {})),
  inTurns(bodies, 2, sendEndlessly),
]);
sockets.forEach((socket) => socket.destroy());
agent.destroy();
console.log(JSON.stringify(statuses));
