/**
 * The views in which a content is searched, by its type, and for which targets (content/normalise.ts says which those
 * are and why): its bytes, and normalised forms of texts and HTML.
 */
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { ExecutableFacts } from '../content/executable.js';
import type { FileType } from '../content/file-type.js';
import type { NormalisedSink, NormalisedView, Normaliser } from '../content/normalise.js';
import { HtmlMarks } from '../content/html-marks.js';
import { HtmlNormaliser } from '../content/html-normaliser.js';
import { MAX_HTML_BYTES, MAX_TEXT_BYTES } from '../content/normalise.js';
import { TextNormaliser } from '../content/text-normaliser.js';
import type { Finding } from '../matcher.js';
import type { BudgetOptions } from '../stream/work-budget.js';
import { WorkBudget } from '../stream/work-budget.js';
import { normalise, normalisedSource } from './normalised-source.js';
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
  /** HTML may begin anywhere in a text: then it is no text. */
  readonly #marks: HtmlMarks | undefined;
  #normalised = new Map<NormalisedView, ViewScan>();
  #normaliser: Normaliser | undefined;
  #form: Form;
  #size = 0;

  constructor({ name, plan, target }: FileType, setup: ViewSetup) {
    this.#setup = setup;
    this.#form = plan === 'html' ? 'html' : 'text';
    // clamscan passes over contents of plan `none` (a few bytes, types without threats): a signature for any file means any.
    this.#raw = name === 'HTML' ? undefined : this.#open([...new Set([0, plan === 'raw' ? target : 0])]);
    this.#marks = name === 'TEXT_ASCII' ? new HtmlMarks() : undefined;
    if (plan === 'text' || name === 'HTML') {
      this.#normaliser = this.#openForm(this.#form);
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
    this.#marks?.push(chunk);
    if (this.#normaliser !== undefined && (this.#size > forms[this.#form].maxBytes || this.#marks?.found === true)) {
      this.#normaliser = undefined;
      this.#normalised.clear();
    }
    this.#normaliser?.push(chunk);
  }

  /** Ends the content. @returns true when everything could be told. @throws whatever reading throws. */
  async finish(end: ContentEnd, options: Signal): Promise<boolean> {
    const content = { source: end.source, size: this.#size };
    if (this.#marks?.found === true && this.#size <= forms.html.maxBytes) {
      this.#form = 'html';
      await normalise(this.#openForm('html'), content, options);
    }
    this.#normaliser?.finish();
    const common = { isCut: end.isCut, fileSize: this.#size };
    let isTold = !((await this.#raw?.finish({ ...common, source: end.source, executable: end.executable }, options)) ?? false);
    for (const [view, scan] of this.#normalised) {
      const source = normalisedSource({ ...content, view, normaliser: forms[this.#form].create });
      isTold = !(await scan.finish({ ...common, source, executable: undefined }, options)) && isTold;
    }
    // HTML is searched in its views only: where they were too large, nothing was.
    return isTold && !(this.#raw === undefined && this.#size > forms[this.#form].maxBytes);
  }

  #openForm(form: Form): Normaliser {
    const { create, targets } = forms[form];
    return create((view, bytes) => {
      const scan = this.#normalised.get(view) ?? this.#open(targets);
      this.#normalised.set(view, scan);
      scan.push(bytes);
    });
  }

  #all(): readonly ViewScan[] {
    return [...(this.#raw === undefined ? [] : [this.#raw]), ...this.#normalised.values()];
  }

  #open(targets: readonly number[]): ViewScan {
    return new ViewScan({ ...this.#setup, targets, budget: new WorkBudget(this.#setup.budget) });
  }
}

/** A way to normalise, what its views are searched for, and above which size of the content there are none. */
type Form = 'text' | 'html';

const forms: Readonly<Record<Form, { readonly targets: readonly number[]; readonly maxBytes: number; readonly create: (sink: NormalisedSink) => Normaliser }>> = {
  text: { targets: [0, 7], maxBytes: MAX_TEXT_BYTES, create: (sink) => new TextNormaliser(sink) },
  html: { targets: [0, 3], maxBytes: MAX_HTML_BYTES, create: (sink) => new HtmlNormaliser(sink) },
};
