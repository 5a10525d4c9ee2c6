/**
 * The views in which a content is searched, by its type, and for which targets (content/normalise.ts says which those
 * are and why): its bytes, and normalised forms of texts and HTML.
 */
import type { Signal } from '../../../base/seams.js';
import type { ByteSource } from '../../../base/subject.js';
import type { ExecutableFacts } from '../../content/executable.js';
import { createNormaliser } from '../../content/create-normaliser.js';
import type { FileType, ScanPlan } from '../../content/file-type.js';
import type { NormalisedSink, NormalisedView, Normaliser } from '../../content/normalise.js';
import { HtmlMarks } from '../../content/html-marks.js';
import { MAX_HTML_BYTES, MAX_TEXT_BYTES } from '../../content/normalise.js';
import type { BodySearch } from '../../body-search.js';
import type { Finding } from '../../matcher.js';
import type { BudgetOptions } from '../../stream/work-budget.js';
import { WorkBudget } from '../../stream/work-budget.js';
import { normalise, normalisedSource } from './normalised-source.js';
import type { ViewOptions } from './view-scan.js';
import { ViewScan } from './view-scan.js';

/** How the views of a content are made. Each has a budget of its own: which is searched first must not matter. */
export interface ViewSetup extends Omit<ViewOptions, 'search' | 'targets' | 'budget'> {
  readonly budget: BudgetOptions;
}

/** What is known when the content has ended. */
export interface ContentEnd {
  readonly source: ByteSource;
  readonly isCut: boolean;
  readonly executable: ExecutableFacts | 'broken' | undefined;
}

interface NamedView {
  readonly name: NormalisedView | 'raw';
  readonly scan: ViewScan;
}

const nothing: readonly Finding[] = [];

/** All views of one content. */
export class ContentViews {
  readonly #setup: ViewSetup;
  readonly #raw: ViewScan | undefined;
  /** The raw bytes first. */
  #all: readonly NamedView[];
  /** HTML may begin anywhere in a text: then it is no text. */
  readonly #marks: HtmlMarks | undefined;
  #normaliser: Normaliser | undefined;
  #plan: ScanPlan;
  #size = 0;

  constructor({ name, plan, target }: FileType, setup: ViewSetup) {
    this.#setup = setup;
    this.#plan = plan;
    // clamscan passes over contents of plan `none` (a few bytes, types without threats): a signature for any file means any.
    this.#raw = plan === 'html' ? undefined : this.#open(setup.parts.search, plan === 'raw' && target !== 0 ? [0, target] : [0]);
    this.#all = this.#raw === undefined ? [] : [{ name: 'raw', scan: this.#raw }];
    this.#marks = name === 'TEXT_ASCII' ? new HtmlMarks() : undefined;
    this.#normaliser = this.#openViews(plan);
  }

  /** What was found; sorted by nobody. */
  get findings(): readonly Finding[] {
    return this.#all.some(({ scan }) => scan.findings.length > 0) ? this.#all.flatMap(({ scan }) => scan.findings) : nothing;
  }

  /** True when the work of a view was cut short. */
  get exhausted(): boolean {
    return this.#all.some(({ scan }) => scan.exhausted);
  }

  /** The next bytes of the content. */
  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#raw?.push(chunk);
    this.#marks?.push(chunk);
    if (this.#normaliser !== undefined && (this.#size > maxBytes(this.#plan) || this.#marks?.found === true)) {
      this.#normaliser = undefined;
      this.#all = this.#all.filter(({ name }) => name === 'raw');
    }
    if (this.#normaliser !== undefined) {
      this.#setup.parts.views.pass(chunk.length);
      this.#normaliser.push(chunk);
    }
  }

  /** Ends the content. @returns true when everything could be told. @throws whatever reading throws. */
  finish(end: ContentEnd, options: Signal): boolean | Promise<boolean> {
    if (this.#marks?.found === true && this.#plan === 'text') {
      return this.#searchAsHtml(end, options);
    }
    this.#normaliser?.finish();
    return this.#finishFrom(0, end, options);
  }

  async #searchAsHtml(end: ContentEnd, options: Signal): Promise<boolean> {
    this.#plan = 'html';
    await this.#searchAgain({ source: end.source, size: this.#size }, options);
    return this.#finishFrom(0, end, options);
  }

  /** Ends the views from this one on: one after the other, and at once where nothing has to be read again. */
  #finishFrom(first: number, end: ContentEnd, options: Signal): boolean | Promise<boolean> {
    const views = this.#all;
    // HTML is searched in its views only: where they were too large, nothing was.
    let isTold = !(this.#plan === 'html' && this.#raw === undefined && this.#size > maxBytes('html'));
    for (let i = first; i < views.length; i++) {
      const told = this.#finishOne(views[i]!, end, options);
      if (typeof told !== 'boolean') {
        return Promise.resolve(told).then(async (one) => (await this.#finishFrom(i + 1, end, options)) && one && isTold);
      }
      isTold &&= told;
    }
    return isTold;
  }

  #finishOne({ name, scan }: NamedView, { source, isCut, executable }: ContentEnd, options: Signal): boolean | Promise<boolean> {
    const size = this.#size;
    return name === 'raw'
      ? scan.finish({ isCut, fileSize: size, source, executable }, options)
      : scan.finish({ isCut, fileSize: size, source: normalisedSource({ source, size, view: name, plan: this.#plan }), executable: undefined }, options);
  }

  async #searchAgain(content: { readonly source: ByteSource; readonly size: number }, options: Signal): Promise<void> {
    const normaliser = this.#openViews(this.#plan);
    if (normaliser !== undefined && content.size <= maxBytes(this.#plan)) {
      this.#setup.parts.views.pass(content.size);
      await normalise(normaliser, content, options);
    }
  }

  /** Undefined where nothing can be found in such views, too. */
  #openViews(plan: ScanPlan): Normaliser | undefined {
    const isPlain = plan === 'raw' || plan === 'none';
    const search = isPlain ? 'nothing' : this.#setup.parts.views.of(plan === 'text' ? 'text' : 'html');
    if (search === 'nothing') {
      return undefined;
    }
    const targets = [0, plan === 'text' ? 7 : 3];
    const sink: NormalisedSink = (view, bytes) => {
      let named = this.#all.find((one) => one.name === view);
      if (named === undefined) {
        named = { name: view, scan: this.#open(search, targets) };
        this.#all = [...this.#all, named];
      }
      named.scan.push(bytes);
    };
    return createNormaliser(plan, sink, this.#setup.parts.scratch);
  }

  #open(search: BodySearch, targets: readonly number[]): ViewScan {
    const { parts, allMatches, budget } = this.#setup;
    return new ViewScan({ parts, search, targets, allMatches, budget: new WorkBudget(budget) });
  }
}

/** Above this size, a content of that plan has no normalised views. */
function maxBytes(plan: ScanPlan): number {
  return plan === 'text' ? MAX_TEXT_BYTES : MAX_HTML_BYTES;
}
