/**
 * URLhaus exports: CSV (columns told by the commented heading, else those of the full export) and JSON (by id, or the
 * `urls` of an API answer). URLs that are offline are listed as well: what served malware is not to be trusted again.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { accountFor, readLines } from '../../lines.js';
import { splitFields } from '../hashes/csv-line.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { feedThreat, jsonReader, readIndicator } from './feed-entries.js';
import { isRecord, listAt, textAt } from './json-source.js';

/** Reads either form. */
export const readUrlhaus: Reader = (text, context) => (/^\ufeff?\s*[{[]/.test(text) ? readJsonExport : readCsv)(text, context);

const readCsv: Reader = (text, context) => {
  let columns = { url: 2, threat: 5 };
  const { items, ...account } = readLines<HashEntry>(text, (line): LineResult<HashEntry> => {
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#')) {
      columns = columnsOf(bare) ?? columns;
      return { kind: 'blank' };
    }
    const fields = splitFields(bare, ',');
    if (fields.includes('url') && fields.includes('dateadded')) {
      columns = columnsOf(bare) ?? columns;
      return { kind: 'blank' };
    }
    const url = fields.length === 1 ? fields[0] : fields[columns.url];
    return url === undefined || url === '' ? { kind: 'skipped', reason: 'no URL in this line' } : listed(url, fields[columns.threat], context);
  });
  return { ...nothingRead, hashes: items, ...account };
};

function columnsOf(line: string): { readonly url: number; readonly threat: number } | undefined {
  const names = splitFields(line.replace(/^#+/, ''), ',').map((name) => name.toLowerCase());
  const url = names.indexOf('url');
  return url < 0 || names.length < 2 ? undefined : { url, threat: names.indexOf('threat') };
}

const readJsonExport: Reader = jsonReader((value, context) => {
  const { items, ...account } = accountFor(objectsOf(value), (one): LineResult<HashEntry> => {
    const url = textAt(one, 'url');
    return url === undefined ? { kind: 'skipped', reason: 'an object without a URL' } : listed(url, textAt(one, 'threat'), context);
  });
  return { hashes: items, ...account };
});

/** `{ "urls": [ … ] }`, `{ "id": [ { … } ], … }` or a plain list. */
function* objectsOf(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    yield* value as readonly unknown[];
  } else if (listAt(value, 'urls').length > 0) {
    yield* listAt(value, 'urls');
  } else if (isRecord(value)) {
    for (const entry of Object.values(value)) {
      if (Array.isArray(entry)) {
        yield* entry as readonly unknown[];
      } else if (isRecord(entry)) {
        yield entry;
      }
    }
  }
}

function listed(url: string, threat: string | undefined, context: ReaderContext): LineResult<HashEntry> {
  const word = (threat ?? '').toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '').slice(0, 40);
  const type = word.includes('phish') ? 'phishing' : 'malicious-url';
  return readIndicator({ kind: 'url', value: url }, feedThreat(undefined, { source: context.source, word: word === '' ? 'url' : word }, type), context);
}
