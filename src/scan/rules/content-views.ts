/**
 * The views in which a content is searched, by its type, and for which targets (content/normalise.ts says which those
 * are and why): its bytes, and normalised forms of texts and HTML.
 */
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { ExecutableFacts } from '../content/executable.js';
import type { FileType } from '../content/file-type.js';
import type { NormalisedSink, NormalisedView, Normaliser } from '../content/normalise.js';
import { MAX_TEXT_BYTES } from '../content/normalise.js';
import { TextNormaliser } from '../content/text-normaliser.js';
import type { Finding } from '../matcher.js';
import type { BudgetOptions } from '../stream/work-budget.js';
import { WorkBudget } from '../stream/work-budget.js';
import { normalisedSource } from './normalised-source.js';
import type { ViewOptions } from './view-scan.js';
import { ViewScan } from './view-scan.js';

/** How the views of a content are made. Each has a budget of its own: which is searched first must not matter. */
export interface ViewSetup extends Omit<ViewOptions, 'targets' | 'budget'> {
  readonly budget: BudgetOptions;
}

/** What is known when the content has ended. */
export interface ContentEnd {
  readonly source: ByteSource;
  readonly isCut: boolean;
  readonly executable: ExecutableFacts | 'broken' | undefined;
}

/** All views of one content. */
export class ContentViews {
  readonly #setup: ViewSetup;
  readonly #raw: ViewScan | undefined;
  readonly #normalised = new Map<NormalisedView, ViewScan>();
  #normaliser: Normaliser | undefined;
  #size = 0;

  constructor(type: FileType, setup: ViewSetup) {
    this.#setup = setup;
    if (type.plan === 'none') {
      return;
    }
    this.#raw = this.#open([...new Set([0, type.plan === 'text' ? 0 : type.target])]);
    if (type.plan === 'text') {
      this.#normaliser = textNormaliser((view, bytes) => this.#take(view, bytes));
    }
  }

  /** What was found; sorted by nobody. */
  get findings(): readonly Finding[] {
    return this.#all().flatMap((view) => view.findings);
  }

  /** True when the work of a view was cut short. */
  get exhausted(): boolean {
    return this.#all().some((view) => view.exhausted);
  }

  /** The next bytes of the content. */
  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#raw?.push(chunk);
    if (this.#size > MAX_TEXT_BYTES) {
      this.#normaliser = undefined;
      this.#normalised.clear();
    }
    this.#normaliser?.push(chunk);
  }

  /** Ends the content. @returns true when everything could be told. @throws whatever reading throws. */
  async finish(end: ContentEnd, options: Signal): Promise<boolean> {
    this.#normaliser?.finish();
    const fileSize = this.#size;
    let isTold = !((await this.#raw?.finish({ ...end, fileSize }, options)) ?? false);
    for (const [view, scan] of this.#normalised) {
      const source = normalisedSource({ source: end.source, size: fileSize, view, normaliser: textNormaliser });
      const isLost = await scan.finish({ source, isCut: end.isCut, executable: undefined, fileSize }, options);
      isTold &&= !isLost;
    }
    return isTold;
  }

  #take(view: NormalisedView, bytes: Uint8Array): void {
    const scan = this.#normalised.get(view) ?? this.#open([0, 7]);
    this.#normalised.set(view, scan);
    scan.push(bytes);
  }

  #all(): readonly ViewScan[] {
    return [...(this.#raw === undefined ? [] : [this.#raw]), ...this.#normalised.values()];
  }

  #open(targets: readonly number[]): ViewScan {
    return new ViewScan({ ...this.#setup, targets, budget: new WorkBudget(this.#setup.budget) });
  }
}

function textNormaliser(sink: NormalisedSink): Normaliser {
  return new TextNormaliser(sink);
}
