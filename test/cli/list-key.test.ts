/** `--list-key` of the commands that ask servers: keys come and go by the list that the server hands out. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { registrableDomain } from '../../src/url.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { signerFromPem } from '../../src/node/node-keys.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createHandler } from '../../src/server/handler.js';
import { serve, type RunningServer } from '../../src/server/node/serve.js';
import { storeOf } from '../support/server-fixtures.js';
import { records } from './support/ended.js';
import { badUrl, remoteContent, remoteName } from './support/feed.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

const crypto = createNodeCrypto();
const names = ['old', 'next', 'list', 'stranger'] as const;
type Name = (typeof names)[number];
let folder: string;
let sample: string;
let server: RunningServer;
/** The list that the server hands out. */
let handedOut: Uint8Array | undefined;
let lists = 0;
const pub = (name: Name): string => join(folder, name, 'vedette.pub');
const key = (name: Name): string => join(folder, name, 'vedette.key');
const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

/** The URL and the file as the server lists them. */
function listed(): HashEntry[] {
  const url = canonicalizeUrl(badUrl);
  const [expression = ''] = url.kind === 'url' ? urlExpressions(url, { hostRule: 'psl', registrableDomain }) : [];
  const threat = { name: remoteName, type: 'trojan' };
  return [
    { kind: 'file', algorithm: 'sha256', hash: sha256(remoteContent), disposition: 'malicious', threat },
    { kind: 'url', algorithm: 'sha256', hash: sha256(expression), disposition: 'malicious', threat },
  ];
}

beforeAll(async () => {
  folder = temporaryFolder('list-key');
  for (const name of names) {
    expect((await vedette(['keygen', '--out', join(folder, name)])).code).toBe(0);
  }
  sample = join(folder, 'sample');
  writeFileSync(sample, remoteContent);
  const signer = signerFromPem(readFileSync(key('next'), 'utf8'));
  const handler = createHandler({ store: await storeOf(listed()), crypto, clock: createSystemClock(), signer, keyList: () => handedOut });
  server = await serve({ handler });
});

afterAll(() => server.close());

/** What the server hands out from now on. */
async function handOut(args: readonly string[], by: Name = 'list'): Promise<void> {
  const out = join(folder, `list-${lists++}`);
  expect(await vedette(['key-list', 'make', '--out', out, '--signed-by', key(by), ...args])).toMatchObject({ code: 0, stderr: '' });
  handedOut = new Uint8Array(readFileSync(out));
}

beforeEach(() => handOut(['--key', pub('old'), '--key', pub('next')]));

const commands: readonly (readonly [string, () => string[]])[] = [
  ['scan', () => ['scan', sample]],
  ['url', () => ['url', badUrl]],
  ['explain', () => ['explain', sample]],
];

/** The exit status, what is found, and why nothing is. */
async function found(command: readonly string[], ...keys: readonly string[]): Promise<unknown> {
  const ended = await vedette([...command, '--server', server.url, '--json', ...keys]);
  const [record] = records(ended);
  return [ended.code, record?.['disposition'], ...(record?.['disposition'] === 'unknown' ? [record['reason']] : [])];
}
const malicious = [1, 'malicious'];
const refused = [3, 'unknown', 'bad-answer'];

describe.each(commands)('vedette %s --list-key', (_, command) => {
  it('believes the key that the list announces, and without the option only those of --trust', async () => {
    expect(await found(command(), '--trust', pub('old'))).toEqual(refused);
    expect(await found(command(), '--trust', pub('old'), '--list-key', pub('list'))).toEqual(malicious);
  });

  it('needs no other key, and takes it as text as well', async () => {
    const text = readFileSync(pub('list'), 'utf8').trim();
    expect(await found(command(), '--list-key', text)).toEqual(malicious);
  });

  it('follows no list of anybody else', async () => {
    await handOut(['--key', pub('next')], 'stranger');
    expect(await found(command(), '--trust', pub('old'), '--list-key', pub('list'))).toEqual(refused);
    expect(await found(command(), '--trust', pub('old'), '--list-key', pub('list'), '--list-key', pub('stranger'))).toEqual(malicious);
  });
});

it('what a list has revoked stays so in --data when the server hands out no list any more', async () => {
  const kept = ['--list-key', pub('list'), '--data', join(folder, 'data')];
  await handOut(['--key', pub('old'), '--revoke', pub('next')]);
  // What `old` did not sign is refused, and so the list is waited for.
  expect(await found(['scan', sample], '--trust', pub('old'), ...kept)).toEqual(refused);
  handedOut = undefined;
  expect(await found(['scan', sample], '--trust', pub('next'), ...kept)).toEqual(refused);
  // The sabotage of this test: without its memory the revoked key is believed.
  expect(await found(['scan', sample], '--trust', pub('next'), '--list-key', pub('list'))).toEqual(malicious);
});

it('a drain follows the list too', async () => {
  const data = join(folder, 'drained');
  expect(await found(['scan', sample], '--trust', pub('old'), '--data', data)).toEqual(refused);
  const drained = await vedette(['pending', 'drain', '--data', data, '--server', server.url, '--list-key', pub('list'), '--json']);
  expect(records(drained)[0]).toMatchObject({ path: sample, disposition: 'malicious', threats: [remoteName] });
});

it.each<[string, () => string[], RegExp]>([
  ['without a server', () => ['--pattern', folder, '--list-key', pub('list')], /--list-key .* --server URL/],
  ['a file that is no key', () => ['--server', server.url, '--list-key', sample], /sample: public key/],
  ['a key that is to sign answers too', () => ['--server', server.url, '--trust', pub('list'), '--list-key', pub('list')], /sign/],
  ['a server elsewhere, without any key', () => ['--server', 'http://192.0.2.1:80'], /--trust/],
])('%s is an error of one line', async (_, args, message) => {
  const ended = await vedette(['scan', sample, ...args()]);
  expect([ended.code, ended.stdout, ended.stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  expect(ended.stderr).toMatch(message);
});

it('a server that is not literally loopback needs no key but that of its list', async () => {
  const elsewhere = server.url.replace('127.0.0.1', 'localhost');
  const ended = await vedette(['scan', sample, '--server', elsewhere, '--list-key', pub('list'), '--json']);
  expect(records(ended)[0]).toMatchObject({ disposition: 'malicious' });
});
