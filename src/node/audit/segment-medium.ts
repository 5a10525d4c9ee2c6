/**
 * The segments of the audit log as files: `audit-000001.journal` and so on, each a journal of its own. The last one is
 * open, and its lines are in memory too, so that it can be written anew when the disk has failed; the others are read
 * from the disk when somebody reads.
 */
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { AuditMedium } from '../../audit/audit-keeper.js';
import { storeError } from '../store-error.js';
import type { Journal } from '../journal/journal.js';
import type { Lock } from '../journal/lock.js';
import { openJournal, type OpenJournalOptions } from '../journal/open-journal.js';
import { readJournal, type Losses } from '../journal/read-journal.js';

/** Where the segments are. */
export interface SegmentPlace extends Omit<OpenJournalOptions, 'name' | 'state' | 'files'> {
  readonly files: NonNullable<OpenJournalOptions['files']>;
  /** Of the whole directory. */
  readonly lock: Lock;
  /** Told once of each closed segment that could not be read as a whole. */
  readonly onLoss: (path: string, losses: Losses) => void;
}

/** The segment that takes what is appended. */
interface Current {
  readonly number: number;
  readonly lines: string[];
  readonly journal: Journal;
}

/** Bytes of a record besides its text. */
const recordOverheadBytes = 24;
const decoder = new TextDecoder();

/** The medium over a directory whose lock is held. */
export class SegmentMedium implements AuditMedium {
  readonly durability = 'disk';
  readonly #place: SegmentPlace;
  readonly #closed: number[];
  readonly #reported = new Set<number>();
  #current: Current;

  private constructor(place: SegmentPlace, closed: readonly number[], current: Current) {
    this.#place = place;
    this.#closed = [...closed];
    this.#current = current;
  }

  /** Opens the last segment of the directory, or the first one. Rejects as `openJournal` does. */
  static async open(place: SegmentPlace): Promise<SegmentMedium> {
    const numbers = segmentNumbers(await place.files.list(place.dir));
    const current = await openSegment(place, numbers.at(-1) ?? 1);
    return new SegmentMedium(place, numbers.slice(0, -1), current);
  }

  segments(): readonly number[] {
    return [...this.#closed, this.#current.number];
  }

  append(step: () => readonly string[]): Promise<void> {
    const { journal, lines: kept } = this.#current;
    return journal.write(() => {
      const lines = step();
      lines.forEach((line) => kept.push(line));
      return { value: undefined, records: lines };
    });
  }

  async begin(): Promise<void> {
    const { number, journal } = this.#current;
    if (!(await this.#place.lock.isHeld())) {
      throw new VedetteError('store-busy', `${this.#place.dir} was taken over by another process`);
    }
    // Of a journal that has failed this writes anew what it has not taken yet: closed, it would never have it.
    await journal.write(() => ({ value: undefined, records: [] }));
    this.#current = await openSegment(this.#place, number + 1);
    this.#closed.push(number);
    await journal.close();
  }

  async *read(segment: number): AsyncGenerator<readonly string[]> {
    if (segment === this.#current.number) {
      yield this.#current.lines.slice();
      return;
    }
    const lines = await readSegment(this.#place, segment, (path, losses) => {
      if (!this.#reported.has(segment)) {
        this.#reported.add(segment);
        this.#place.onLoss(path, losses);
      }
    });
    yield lines;
  }

  async remove(segment: number): Promise<void> {
    const { files, dir } = this.#place;
    await files.remove(join(dir, fileName(segment)));
    await files.syncDirectory(dir);
    this.#closed.splice(this.#closed.indexOf(segment), 1);
  }

  async close(): Promise<void> {
    try {
      await this.#current.journal.close();
    } finally {
      await this.#place.lock.release();
    }
  }
}

/** The lines of a segment's file, none when it is gone. @throws VedetteError `store-damaged` when the disk fails. */
export async function readSegment(
  { files, dir }: Pick<SegmentPlace, 'files' | 'dir'>,
  segment: number,
  onLoss: (path: string, losses: Losses) => void,
): Promise<string[]> {
  const path = join(dir, fileName(segment));
  const lines: string[] = [];
  const file = await files.open(path);
  try {
    // untrusted: what is no line is passed over by whoever decodes it
    const reading = file === undefined ? undefined : await readJournal(file, (payload) => lines.push(decoder.decode(payload)) > 0);
    if (reading?.losses !== undefined) {
      onLoss(path, reading.losses);
    }
    return lines;
  } catch (error) {
    throw storeError('reading', path, error);
  } finally {
    await file?.close();
  }
}

async function openSegment(place: SegmentPlace, number: number): Promise<Current> {
  const lines: string[] = [];
  let chars = 0;
  const state: OpenJournalOptions['state'] = {
    replay(payload) {
      lines.push(decoder.decode(payload));
      return true;
    },
    snapshot: () => lines,
    liveBytes() {
      // Nothing is ever history here: the file is written anew after the disk has failed, and only then.
      for (; counted < lines.length; counted++) {
        chars += (lines[counted]?.length ?? 0) + recordOverheadBytes;
      }
      return chars;
    },
  };
  let counted = 0;
  return { number, lines, journal: await openJournal({ ...place, name: baseName(number), state }) };
}

function baseName(segment: number): string {
  return `audit-${String(segment).padStart(6, '0')}`;
}

function fileName(segment: number): string {
  return `${baseName(segment)}.journal`;
}

/** Numbers of the segments among the names of a directory, rising. */
export function segmentNumbers(names: readonly string[]): number[] {
  const numbers = names.flatMap((name) => {
    const [, digits] = /^audit-(\d{6,15})\.journal$/.exec(name) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });
  return numbers.sort((a, b) => a - b);
}
