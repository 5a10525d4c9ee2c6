/** Which normaliser makes the views of a content. */
import type { ScanPlan } from './file-type.js';
import { HtmlNormaliser } from './html-normaliser.js';
import type { NormalisedSink, Normaliser } from './normalise.js';
import { Scratch } from './scratch.js';
import { TextNormaliser } from './text-normaliser.js';
import { WideHtmlNormaliser } from './html/wide-html.js';

/** The normaliser of a plan; undefined where only raw bytes are matched, or nothing. `scratch` may be shared. */
export function createNormaliser(plan: ScanPlan, sink: NormalisedSink, scratch: Scratch = new Scratch()): Normaliser | undefined {
  switch (plan) {
    case 'text':
      return new TextNormaliser(sink, scratch);
    case 'html':
      return new HtmlNormaliser(sink);
    case 'html-utf16':
      return new WideHtmlNormaliser(sink);
    case 'raw':
    case 'none':
      return undefined;
  }
}
