/**
 * A content from its first byte to its findings: its first bytes tell its type, the type tells in which views it is
 * searched and for which targets, and at its end the headers of executables are read and the rules are judged.
 */
import { concatBytes } from '../../base/bytes.js';
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { ExecutableFacts } from '../content/executable.js';
import { readExecutableFrom } from '../content/executable.js';
import { FILE_TYPE_HEAD_BYTES, fileTypeOf } from '../content/file-type.js';
import type { FileType } from '../content/file-type.js';
import { sortedFindings } from '../findings.js';
import type { Finding, ScanContext, ScanOutcome, ScanSession } from '../matcher.js';
import type { BudgetOptions } from '../stream/work-budget.js';
import { ContentViews } from './views/content-views.js';
import type { HashedParts, PartHashes } from './part-hashes.js';
import { findPartHashes } from './part-hashes.js';
import { ViewBytes } from './views/view-bytes.js';
import type { ScanParts } from './views/view-scan.js';
import { WatchedSource } from './views/watched-source.js';

/** What a session is made of. */
export interface SessionParts extends ScanParts {
  /** Hashes of parts of executables, if the pattern has any. */
  readonly partHashes: PartHashes | undefined;
}

const noBytes: Uint8Array = new Uint8Array(0);

interface Ending {
  readonly views: ContentViews;
  readonly source: WatchedSource;
  readonly isCut: boolean;
  /** Whether the views could tell everything; undefined where they have not been asked yet. */
  readonly isTold: boolean | Promise<boolean> | undefined;
}

/** One content. */
export class ContentSession implements ScanSession {
  readonly #parts: SessionParts;
  readonly #context: ScanContext;
  readonly #budget: BudgetOptions;
  /** Of contents whose first chunk is smaller than what tells the type: what has come so far. */
  #head: Uint8Array = noBytes;
  #type: FileType | undefined;
  #views: ContentViews | undefined;
  #size = 0;

  constructor(parts: SessionParts, context: ScanContext, budget: BudgetOptions) {
    this.#parts = parts;
    this.#context = context;
    this.#budget = budget;
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#views === undefined && this.#head.length === 0 && chunk.length >= FILE_TYPE_HEAD_BYTES) {
      // Most contents begin with a chunk that tells: nothing of it is copied.
      this.#begin(chunk.subarray(0, FILE_TYPE_HEAD_BYTES));
    }
    const missing = this.#views === undefined ? FILE_TYPE_HEAD_BYTES - this.#head.length : 0;
    if (missing > 0) {
      this.#head = concatBytes([this.#head, chunk.subarray(0, missing)]);
    }
    if (this.#views === undefined && this.#head.length === FILE_TYPE_HEAD_BYTES) {
      this.#beginWith(this.#head);
    }
    this.#views?.push(chunk.subarray(missing));
  }

  finish(given: ByteSource, options: Signal): ScanOutcome | Promise<ScanOutcome> {
    const source = new WatchedSource(given, this.#size);
    const views = this.#views ?? this.#beginWith(this.#head);
    const isCut = this.#context.size !== undefined && this.#size < this.#context.size;
    const isExecutable = this.#isExecutable();
    const isTold = isExecutable && !isCut ? undefined : views.finish({ source, isCut, executable: undefined }, options);
    if (isTold === true && !isExecutable) {
      // Nothing was read again, which is so for nearly all contents.
      return this.#outcome(views, [], true);
    }
    return this.#finishSlowly({ views, source, isCut, isTold }, options);
  }

  async #finishSlowly({ views, source, isCut, isTold }: Ending, options: Signal): Promise<ScanOutcome> {
    const executable = isCut ? undefined : await this.#executable(source, options);
    const isAllTold = await (isTold ?? views.finish({ source, isCut, executable }, options));
    const hashed = await this.#hashed(views, executable, new ViewBytes(this.#size, source, options));
    const isHashed = hashed.isWhole && !(isCut && this.#parts.partHashes !== undefined && this.#type?.target === 1);
    return this.#outcome(views, hashed.findings, isAllTold && isHashed && !source.endedEarly);
  }

  /** The type is known: opens the views. */
  #begin(head: Uint8Array): ContentViews {
    // The size is not the one announced: what was announced is never believed.
    this.#type = fileTypeOf(head, head.length);
    this.#views = new ContentViews(this.#type, { parts: this.#parts, budget: this.#budget, allMatches: this.#context.allMatches });
    return this.#views;
  }

  #beginWith(head: Uint8Array): ContentViews {
    const views = this.#begin(head);
    views.push(head);
    return views;
  }

  #isExecutable(): boolean {
    const target = this.#type?.target ?? 0;
    return target === 1 || target === 6 || target === 9;
  }

  async #executable(source: ByteSource, options: Signal): Promise<ExecutableFacts | 'broken' | undefined> {
    const target = this.#type?.target ?? 0;
    if (!this.#isExecutable()) {
      return undefined;
    }
    const bytes = new ViewBytes(this.#size, source, options);
    return (await readExecutableFrom(target, this.#size, ({ at, length }) => bytes.read(at, length))) ?? 'broken';
  }

  async #hashed(views: ContentViews, executable: ExecutableFacts | 'broken' | undefined, bytes: ViewBytes): Promise<HashedParts> {
    const { partHashes } = this.#parts;
    const isSettled = !this.#context.allMatches && views.findings.length > 0;
    if (partHashes === undefined || executable === undefined || executable === 'broken' || executable.format !== 'pe' || isSettled) {
      return { findings: [], isWhole: true };
    }
    return findPartHashes(partHashes, executable, bytes);
  }

  #outcome(views: ContentViews, hashed: readonly Finding[], isTold: boolean): ScanOutcome {
    const findings = sortedFindings([...views.findings, ...hashed]);
    const incomplete = views.exhausted ? 'budget' : isTold ? undefined : 'limit';
    return { findings, ...(incomplete === undefined ? {} : { incomplete }) };
  }
}
