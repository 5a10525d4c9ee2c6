/**
 * Judging URLs contacts nobody but the reputation server: all shared URLs in a network namespace without routes, every
 * system call of the network traced. Needs Linux with user namespaces, strace and ip.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '../shared.js';
import { assertBuilt, projectRoot, temporaryFolder, vedette } from './support/cli.js';

const urls = sharedPath('data/ioc/urls');
const ssrf = sharedPath('data/attacks/ssrf.json');
const inside = fileURLToPath(new URL('support/no-network/inside.mjs', import.meta.url));

/** Why it cannot be tested here, or undefined. */
function missing(): string | undefined {
  const works = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
  return urls === undefined || ssrf === undefined
    ? 'the shared test data is not there'
    : !works('unshare', '-rn', 'ip', 'link', 'set', 'lo', 'up')
      ? 'no network namespaces here (unshare -rn, ip)'
      : !works('strace', '-o', '/dev/null', 'true')
        ? 'no strace here'
        : undefined;
}

interface Counts {
  readonly [disposition: string]: number | undefined;
}

interface Run {
  readonly port: string;
  /** Lines of the trace that went anywhere but to the server. */
  readonly strangers: readonly string[];
  readonly connections: number;
  readonly answer: {
    readonly listed: number;
    readonly listedAtOnce: Counts;
    readonly listedAsked: Counts;
    readonly hostile: number;
    readonly hostileAtOnce: Counts;
    readonly hostileAsked: Counts;
  };
}

/** Calls by which a process asks a name server or reaches anybody else than 127.0.0.1:port. */
function strangersIn(trace: string, port: string): string[] {
  const toServer = `sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("127.0.0.1")`;
  return trace.split('\n').filter((line) => {
    const isCall = /\b(?:connect|sendto|sendmsg|sendmmsg)\(/.test(line) && line.includes('sa_family=');
    const isDatagram = /\bsocket\(AF_INET6?, SOCK_DGRAM/.test(line);
    return isDatagram || (isCall && !line.includes(toServer));
  });
}

async function judge(changes: { readonly lists?: readonly string[]; readonly sabotage?: boolean }): Promise<Run> {
  const folder = temporaryFolder('no-network');
  const lists = changes.lists ?? readdirSync(urls!).map((name) => join(urls!, name));
  const out = join(folder, 'out');
  mkdirSync(out);
  expect((await vedette(['compile', ...lists.map((file) => `urls:${file}`), '--out', out])).code).toBe(0);
  const trace = join(folder, 'trace');
  const job = { dist: join(projectRoot, 'dist'), trace, serverPattern: join(out, 'server.vsp'), filter: join(out, 'filter.vaf'), lists, json: [ssrf], sabotage: changes.sabotage === true };
  const ended = spawnSync('unshare', ['-rn', process.execPath, inside, JSON.stringify(job)], { encoding: 'utf8', maxBuffer: 1 << 24 });
  const { listening, answer } = JSON.parse(ended.stdout) as { listening: string; answer: Run['answer'] };
  expect([ended.stderr, answer === null]).toEqual(['', false]);
  const port = new URL(listening).port;
  const text = readFileSync(trace, 'utf8');
  return { port, answer, strangers: strangersIn(text, port), connections: text.split('\n').filter((line) => line.includes('connect(')).length };
}

const why = missing();

describe.skipIf(why !== undefined)(`without a network${why === undefined ? '' : `: ${why}`}`, () => {
  it('all shared URLs and the spellings of internal addresses are judged, and nobody but the server is contacted', async () => {
    assertBuilt();
    const { answer, strangers, connections } = await judge({});
    expect(strangers).toEqual([]);
    expect(connections).toBeGreaterThan(0);
    expect(answer.listed).toBeGreaterThan(45_000);
    expect(answer.hostile).toBe(35);
    // At once: nothing that is listed is clean. Asked: what is a URL is found; lines that are none stay unknown.
    expect(answer.listedAtOnce['clean'] ?? 0).toBe(0);
    expect(answer.listedAsked['clean'] ?? 0).toBe(0);
    expect(answer.listedAsked['malicious'] ?? 0).toBeGreaterThan(0.999 * answer.listed);
    expect(answer.hostileAsked['malicious'] ?? 0).toBe(0);
  });

  it('would be seen to ask a name server and to reach out (sabotage)', async () => {
    const list = join(temporaryFolder('no-network-list'), 'bad.txt');
    writeFileSync(list, 'http://bad.example/\n');
    const { strangers } = await judge({ lists: [list], sabotage: true });
    expect(strangers.some((line) => line.includes('192.0.2.1'))).toBe(true);
    expect(strangers.some((line) => /SOCK_DGRAM|htons\(53\)|nscd/.test(line))).toBe(true);
  });
});
