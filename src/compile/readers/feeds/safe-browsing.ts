/**
 * Lists in the forms of Safe Browsing, as far as they can be compiled: full hashes of URL expressions, a line each (hex
 * or base64) or in the JSON of v4 (`threatListUpdates`, `fullHashes`) and v5 (hash lists, `hashes:search`). Prefixes
 * alone name no URL: they are reported, and belong to an updater with somebody to ask. Their host rule is that of the
 * lists, so v4 lists go with `labels5`, v5 lists with `psl`.
 */
import { concatBytes, fromBase64Url, fromHex } from '../../../base/bytes.js';
import { describeError } from '../../../base/errors.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { decodeRiceWide } from '../../../pattern/rice/rice.js';
import type { LineResult } from '../../lines.js';
import { accountFor, isBlank, readLines } from '../../lines.js';
import { stemOf } from '../hashes/hash-text.js';
import type { Reader } from '../reader.js';
import { nothingRead } from '../reader.js';
import { jsonReader } from './feed-entries.js';
import { isRecord, listAt, textAt, valueAt } from './json-source.js';

/** Hashes in one block of a document. */
const maxHashes = 10_000_000;
const hashLength = 32;

/** What is read from one place: hashes, one after the other, and the list that they are on. */
interface Block {
  readonly list: string;
  readonly hashes: Uint8Array | string;
  /** Bytes of each of them. */
  readonly width: number;
}

/** Reads either form. Of a document each block of hashes counts as a line. */
export const readSafeBrowsing: Reader = (text, context) => (/^\ufeff?\s*[{[]/.test(text) ? readDocument : readHashes)(text, context);

const readHashes: Reader = (text, context) => {
  const entryOf = entries(stemOf(context.source));
  const { items, ...account } = readLines<HashEntry>(text, (line): LineResult<HashEntry> => {
    const bare = line.trim();
    if (isBlank(bare)) {
      return { kind: 'blank' };
    }
    const hash = fromHex(bare) ?? fromBase64Url(bare);
    return hash?.length === hashLength ? { kind: 'loaded', items: [entryOf(hash, '')] } : { kind: 'skipped', reason: hash === undefined ? 'neither hex nor base64' : prefixReason(hash.length) };
  });
  return { ...nothingRead, hashes: items, ...account };
};

const readDocument: Reader = jsonReader((value, context) => {
  const entryOf = entries(stemOf(context.source));
  const { items, ...account } = accountFor(blocksOf(value), ({ list, hashes, width }): LineResult<HashEntry> => {
    if (/^gc\b|^gc-/i.test(list)) {
      return { kind: 'skipped', reason: 'a list of what is likely safe, not of threats', signature: list };
    }
    if (typeof hashes === 'string') {
      return { kind: 'skipped', reason: hashes, signature: list };
    }
    if (width !== hashLength || hashes.length % width !== 0) {
      return { kind: 'skipped', reason: prefixReason(width), signature: list };
    }
    return { kind: 'loaded', items: Array.from({ length: hashes.length / width }, (_, i) => entryOf(hashes.slice(i * width, (i + 1) * width), list)) };
  });
  return { hashes: items, ...account };
});

function prefixReason(length: number): string {
  return `${length} bytes are the beginning of a hash and name no URL: such lists are for an updater`;
}

function* blocksOf(value: unknown): Generator<Block> {
  for (const response of listAt(value, 'listUpdateResponses')) {
    yield* updateBlocks(response);
  }
  for (const match of listAt(value, 'matches')) {
    yield { list: textAt(match, 'threatType') ?? '', ...fullHash(textAt(valueAt(match, 'threat'), 'hash')) };
  }
  for (const found of listAt(value, 'fullHashes')) {
    const types = listAt(found, 'fullHashDetails').map((detail) => textAt(detail, 'threatType') ?? '');
    yield { list: types[0] ?? '', ...fullHash(textAt(found, 'fullHash')) };
  }
  for (const list of [value, ...listAt(value, 'hashLists')]) {
    yield* hashListBlocks(list);
  }
}

/** v4. */
function* updateBlocks(response: unknown): Generator<Block> {
  const list = textAt(response, 'threatType') ?? '';
  const isPartial = textAt(response, 'responseType') === 'PARTIAL_UPDATE';
  for (const addition of listAt(response, 'additions')) {
    const raw = valueAt(addition, 'rawHashes');
    const width = Number(valueAt(raw, 'prefixSize') ?? 4);
    if (isPartial) {
      yield { list, width, hashes: 'a partial update: such lists are for an updater' };
    } else {
      yield { list, width, hashes: fromBase64Url(textAt(raw, 'rawHashes') ?? '') ?? 'hashes that are not base64' };
    }
  }
}

const shortAdditions = { additionsFourBytes: 4, additionsEightBytes: 8, additionsSixteenBytes: 16 } as const;

/** v5. */
function* hashListBlocks(value: unknown): Generator<Block> {
  const list = textAt(value, 'name') ?? '';
  for (const [key, width] of Object.entries(shortAdditions)) {
    if (isRecord(valueAt(value, key))) {
      yield { list, width, hashes: new Uint8Array(0) };
    }
  }
  const long = valueAt(value, 'additionsThirtyTwoBytes');
  if (isRecord(long)) {
    const isPartial = valueAt(value, 'partialUpdate') === true;
    yield { list, width: hashLength, hashes: isPartial ? 'a partial update: such lists are for an updater' : decodeLong(long) };
  }
}

/** A text says what is wrong. */
function decodeLong(block: unknown): Uint8Array | string {
  const parts = ['firstValueFirstPart', 'firstValueSecondPart', 'firstValueThirdPart', 'firstValueFourthPart'].map((key) => part(valueAt(block, key)));
  const data = fromBase64Url(textAt(block, 'encodedData') ?? '');
  const [count, parameter] = ['entriesCount', 'riceParameter'].map((key) => Number(valueAt(block, key) ?? 0));
  if (data === undefined || parts.includes(undefined) || !Number.isSafeInteger(count) || !Number.isSafeInteger(parameter)) {
    return 'a block that is not coded as it has to be';
  }
  try {
    const first = concatBytes(parts.map((one) => one ?? new Uint8Array(8)));
    return decodeRiceWide({ first, parameter: parameter ?? 0, count: count ?? 0, data }, { maxEntries: maxHashes });
  } catch (error) {
    return describeError(error);
  }
}

/** A number of 64 bits as JSON has it (a text, or a number where it is small), big-endian. */
function part(value: unknown): Uint8Array | undefined {
  const text = value === undefined ? '0' : typeof value === 'number' ? value.toFixed(0) : value;
  const number = typeof text === 'string' && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  return number === undefined || number >= 2n ** 64n ? undefined : fromHex(number.toString(16).padStart(16, '0'));
}

function fullHash(text: string | undefined): Pick<Block, 'hashes' | 'width'> {
  const hash = fromBase64Url(text ?? '');
  return { hashes: hash ?? 'a hash that is not base64', width: hash?.length ?? 0 };
}

/** Makes entries: one threat for each list, however many hashes are on it. */
function entries(stem: string): (hash: Uint8Array, list: string) => HashEntry {
  const threats = new Map<string, HashEntry['threat']>();
  return (hash, list) => {
    const threat = threats.get(list) ?? threatOf(stem, list);
    threats.set(list, threat);
    return { kind: 'url', algorithm: 'sha256', hash, disposition: 'malicious', threat };
  };
}

function threatOf(stem: string, list: string): HashEntry['threat'] {
  const word = list.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40);
  if (/^(?:social-engineering|se(?:-|$))/.test(word)) {
    return { name: `${stem}.${word}`, type: 'phishing' };
  }
  return { name: `${stem}.${word === '' ? 'url' : word}`, type: /^(?:unwanted|potentially|uws|pha)/.test(word) ? 'unwanted' : 'malicious-url' };
}
