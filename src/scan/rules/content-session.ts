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
import type { WorkBudget } from '../stream/work-budget.js';
import type { PartHashes } from './part-hashes.js';
import { findPartHashes } from './part-hashes.js';
import { ViewBytes } from './view-bytes.js';
import type { ScanParts } from './view-scan.js';
import { ViewScan } from './view-scan.js';

/** What a session is made of. */
export interface SessionParts extends ScanParts {
  /** Hashes of parts of executables, if the pattern has any. */
  readonly partHashes: PartHashes | undefined;
}

/** One content. */
export class ContentSession implements ScanSession {
  readonly #parts: SessionParts;
  readonly #context: ScanContext;
  readonly #budget: WorkBudget;
  #head: Uint8Array | undefined = new Uint8Array(0);
  #type: FileType | undefined;
  #raw: ViewScan | undefined;
  #size = 0;

  constructor(parts: SessionParts, context: ScanContext, budget: WorkBudget) {
    this.#parts = parts;
    this.#context = context;
    this.#budget = budget;
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#head === undefined) {
      this.#push(chunk);
      return;
    }
    const missing = FILE_TYPE_HEAD_BYTES - this.#head.length;
    const head = new Uint8Array(this.#head.length + Math.min(missing, chunk.length));
    head.set(this.#head);
    head.set(chunk.subarray(0, missing), this.#head.length);
    this.#head = head;
    if (head.length === FILE_TYPE_HEAD_BYTES) {
      this.#begin(head);
      this.#push(chunk.subarray(missing));
    }
  }

  async finish(source: ByteSource, options: Signal): Promise<ScanOutcome> {
    if (this.#head !== undefined) {
      this.#begin(this.#head);
    }
    const isCut = this.#context.size !== undefined && this.#size < this.#context.size;
    const executable = isCut ? undefined : await this.#executable(source, options);
    const end = { source, isCut, executable, fileSize: this.#size };
    let isTold = true;
    for (const view of this.#views()) {
      isTold = !(await view.finish(end, options)) && isTold;
    }
    const hashed = await this.#hashed(executable, source, options);
    return this.#outcome(hashed, isTold);
  }

  /** The type is known: opens the views. */
  #begin(head: Uint8Array): void {
    this.#head = undefined;
    // The size is not the one announced: what was announced is never believed.
    this.#type = fileTypeOf(head, head.length);
    if (this.#type.plan !== 'none') {
      const targets = [...new Set([0, this.#type.target])];
      this.#raw = new ViewScan({ parts: this.#parts, targets, budget: this.#budget, allMatches: this.#context.allMatches });
      this.#push(head);
    }
  }

  #push(chunk: Uint8Array): void {
    for (const view of this.#views()) {
      view.push(chunk);
    }
  }

  #views(): readonly ViewScan[] {
    return this.#raw === undefined ? [] : [this.#raw];
  }

  async #executable(source: ByteSource, options: Signal): Promise<ExecutableFacts | 'broken' | undefined> {
    const target = this.#type?.target ?? 0;
    if (target !== 1 && target !== 6 && target !== 9) {
      return undefined;
    }
    const bytes = new ViewBytes(this.#size, source, options);
    return (await readExecutableFrom(target, this.#size, ({ at, length }) => bytes.read(at, length))) ?? 'broken';
  }

  async #hashed(executable: ExecutableFacts | 'broken' | undefined, source: ByteSource, options: Signal): Promise<readonly Finding[]> {
    const { partHashes } = this.#parts;
    if (partHashes === undefined || executable === undefined || executable === 'broken' || executable.format !== 'pe' || this.#budget.exhausted) {
      return [];
    }
    return findPartHashes(partHashes, executable, new ViewBytes(this.#size, source, options));
  }

  #outcome(hashed: readonly Finding[], isTold: boolean): ScanOutcome {
    const findings = sortedFindings([...this.#views().flatMap((view) => view.findings), ...hashed]);
    const incomplete = this.#budget.exhausted ? 'budget' : isTold ? undefined : 'limit';
    return { findings, ...(incomplete === undefined ? {} : { incomplete }) };
  }
}
