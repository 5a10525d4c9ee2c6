/** The built program as a process: that it starts, and that every exit status reaches the shell. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFeed, marker, remoteContent, type Feed } from '../cli/support/feed.js';
import { assertBuilt, temporaryFolder, vedette } from './support/cli.js';

let feed: Feed;
let tree: string;

beforeAll(async () => {
  assertBuilt();
  feed = await compileFeed(vedette);
  tree = temporaryFolder('program');
  for (const [name, content] of Object.entries({ clean: 'clean', found: marker, unknown: remoteContent })) {
    mkdirSync(join(tree, name));
    writeFileSync(join(tree, name, 'file'), content);
  }
});

describe('the program', () => {
  it('says its version and its help', async () => {
    expect((await vedette(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await vedette(['--help'])).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Exit status: 0 everything clean') as unknown });
    expect(await vedette([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: vedette') as unknown });
  });

  it.each([
    ['clean', 0],
    ['found', 1],
    ['nowhere', 2],
    ['unknown', 3],
  ])('ends a scan of what is %s with status %i', async (name, code) => {
    const ended = await vedette(['scan', join(tree, name), '--pattern', feed.out, '--server', 'http://127.0.0.1:9']);
    expect(ended.code).toBe(code);
    expect(ended.stderr.split('\n').length).toBe(code === 2 ? 2 : 1);
  });

  it('uses colours only where they are wanted', async () => {
    const scan = (env: Record<string, string>): Promise<{ readonly stdout: string }> =>
      vedette(['scan', join(tree, 'found'), '--pattern', feed.out, '--server-pattern', feed.serverPattern], { env });
    expect((await scan({})).stdout).not.toContain('\u001b');
    expect((await scan({ FORCE_COLOR: '1' })).stdout).toContain('\u001b[31m');
    expect((await scan({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });
});
