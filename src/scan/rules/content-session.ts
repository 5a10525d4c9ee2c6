/**
 * A content from its first byte to its findings: its first bytes tell its type, the type tells in which views it is
 * searched and for which targets, and at its end the headers of executables are read and the rules are judged.
 */
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { ExecutableFacts } from '../content/executable.js';
import { readExecutableFrom } from '../content/executable.js';
import { FILE_TYPE_HEAD_BYTES, fileTypeOf } from '../content/file-type.js';
import type { FileType } from '../content/file-type.js';
import { sortedFindings } from '../findings.js';
import type { Finding, ScanContext, ScanOutcome, ScanSession } from '../matcher.js';
import type { BudgetOptions } from '../stream/work-budget.js';
import { ContentViews } from './content-views.js';
import type { HashedParts, PartHashes } from './part-hashes.js';
import { findPartHashes } from './part-hashes.js';
import { ViewBytes } from './view-bytes.js';
import type { ScanParts } from './view-scan.js';
import { WatchedSource } from './watched-source.js';

/** What a session is made of. */
export interface SessionParts extends ScanParts {
  /** Hashes of parts of executables, if the pattern has any. */
  readonly partHashes: PartHashes | undefined;
}

/** One content. */
export class ContentSession implements ScanSession {
  readonly #parts: SessionParts;
  readonly #context: ScanContext;
  readonly #budget: BudgetOptions;
  #head: Uint8Array | undefined = new Uint8Array(0);
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
    if (this.#head === undefined) {
      this.#views?.push(chunk);
      return;
    }
    const missing = FILE_TYPE_HEAD_BYTES - this.#head.length;
    const head = new Uint8Array(this.#head.length + Math.min(missing, chunk.length));
    head.set(this.#head);
    head.set(chunk.subarray(0, missing), this.#head.length);
    this.#head = head;
    if (head.length === FILE_TYPE_HEAD_BYTES) {
      this.#begin(head);
      this.#views?.push(chunk.subarray(missing));
    }
  }

  async finish(given: ByteSource, options: Signal): Promise<ScanOutcome> {
    const source = new WatchedSource(given, this.#size);
    if (this.#head !== undefined) {
      this.#begin(this.#head);
    }
    const isCut = this.#context.size !== undefined && this.#size < this.#context.size;
    const executable = isCut ? undefined : await this.#executable(source, options);
    const isTold = (await this.#views?.finish({ source, isCut, executable }, options)) ?? true;
    const hashed = await this.#hashed(executable, source, options);
    const isHashed = hashed.isWhole && !(isCut && this.#parts.partHashes !== undefined && this.#type?.target === 1);
    return this.#outcome(hashed.findings, isTold && isHashed && !source.endedEarly);
  }

  /** The type is known: opens the views. */
  #begin(head: Uint8Array): void {
    this.#head = undefined;
    // The size is not the one announced: what was announced is never believed.
    this.#type = fileTypeOf(head, head.length);
    this.#views = new ContentViews(this.#type, { parts: this.#parts, budget: this.#budget, allMatches: this.#context.allMatches });
    this.#views.push(head);
  }

  async #executable(source: ByteSource, options: Signal): Promise<ExecutableFacts | 'broken' | undefined> {
    const target = this.#type?.target ?? 0;
    if (target !== 1 && target !== 6 && target !== 9) {
      return undefined;
    }
    const bytes = new ViewBytes(this.#size, source, options);
    return (await readExecutableFrom(target, this.#size, ({ at, length }) => bytes.read(at, length))) ?? 'broken';
  }

  async #hashed(executable: ExecutableFacts | 'broken' | undefined, source: ByteSource, options: Signal): Promise<HashedParts> {
    const { partHashes } = this.#parts;
    if (partHashes === undefined || executable === undefined || executable === 'broken' || executable.format !== 'pe' || this.#isSettled()) {
      return { findings: [], isWhole: true };
    }
    return findPartHashes(partHashes, executable, new ViewBytes(this.#size, source, options));
  }

  #isSettled(): boolean {
    return !this.#context.allMatches && (this.#views?.findings.length ?? 0) > 0;
  }

  #outcome(hashed: readonly Finding[], isTold: boolean): ScanOutcome {
    const findings = sortedFindings([...(this.#views?.findings ?? []), ...hashed]);
    const incomplete = this.#views?.exhausted === true ? 'budget' : isTold ? undefined : 'limit';
    return { findings, ...(incomplete === undefined ? {} : { incomplete }) };
  }
}
