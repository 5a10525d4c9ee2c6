/** Loads a component, or lets clamscan load a set, in processes that have just started: with the set and without, in turns. */
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { timed } from '../contest/peers/whole-program.js';
import type { Spread } from '../measure/result.js';
import { spreadOf } from '../measure/spread.js';
import type { LoadAnswer, LoadRequest } from './load-child.js';

/** What a load costs. */
export interface LoadCost {
  readonly loadMs: Spread;
  readonly rssBytes: Spread;
}

type Loaded = Extract<LoadAnswer, { kind: 'loaded' }>;

/** vedette: `script` is the bundled pattern-child. The time is that of the load, memory what the empty component does not need. */
export async function measureComponent(script: string, by: { readonly full: LoadRequest; readonly empty: LoadRequest; readonly rounds: number }): Promise<LoadCost> {
  const rounds: { readonly full: Loaded; readonly empty: Loaded }[] = [];
  for (let round = 0; round < by.rounds; round++) {
    rounds.push({ empty: await loadOnce(script, by.empty), full: await loadOnce(script, by.full) });
  }
  return {
    loadMs: spreadOf(rounds.map(({ full }) => full.loadMs)),
    rssBytes: spreadOf(rounds.map(({ full, empty }) => full.rssBytes - empty.rssBytes)),
  };
}

/** clamscan: CPU time and largest resident memory of a scan of an empty file, less the same with one signature. */
export async function measureClamscan(by: { readonly full: string; readonly one: string; readonly subject: string; readonly rounds: number }): Promise<LoadCost> {
  const [times, sizes]: [number[], number[]] = [[], []];
  const args = (set: string): string[] => ['--no-summary', '-d', set, by.subject];
  for (let round = 0; round < by.rounds; round++) {
    const [one, full] = [await timed({ program: 'clamscan', args: args(by.one) }), await timed({ program: 'clamscan', args: args(by.full) })];
    if (one.code !== 0 || full.code !== 0) {
      throw new Error(`clamscan ended with code ${one.code !== 0 ? one.code : full.code}`);
    }
    times.push(full.cpuMs - one.cpuMs);
    sizes.push((await peakRss(args(by.full))) - (await peakRss(args(by.one))));
  }
  return { loadMs: spreadOf(times), rssBytes: spreadOf(sizes) };
}

function loadOnce(script: string, request: LoadRequest): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [], { execArgv: ['--expose-gc'], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
    child.once('message', (message) => {
      const answer = message as LoadAnswer;
      child.kill('SIGKILL');
      if (answer.kind === 'loaded') {
        resolve(answer);
      } else {
        reject(new Error(answer.reason));
      }
    });
    child.once('exit', (code, signal) => reject(new Error(`its process ended with ${signal ?? `code ${code}`}`)));
    child.send(request);
  });
}

/** As the kernel counts it (VmHWM), looked at until the process ends. */
function peakRss(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    let peak = 0;
    const child = spawn('clamscan', args, { stdio: 'ignore' });
    const look = setInterval(() => {
      peak = Math.max(peak, highWater(child.pid));
    }, 2);
    child.once('error', reject);
    child.once('close', () => {
      clearInterval(look);
      resolve(peak);
    });
  });
}

function highWater(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return 1_024 * Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
