/** What a traced child has said so far, and whether what is left of its disk keeps to that. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFileStateStore } from '../../../../src/node/files/file-state-store.js';
import { openJournalQueue } from '../../../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import { toArray } from '../../../../src/testing/assertions.js';
import type { Remains } from './traced-disk.js';
import { textOf, type TraceEvent } from './trace.js';

/** What was asked and acknowledged, by the letter of `child.ts`. */
export class Promised {
  readonly #said = new Map<string, Set<string>>();

  /** Hears a line as soon as the child begins to say it; whether there was one. */
  take({ at, call }: TraceEvent): boolean {
    const isLine = at === 'start' && call.name === 'write' && call.args[0] === '1';
    if (isLine) {
      for (const line of textOf(call.args[1]).split('\n').filter((one) => one !== '')) {
        this.#of(line[0] ?? '').add(line.slice(2));
      }
    }
    return isLine;
  }

  get acknowledged(): number {
    return this.#of('A').size + this.#of('D').size + this.#of('W').size;
  }

  /** What is broken; empty when nothing is. */
  brokenBy({ places, value }: Found): string[] {
    const lastSet = [...this.#of('W')].at(-1);
    const mayBe = [...this.#of('V')].slice(Math.max(0, this.#of('W').size - 1));
    return [
      ...[...this.#of('A')].filter((place) => !this.#of('S').has(place) && !places.has(place)).map((place) => `lost: ${place}`),
      ...[...places].filter((place) => !this.#of('T').has(place)).map((place) => `never asked for: ${place}`),
      ...[...places].filter((place) => this.#of('D').has(place)).map((place) => `came back: ${place}`),
      ...(value === undefined ? (lastSet === undefined ? [] : [`lost: value ${lastSet}`]) : mayBe.includes(value) ? [] : [`value ${value} instead of one of ${mayBe.join(', ')}`]),
    ];
  }

  #of(letter: string): Set<string> {
    const there = this.#said.get(letter) ?? new Set<string>();
    this.#said.set(letter, there);
    return there;
  }
}

/** What a process finds that starts on a disk. */
export interface Found {
  /** Places without an outcome. */
  readonly places: ReadonlySet<string>;
  readonly value: string | undefined;
}

/** Puts the remains into an empty folder (their paths begin with `root`), and opens them as the next process would. */
export async function openRemains(remains: Remains, { root, folder }: { readonly root: string; readonly folder: string }): Promise<Found> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of remains) {
    const there = join(folder, path.slice(root.length));
    mkdirSync(bytes === 'directory' ? there : dirname(there), { recursive: true });
    if (bytes !== 'directory') {
      writeFileSync(there, bytes);
    }
  }
  const queue = await openJournalQueue({ dir: join(folder, 'data/pending'), clock: createSystemClock() });
  const entries = await toArray(queue.list());
  await queue.close();
  const value = await createFileStateStore({ dir: join(folder, 'data/state') }).get('value');
  const open = entries.flatMap((entry) => entry.items.filter((item) => item.outcome === undefined));
  return {
    places: new Set(open.map((item) => item.subject.locator?.ref ?? '')),
    value: value === undefined ? undefined : Buffer.from(value).toString('utf8'),
  };
}
