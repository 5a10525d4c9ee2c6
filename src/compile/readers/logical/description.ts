/**
 * The TargetDescriptionBlock of an .ldb line (docs.clamav.net, "Logical signatures"): which engines and which files a
 * signature is for. What clamscan 1.4.6 refuses is refused: Engine anywhere but first, newer keywords without it.
 */
import type { NumberRange, TargetDescription } from '../../../pattern/signature.js';
import { isExecutable, parseTarget } from '../body/clamav-target.js';
import { levelFault } from '../clamav-level.js';
import { isFileType } from './file-types.js';

/** A description, what it needs that vedette has not, or why it is none. */
export type ParsedDescription =
  | { readonly kind: 'ok'; readonly description: TargetDescription; readonly needs?: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** Keywords other than Target need an Engine from this level on. */
const keywordsLevel = 51;

const maxIntermediates = 16;

type Attributes = ReadonlyMap<string, string>;

const form = (pattern: RegExp) => (value: string) => pattern.test(value);

/** What each keyword may have as its value. */
const keywords: Readonly<Record<string, (value: string) => boolean>> = {
  Engine: form(/^\d{0,9}-\d{0,9}$/),
  Target: form(/^\d{1,3}$/),
  FileSize: form(/^\d{0,15}-\d{1,15}$/),
  EntryPoint: form(/^\d{0,15}-\d{1,15}$/),
  NumberOfSections: form(/^\d{0,9}-\d{1,9}$/),
  Container: isFileType,
  Intermediates: (value) => value.split('>', maxIntermediates + 1).length <= maxIntermediates && value.split('>').every(isFileType),
  IconGroup1: form(/^.{0,1000}$/s),
  IconGroup2: form(/^.{0,1000}$/s),
  HandlerType: isFileType,
};

/** Parses a description. Of a keyword that stands there twice, the last one counts. */
export function parseDescription(text: string): ParsedDescription {
  const attributes = new Map<string, string>();
  for (const [index, attribute] of text.split(',').entries()) {
    const colon = attribute.indexOf(':');
    const [keyword, value] = [attribute.slice(0, Math.max(colon, 0)), attribute.slice(colon + 1)];
    const reason = attributeFault(keyword, value, index);
    if (reason !== undefined) {
      return { kind: 'fault', reason };
    }
    attributes.set(keyword, value);
  }
  const target = parseTarget(attributes.get('Target') ?? '');
  if (!attributes.has('Target') || target.kind === 'fault') {
    return { kind: 'fault', reason: target.kind === 'fault' && attributes.has('Target') ? target.reason : 'the description names no target type' };
  }
  return describe(attributes, target.target);
}

function attributeFault(keyword: string, value: string, index: number): string | undefined {
  if (keyword === '') {
    return 'an attribute of the description is not of the form keyword:value';
  }
  const isValue = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
  if (isValue === undefined) {
    return `the keyword ${keyword.slice(0, 40)} of the description is not known`;
  }
  if (!isValue(value)) {
    return `the value of ${keyword} is not of its form`;
  }
  return keyword === 'Engine' && index > 0 ? 'Engine does not come first in the description' : undefined;
}

function describe(attributes: Attributes, target: number): ParsedDescription {
  const fault = levelsFault(attributes) ?? conditionFault(attributes, target);
  if (fault !== undefined) {
    return { kind: 'fault', reason: fault };
  }
  const needs = needsOf(attributes);
  const ranges = { fileSize: rangeOf(attributes, 'FileSize'), entryPoint: rangeOf(attributes, 'EntryPoint'), numberOfSections: rangeOf(attributes, 'NumberOfSections') };
  const { fileSize, entryPoint, numberOfSections } = ranges;
  const description: TargetDescription = {
    target,
    ...(fileSize === undefined ? {} : { fileSize }),
    ...(entryPoint === undefined ? {} : { entryPoint }),
    ...(numberOfSections === undefined ? {} : { numberOfSections }),
  };
  return { kind: 'ok', description, ...(needs === undefined ? {} : { needs }) };
}

function levelsFault(attributes: Attributes): string | undefined {
  const [min, max] = attributes.get('Engine')?.split('-') ?? [];
  const isNewer = [...attributes.keys()].some((keyword) => keyword !== 'Engine' && keyword !== 'Target');
  if (isNewer && Number(min ?? 0) < keywordsLevel) {
    return `keywords other than Target need Engine from level ${keywordsLevel} on`;
  }
  // An upper end that is left empty is 0 for clamscan: such a signature is for no engine.
  return levelFault(min, max === '' ? '0' : max);
}

function conditionFault(attributes: Attributes, target: number): string | undefined {
  if ((attributes.has('EntryPoint') || attributes.has('NumberOfSections')) && !isExecutable(target)) {
    return `EntryPoint and NumberOfSections need an executable (target type 1, 6 or 9), not target type ${target}`;
  }
  const isIcon = attributes.has('IconGroup1') || attributes.has('IconGroup2');
  if (isIcon && target !== 1) {
    return `icon groups need a PE file (target type 1), not target type ${target}`;
  }
  const empty = ['FileSize', 'EntryPoint', 'NumberOfSections'].find((keyword) => isEmpty(rangeOf(attributes, keyword)));
  return empty === undefined ? undefined : `the range of ${empty} is empty`;
}

/** `Container:CL_TYPE_ANY` is a file that lies in no container: as long as nothing is unpacked, each of them. */
function needsOf(attributes: Attributes): string | undefined {
  const container = attributes.get('Container');
  const layers = attributes.get('Intermediates') ?? (container === 'CL_TYPE_ANY' ? undefined : container);
  if (layers !== undefined) {
    return `needs-unpacking: the signature is for files in ${layers.slice(0, 100)}`;
  }
  const icon = attributes.get('IconGroup1') ?? attributes.get('IconGroup2');
  return icon === undefined ? undefined : 'unsupported: icons are not compared (IconGroup)';
}

function rangeOf(attributes: Attributes, keyword: string): Required<NumberRange> | undefined {
  const [min, max] = attributes.get(keyword)?.split('-').map(Number) ?? [];
  return min === undefined || max === undefined ? undefined : { min, max };
}

function isEmpty(range: Required<NumberRange> | undefined): boolean {
  return range !== undefined && range.min > range.max;
}
