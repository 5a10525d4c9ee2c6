/** The fleet example, as it is run: its timeline, and that agents and servers download nothing of each other's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt, projectRoot, temporaryFolder } from './support/cli.js';

beforeAll(assertBuilt);

async function fleet(tmp: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'examples/fleet/run.mjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: tmp, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** The row of a table whose first column is this, in columns. */
function row(stdout: string, name: string): string[] {
  return (stdout.split('\n').find((line) => line.trim().startsWith(`${name} `)) ?? '').trim().split(/\s{2,}/);
}

describe('the fleet', () => {
  it('has a day in its life, within 100 columns, and leaves nothing behind', async () => {
    const tmp = temporaryFolder('fleet');
    const { code, stdout, stderr } = await fleet(tmp);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const story = [
      'all are at generation 2', 'all are at generation 3', 'too-few-signatures; generation 3 stays in use', 'unknown (unreachable, flagged on disk)',
      'has checked it again by itself: malicious', 'back from generation 3 to 2', 'ROLLED BACK from generation 3', 'roamer: stale', 'as told',
      "by the site's action table", 'asks the local server about it: malicious (Site.Blocked)', 'agent-2 is at generation 4, by way of agent-1',
      'agents and servers have in common: nothing',
    ];
    expect(story.filter((words) => !stdout.includes(words))).toEqual([]);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(readdirSync(tmp)).toEqual([]);

    const agents = ['agent-1', 'agent-2', 'roamer'].flatMap((name) => row(stdout, name).at(-1)!.split(', '));
    const servers = ['global-server', 'local-server'].flatMap((name) => row(stdout, name).at(-1)!.split(', '));
    expect(agents.filter((component) => servers.includes(component))).toEqual([]);
    expect([...new Set([...agents, ...servers])].sort()).toEqual(['action-table', 'agent-pattern', 'filter', 'lists', 'server-pattern']);
  });
});
