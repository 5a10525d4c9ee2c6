/** The classes of a stored table: disposition, score, type and detail, which many records have in common (10 bytes each). */
import type { Json } from '../../../base/seams.js';
import { VedetteError } from '../../../base/errors.js';
import type { HashClass } from '../../../pattern/hashes/hash-classes.js';
import { dispositions, noScore } from '../../../pattern/hashes/hash-table-encode.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { detailText } from '../../../pattern/hashes/hash-groups.js';
import type { ByteRun } from '../import/byte-run.js';
import { maxClass, writeUint } from '../row-layout.js';
import type { RunWriter } from '../import/run-writer.js';
import { copyRun, type StoredStrings, type StringsWriter } from './stored-strings.js';

/** Bytes of a class. */
export const classBytes = 10;

/** Classes by index. */
export class StoredClasses {
  readonly count: number;
  readonly run: ByteRun;
  readonly types: StoredStrings;
  readonly details: StoredStrings;

  constructor(parts: { readonly run: ByteRun; readonly types: StoredStrings; readonly details: StoredStrings }) {
    this.run = parts.run;
    this.types = parts.types;
    this.details = parts.details;
    this.count = parts.run.length / classBytes;
  }

  /** @throws VedetteError `store-damaged` for what is not there. */
  at(index: number): HashClass {
    if (index >= this.count) {
      throw damaged();
    }
    const bytes = this.run.slice(index * classBytes, (index + 1) * classBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const disposition = dispositions[bytes[0]!];
    if (disposition === undefined) {
      throw damaged();
    }
    const score = bytes[1]!;
    const detail = view.getUint32(6, true);
    return {
      disposition,
      ...(score === noScore ? {} : { score }),
      type: this.types.at(view.getUint32(2, true)),
      ...(detail === 0 ? {} : { detail: parseDetail(this.details.at(detail - 1)) }),
    };
  }
}

/** Classes that are compared with new ones: beyond so many, new ones are written even where they are there already. */
const maxKnown = 65_536;

/** Appends classes after those of a table that was copied. */
export class ClassesWriter {
  readonly #run: RunWriter;
  readonly types: StringsWriter;
  readonly details: StringsWriter;
  readonly #known = new Map<string, number>();
  readonly #texts = new Map<string, number>();

  constructor(parts: { readonly run: RunWriter; readonly types: StringsWriter; readonly details: StringsWriter }) {
    this.#run = parts.run;
    this.types = parts.types;
    this.details = parts.details;
  }

  get count(): number {
    return this.#run.length / classBytes;
  }

  /** Takes over the classes of a table, whose indices stay. */
  copy(from: StoredClasses): void {
    this.types.copy(from.types);
    this.details.copy(from.details);
    copyRun(from.run, this.#run);
    for (let i = 0; i < Math.min(from.count, maxKnown); i++) {
      const { disposition, score, type, detail } = from.at(i);
      this.#known.set(keyOf(disposition, { score, type, detail: detail === undefined ? '' : JSON.stringify(detail) }), i);
    }
  }

  /** A class as it stands in a file, found right before; nothing may have been looked up by `indexOf`. */
  adopt(bytes: Uint8Array): void {
    this.#run.append(bytes);
  }

  /** The index of an entry's class. @throws RangeError for more than 2^24 of them. */
  indexOf(entry: HashEntry): number {
    const detail = detailText(entry);
    const { type } = entry.threat;
    const key = keyOf(entry.disposition, { score: entry.score, type, detail });
    const known = this.#known.get(key);
    if (known !== undefined) {
      return known;
    }
    const index = this.count;
    if (index > maxClass) {
      throw new RangeError('a table of more than 2^24 classes');
    }
    const bytes = new Uint8Array(classBytes);
    bytes[0] = dispositions.indexOf(entry.disposition);
    bytes[1] = entry.score ?? noScore;
    writeUint(bytes, 2, { value: this.#text(`t${type}`, this.types), width: 4 });
    writeUint(bytes, 6, { value: detail === '' ? 0 : this.#text(`d${detail}`, this.details) + 1, width: 4 });
    this.#run.append(bytes);
    this.#known.set(key, index);
    return index;
  }

  finish(): void {
    this.#run.finish();
    this.types.finish();
    this.details.finish();
  }

  /** Texts of this call are written once; those that were copied may come again. */
  #text(marked: string, writer: StringsWriter): number {
    const known = this.#texts.get(marked);
    if (known !== undefined) {
      return known;
    }
    const index = writer.append(marked.slice(1));
    this.#texts.set(marked, index);
    return index;
  }
}

function keyOf(disposition: string, rest: { readonly score: number | undefined; readonly type: string; readonly detail: string }): string {
  return `${disposition}\n${rest.score ?? noScore}\n${rest.type}\n${rest.detail}`;
}

function parseDetail(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw damaged();
  }
}

function damaged(): VedetteError {
  return new VedetteError('store-damaged', 'server store: its classes are not what was written; import the server pattern again');
}
