/**
 * Ratings of URLs and domains as a table: `address,score[,category;category…]`, with or without heading. The score is 0
 * (worst) to 100, or the word `untested`. A server that has any rates URLs: say so where it is configured.
 */
import { untestedScore, webClassOf, dispositionOfClass } from '../../../base/web-reputation.js';
import type { Disposition } from '../../../base/verdict.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { isBlank, readLines } from '../../lines.js';
import { splitFields } from '../hashes/csv-line.js';
import { stemOf } from '../hashes/hash-text.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { listedUrl, urlEntry } from './url-entries.js';

const maxCategories = 16;
const category = /^[\p{L}\p{N}][\p{L}\p{N} ._&/-]{0,39}$/u;

/** Every row becomes a rated entry `<source>.<class>`. */
export const readRatings: Reader = (text, context) => {
  let begun = false;
  const { items, ...account } = readLines<HashEntry>(text, (line): LineResult<HashEntry> => {
    const fields = isBlank(line) ? [] : splitFields(line, ',');
    const isHeading = !begun && fields.length > 1 && /^(?:score|rating|reputation)$/i.test(fields[1]!);
    begun ||= fields.length > 0;
    return fields.length === 0 || isHeading ? { kind: 'blank' } : readRow(fields, context);
  });
  return { ...nothingRead, hashes: items, ...account };
};

function readRow(fields: readonly string[], context: ReaderContext): LineResult<HashEntry> {
  const [address = '', score = '', names = ''] = fields;
  const listed = listedUrl(address);
  if (listed.kind === 'unusable') {
    return { kind: 'skipped', reason: listed.reason };
  }
  const rating = ratingOf(score);
  const webClass = rating === undefined ? undefined : webClassOf(rating);
  if (rating === undefined || webClass === undefined) {
    return { kind: 'skipped', reason: 'the score is neither a whole number from 0 to 100 nor untested' };
  }
  const categories = [...new Set(names.split(/[;|]/).map((name) => name.trim()).filter((name) => name !== ''))].sort();
  if (categories.length > maxCategories || !categories.every((name) => category.test(name))) {
    return { kind: 'skipped', reason: `expected at most ${maxCategories} categories of up to 40 letters and digits, parted by ;` };
  }
  const threat = {
    name: `${stemOf(context.source)}.${webClass}`,
    type: 'malicious-url',
    ...(categories.length === 0 ? {} : { detail: { categories } }),
  };
  const entry = urlEntry(listed, { disposition: dispositionOfClass(webClass), threat }, context);
  return { kind: 'loaded', items: [{ ...entry, score: rating.score }] };
}

function ratingOf(text: string): { readonly disposition: Disposition; readonly score: number } | undefined {
  if (text.toLowerCase() === 'untested') {
    return { disposition: 'unknown', score: untestedScore };
  }
  return /^\d{1,3}$/.test(text) && Number(text) <= 100 ? { disposition: 'clean', score: Number(text) } : undefined;
}
