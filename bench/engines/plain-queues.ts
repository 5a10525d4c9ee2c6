/** Baselines of the queue bench: an array, and lines appended to a file that is synced before anything is promised. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewPending } from '../../src/pending/pending-queue.js';
import type { Engine } from '../definition.js';
import { running } from '../definition.js';
import type { QueueInput } from './queues.js';
import { queueAnswer } from './queues.js';

/** Push, shift, count. */
export const plainArray: Engine<QueueInput> = {
  name: 'array',
  start: ({ subjects, batch }) =>
    running({
      run(amount) {
        const queue: NewPending[] = [];
        let settled = 0;
        for (let at = 0; at < amount; at += batch) {
          for (let i = at; i < Math.min(amount, at + batch); i++) {
            queue.push(subjects[i]!);
          }
          for (let i = 0; i < batch && queue.shift() !== undefined; i++) {
            settled++;
          }
        }
        return { settled, left: queue.length };
      },
      answer: ({ settled, left }) => queueAnswer(settled, left),
    }),
};

/** The least that survives a crash: for each batch one append and sync for what is flagged, one for what is settled. */
export const appendAndSync: Engine<QueueInput> = {
  name: 'append + fdatasync',
  async start({ subjects, batch }, { scratchDir }) {
    const file = await open(join(scratchDir, 'lines.log'), constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND, 0o600);
    const append = async (lines: readonly string[]): Promise<number> => {
      await file.appendFile(lines.join(''));
      await file.datasync();
      return lines.length;
    };
    return running({
      async run(amount) {
        let [flagged, settled] = [0, 0];
        for (let at = 0; at < amount; at += batch) {
          const part = subjects.slice(at, Math.min(amount, at + batch));
          flagged += await append(part.map(({ key, reason, subject }) => `${JSON.stringify({ key, reason, subject })}\n`));
          settled += await append(part.map(({ key }) => `${JSON.stringify({ key, outcome: 'clean' })}\n`));
        }
        return { settled, left: flagged - settled };
      },
      answer: ({ settled, left }) => queueAnswer(settled, left),
      close: () => file.close(),
    });
  },
};
