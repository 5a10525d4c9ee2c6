/** The quickstart, as a newcomer runs it; on a small tree, so that it is quick. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt, projectRoot, temporaryFolder, type Ended } from './support/cli.js';

beforeAll(assertBuilt);

async function quickstart(paths: readonly string[], options: { readonly tmp: string; until?: RegExp }): Promise<Ended> {
  const child = spawn(process.execPath, [join(projectRoot, 'examples/quickstart/run.mjs'), ...paths], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: options.tmp, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
    if (options.until?.test(stdout) === true) {
      child.kill('SIGTERM');
    }
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('the quickstart', () => {
  it('tells the whole story, within 100 columns, and leaves nothing behind', async () => {
    const tmp = temporaryFolder('quickstart');
    const ended = await quickstart([join(projectRoot, 'examples')], { tmp });
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    for (const told of ['agent.vap', 'Eicar-Test-Signature', 'Vedette.Demo.OnlyTheServerKnows', 'unknown (unreachable), flagged on disk, access for now: allow', 'Vedette.Demo.LateVerdict', 'late.txt →', 'all as told']) {
      expect(ended.stdout).toContain(told);
    }
    expect(ended.stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('leaves nothing behind when it is ended early either', async () => {
    const tmp = temporaryFolder('ended');
    const ended = await quickstart([join(projectRoot, 'src')], { tmp, until: /process (\d+)/ });
    expect(ended.code).toBe(1);
    expect(readdirSync(tmp)).toEqual([]);
    const server = Number(/process (\d+)/.exec(ended.stdout)?.[1]);
    expect(await endsSoon(server)).toBe(true);
  });

  it('says why when something is not as told', async () => {
    const tmp = temporaryFolder('failing');
    const file = join(tmp, 'no-folder');
    writeFileSync(file, '');
    const ended = await quickstart([join(projectRoot, 'examples')], { tmp: file });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^\n✗ not as told: .*ENOTDIR/);
  });
});

/** True as soon as there is no such process; the test's own time limit ends the wait. */
async function endsSoon(pid: number): Promise<boolean> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
