/** The server as a process: its first line, whom its answers convince, and how it ends. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSubject } from '../../src/base/subject.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { encodeChallenge } from '../../src/protocol/challenge.js';
import { contentType } from '../../src/protocol/messages.js';
import { compileFeed, remoteContent, remoteName, type Feed } from '../cli/support/feed.js';
import { assertBuilt, records, start, startServer, temporaryFolder, vedette } from './support/cli.js';

let feed: Feed;
let other: Feed;
let sample: string;

beforeAll(async () => {
  assertBuilt();
  feed = await compileFeed(vedette);
  other = await compileFeed(vedette);
  sample = join(temporaryFolder('sample'), 'sample');
  writeFileSync(sample, remoteContent);
});

describe('vedette serve', () => {
  it('says where it listens and whose answers these are, in its first line', async () => {
    const running = start(['serve', '--server-pattern', feed.serverPattern, '--key', feed.keyFile]);
    const head = JSON.parse(await running.line()) as Record<string, unknown>;
    running.child.kill('SIGTERM');
    expect(Object.keys(head)).toEqual(['listening', 'key', 'generation']);
    expect(head['listening']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(head['key']).toMatch(/^ed25519:/);
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('is believed unsigned from loopback, by its key, and not by another key', async () => {
    const server = await startServer(['--server-pattern', feed.serverPattern, '--key', feed.keyFile]);
    const ask = async (...trust: string[]): Promise<unknown> => {
      const [line] = records(await vedette(['scan', sample, '--server', server.url, '--layers', 'remote', ...trust, '--json']));
      return [line?.['disposition'], line?.['threats'], line?.['reason']];
    };
    expect(await ask()).toEqual(['malicious', [remoteName], null]);
    expect(await ask('--trust', feed.publicKeyFile)).toEqual(['malicious', [remoteName], null]);
    expect(await ask('--trust', other.publicKeyFile)).toEqual(['unknown', [], 'bad-answer']);
    expect((await server.stop()).code).toBe(0);
  });

  it('passes on what another server signed, also when that server has ended', async () => {
    const origin = await startServer(['--server-pattern', feed.serverPattern, '--key', feed.keyFile]);
    const relay = await startServer(['--upstream', origin.url, '--trust', feed.publicKeyFile]);
    const ask = async (trust: string): Promise<unknown> => {
      const [line] = records(await vedette(['scan', sample, '--server', relay.url, '--layers', 'remote', '--trust', trust, '--json']));
      return [line?.['disposition'], line?.['threats'], line?.['reason']];
    };
    expect(await ask(feed.publicKeyFile)).toEqual(['malicious', [remoteName], null]);
    expect((await origin.stop()).code).toBe(0);
    expect(await ask(feed.publicKeyFile)).toEqual(['malicious', [remoteName], null]);
    expect(await ask(other.publicKeyFile)).toEqual(['unknown', [], 'bad-answer']);
    const metrics = await (await fetch(`${relay.url}/metrics`)).text();
    expect(metrics).toMatch(/^vedette_questions_total [1-9]\d*$/m);
    expect(metrics).toMatch(/^vedette_hits_total [1-9]\d*$/m);
    expect(metrics).toMatch(/^vedette_generation [1-9]\d*$/m);
    expect((await relay.stop()).code).toBe(0);
  });

  it('hands out its key list and the newer one, to a relay’s clients too; a client follows it over a restart', async () => {
    const keys = temporaryFolder('keys');
    const [list, next] = ['list', 'next'].map((name) => join(keys, name)) as [string, string];
    await Promise.all([list, next].map((out) => vedette(['keygen', '--out', out])));
    const [listKey, nextKey] = [list, next].map((dir) => join(dir, 'vedette.pub')) as [string, string];
    const file = join(keys, 'key-list');
    const make = (...args: string[]): Promise<unknown> => vedette(['key-list', 'make', '--out', file, '--signed-by', join(list, 'vedette.key'), ...args]);
    await make('--key', feed.publicKeyFile);
    const handingOut = ['--key-list', file, '--list-key', listKey];
    const serving = ['--server-pattern', feed.serverPattern, ...handingOut];
    const origin = await startServer([...serving, '--key', feed.keyFile]);
    const relay = await startServer(['--upstream', origin.url, '--trust', feed.publicKeyFile, ...handingOut]);
    const handedOut = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(`${url}/v1/keys`)).arrayBuffer());
    expect(await Promise.all([origin, relay].map((one) => handedOut(one.url)))).toEqual([readFileSync(file), readFileSync(file)]);

    const [trust, listKeys] = [feed.publicKeyFile, listKey].map((path) => [readFileSync(path, 'utf8').trim()]) as [string[], string[]];
    const dataDir = join(keys, 'data');
    const ask = async (...addresses: string[]): Promise<unknown> => {
      const servers = addresses.map((address) => ({ address, scope: 'local' as const, trust, listKeys }));
      const engine = createNodeEngine({ dataDir, background: 'manual', servers });
      const { verdict } = await engine.check(bytesSubject(readFileSync(sample)), { layers: 'remote' });
      await engine.close();
      return verdict.threats[0]?.name ?? verdict.reason;
    };
    expect(await ask(origin.url)).toBe(remoteName);
    // The new key is announced, then the origin goes over to it. Nobody is given a new configuration.
    await make('--key', nextKey, '--revoke', feed.publicKeyFile);
    const rotated = await startServer([...serving, '--key', join(next, 'vedette.key')]);
    const relayOfIt = await startServer(['--upstream', rotated.url, '--trust', feed.publicKeyFile, ...handingOut]);
    rmSync(join(dataDir, 'cache'), { recursive: true, force: true });
    expect(await ask(relayOfIt.url)).toBe(remoteName);
    expect(await ask(rotated.url)).toBe(remoteName);
    await Promise.all([origin, relay, rotated, relayOfIt].map((one) => one.stop()));
  });

  it('meets challenges where it is a reference, and only there', async () => {
    const challenge = encodeChallenge({ nonce: randomBytes(32), purpose: 'location' });
    const status = async (...args: string[]): Promise<number> => {
      const server = await startServer(['--server-pattern', feed.serverPattern, '--key', feed.keyFile, ...args]);
      const headers = { 'content-type': contentType };
      const response = await fetch(`${server.url}/v1/challenge`, { method: 'POST', headers, body: new Uint8Array(challenge) });
      await response.arrayBuffer();
      await server.stop();
      return response.status;
    };
    expect([await status('--reference'), await status()]).toEqual([200, 404]);
  });

  it('finishes the answer that is under way when it is told to end', async () => {
    const { answer, code } = await endedDuringRequest('SIGTERM');
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(code).toBe(0);
  });

  it('would be seen not to finish it (sabotage: a server that ends at once)', async () => {
    const { answer, code } = await endedDuringRequest('SIGKILL');
    expect(answer).toBe('');
    expect(code).toBe(null);
  });

  it.each([
    ['no pattern', () => [], /required option '--server-pattern <FILE>'/],
    ['a relay without a key to trust', () => ['--upstream', 'http://127.0.0.1:1'], /--trust KEY\.pub/],
    ['a relay with a pattern of its own', () => ['--upstream', 'http://127.0.0.1:1', '--server-pattern', feed.serverPattern], /leave out --server-pattern/],
    ['an upstream that is no address', () => ['--upstream', 'ftp://127.0.0.1', '--trust', feed.publicKeyFile], /expected an http or https address/],
    ['a pattern that is not there', () => ['--server-pattern', 'nowhere'], /nowhere: no such file/],
    ['another component', () => ['--server-pattern', join(feed.out, 'agent.vap')], /agent\.vap: expected a server-pattern/],
    ['an unsigned pattern where a key is trusted', () => ['--server-pattern', feed.serverPattern, '--trust', feed.publicKeyFile], /no signature/],
    ['half of TLS', () => ['--server-pattern', feed.serverPattern, '--tls-cert', feed.keyFile], /go together/],
    ['a certificate that is none', () => ['--server-pattern', feed.serverPattern, '--tls-cert', feed.keyFile, '--tls-key', feed.keyFile], /tls: certificate and key/],
    ['a key that is none', () => ['--server-pattern', feed.serverPattern, '--key', feed.publicKeyFile], /vedette\.pub: private key/],
    ['a list key without a list', () => ['--server-pattern', feed.serverPattern, '--list-key', feed.publicKeyFile], /--key-list FILE, which is missing/],
    ['a key list that is none', () => ['--server-pattern', feed.serverPattern, '--key-list', feed.publicKeyFile], /no key list/],
    ['a reference without a key', () => ['--server-pattern', feed.serverPattern, '--reference'], /--reference needs --key/],
    ['a reference for everybody', () => ['--server-pattern', feed.serverPattern, '--reference', '--key', feed.keyFile, '--role', 'global', '--tls-cert', feed.keyFile, '--tls-key', feed.keyFile], /nobody outside can reach/],
    ['an address that is not ours', () => ['--server-pattern', feed.serverPattern, '--host', '192.0.2.1'], /cannot listen on 192\.0\.2\.1/],
  ])('refuses %s in one line', async (_, args, message) => {
    const ended = await vedette(['serve', ...args()]);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a port that is taken', async () => {
    const server = await startServer(['--server-pattern', feed.serverPattern]);
    const second = await vedette(['serve', '--server-pattern', feed.serverPattern, '--port', server.port]);
    expect([second.code, second.stderr]).toEqual([2, `vedette: cannot listen on 127.0.0.1 port ${server.port}\n`]);
    await server.stop();
  });
});

/** Half a request, the signal, the other half: what came back, and how the server ended. */
async function endedDuringRequest(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ readonly answer: string; readonly code: number | null }> {
  const server = await startServer(['--server-pattern', feed.serverPattern]);
  const socket = await connected(server.port);
  let answer = '';
  const closed = new Promise((resolve) => {
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('error', () => undefined).once('close', resolve);
  });
  const body = 'not a request';
  socket.write(`POST /v1/query HTTP/1.1\r\nhost: x\r\ncontent-type: application/vnd.vedette.v1+msgpack\r\ncontent-length: ${body.length}\r\n\r\nnot a `);
  await refusedFrom(server.port, () => server.running.child.kill(signal));
  socket.write('request');
  await closed;
  return { answer, code: (await server.running.ended).code };
}

async function connected(port: string): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Does it, and waits until the port takes nobody any more. */
async function refusedFrom(port: string, act: () => void): Promise<void> {
  act();
  for (;;) {
    const socket = connect(Number(port), '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (!isOpen) {
      return;
    }
  }
}
