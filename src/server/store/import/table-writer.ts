/** Writes a stored table: rows in ascending order group by group, with their index and filter beside them; then the head. */
import type { Checksum } from './byte-run.js';
import { FilterWriter } from '../prefix-filter.js';
import { IndexWriter, indexBits } from '../prefix-index.js';
import { rowLayout, rowsPerPart, type RowLayout } from '../row-layout.js';
import { RunWriter, type TableSink } from './run-writer.js';
import { ClassesWriter } from '../stored/stored-classes.js';
import { StringsWriter } from '../stored/stored-strings.js';
import { classRun, encodeHead, groupRuns, headName, stringRuns, type GroupHead, type TableOrigin } from '../table-head.js';

/** What is written to, and with which checksums. */
export interface TableTarget {
  readonly sink: TableSink;
  readonly checksum: Checksum;
}

/** A table that is being written. Texts and classes may be appended until `finish`. */
export class TableWriter {
  readonly names: StringsWriter;
  readonly classes: ClassesWriter;
  readonly #target: TableTarget;
  readonly #groups: GroupHead[] = [];

  constructor(target: TableTarget) {
    this.#target = target;
    this.names = stringsWriter(target, 'names');
    this.classes = new ClassesWriter({
      run: new RunWriter(target.sink, { name: classRun, checksum: target.checksum }),
      types: stringsWriter(target, 'types'),
      details: stringsWriter(target, 'details'),
    });
  }

  /** Begins the rows of the next group, of which there will be `count`. Groups come by ascending code. */
  group(head: GroupHead): GroupWriter {
    this.#groups.push(head);
    return new GroupWriter(this.#target, head);
  }

  /** Writes the head: what has none is no table. */
  finish(origin: TableOrigin, sortedNames: number): void {
    this.names.finish();
    this.classes.finish();
    const head = {
      origin,
      groups: this.#groups,
      names: this.names.count,
      sortedNames,
      types: this.classes.types.count,
      details: this.classes.details.count,
      classes: this.classes.count,
      textBytes: { names: this.names.bytes, types: this.classes.types.bytes, details: this.classes.details.bytes },
    };
    this.#target.sink.put(headName, encodeHead(head));
  }
}

/** The rows of one group. */
export class GroupWriter {
  readonly layout: RowLayout;
  readonly #head: GroupHead;
  readonly #rows: RunWriter;
  readonly #index: IndexWriter;
  readonly #filter: FilterWriter;
  #written = 0;

  constructor({ sink, checksum }: TableTarget, head: GroupHead) {
    const { code, count, sizeWidth } = head;
    const names = groupRuns(code);
    this.#head = head;
    this.layout = rowLayout(code, sizeWidth);
    this.#rows = new RunWriter(sink, { name: names.rows, partBytes: rowsPerPart * this.layout.rowBytes, checksum });
    this.#index = new IndexWriter(new RunWriter(sink, { name: names.index, checksum }), indexBits(count));
    this.#filter = new FilterWriter(new RunWriter(sink, { name: names.filter, checksum }), count);
  }

  /** Appends whole rows in the layout of the group, none below those before. */
  append(rows: Uint8Array): void {
    const { rowBytes } = this.layout;
    this.#rows.append(rows);
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let at = 0; at < rows.length; at += rowBytes) {
      const prefix = view.getUint32(at);
      this.#index.add(prefix, this.#written);
      this.#filter.add(prefix);
      this.#written++;
    }
  }

  /** @throws RangeError when there were not as many rows as was said. */
  finish(): void {
    if (this.#written !== this.#head.count) {
      throw new RangeError(`expected ${this.#head.count} rows, got ${this.#written}`);
    }
    this.#rows.finish();
    this.#index.finish(this.#written);
    this.#filter.finish();
  }
}

function stringsWriter({ sink, checksum }: TableTarget, name: 'names' | 'types' | 'details'): StringsWriter {
  const runs = stringRuns(name);
  return new StringsWriter({
    starts: new RunWriter(sink, { name: runs.starts, checksum }),
    blob: new RunWriter(sink, { name: runs.blob, checksum }),
  });
}
