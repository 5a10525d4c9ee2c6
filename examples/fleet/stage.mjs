/** What all acts of the story share: its clock, its place on the disk, and how it is told. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';
import { bold, say } from '../quickstart/console.mjs';
import { createLeapClock } from './leap-clock.mjs';

export const hourMs = 3_600_000;
export const work = mkdtempSync(join(tmpdir(), 'vedette-fleet-'));
export const at = (...parts) => join(work, ...parts);
export const clock = createLeapClock();
export const begunAt = clock.now();
/** Closed at the end, the last one first. */
export const open = [];

export function expect(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** A line of the timeline: the time of day in the story. */
export function told(text) {
  const minutes = 8 * 60 + Math.floor((clock.now() - begunAt) / 60_000);
  const day = minutes >= 1440 ? `+${Math.floor(minutes / 1440)}d ` : '';
  say(`${bold(`${day}${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`)}  ${text}`);
}

/** Waits, in real time, for what the leap has set going; `push` leaps on a little where something is due at random. */
export async function until(holds, what, push = 0) {
  for (let turn = 0; turn < 2000; turn++) {
    if (await holds()) {
      return;
    }
    if (push > 0 && turn % 10 === 9) {
      clock.leap(push);
    }
    await passing(20);
  }
  throw new Error(`it never came that ${what}`);
}
