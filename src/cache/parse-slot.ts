/**
 * Step 3: what a store gives back is not believed before it has the shape of what was put there. A store is the host's
 * (a shared Redis, a file): a damaged record or another key's record must become a miss, not a verdict.
 */
import { equalBytes } from '../base/bytes.js';
import { maxSlotEntries, maxTtlMs } from './freshness.js';
import type { Answer, AnswerRecord } from '../base/fingerprint.js';
import type { Threat } from '../base/verdict.js';
import type { CacheEntry, CacheSlot } from './verdict-cache.js';

/** The slot, or undefined when it is none or holds anything but answers to exactly `asked`. */
export function parseSlot(value: unknown, asked: Uint8Array): CacheSlot | undefined {
  if (!Array.isArray(value) || value.length > maxSlotEntries) {
    return undefined;
  }
  const entries: readonly unknown[] = value;
  return entries.every((entry): entry is CacheEntry => isEntry(entry, asked)) ? entries : undefined;
}

function isEntry(value: unknown, asked: Uint8Array): value is CacheEntry {
  return (
    isObject(value) &&
    typeof value['from'] === 'string' &&
    typeof value['process'] === 'string' &&
    isNumber(value['strength']) &&
    isNumber(value['receivedAt']) &&
    isNumber(value['receivedMonotonicMs']) &&
    isNumber(value['ttlMs']) &&
    value['ttlMs'] <= maxTtlMs &&
    isAnswer(value['answer']) &&
    equalBytes(value['answer'].asked, asked)
  );
}

function isAnswer(value: unknown): value is Answer {
  return (
    isObject(value) &&
    value['asked'] instanceof Uint8Array &&
    isNumber(value['ttlMs']) &&
    isOptionalNumber(value['generation']) &&
    Array.isArray(value['records']) &&
    value['records'].every(isRecord)
  );
}

function isRecord(value: unknown): value is AnswerRecord {
  return (
    isObject(value) &&
    value['hash'] instanceof Uint8Array &&
    isDisposition(value['disposition']) &&
    Array.isArray(value['threats']) &&
    value['threats'].every(isThreat) &&
    isOptionalNumber(value['score']) &&
    isOptionalNumber(value['size']) &&
    isOptionalTexts(value['categories'])
  );
}

function isThreat(value: unknown): value is Threat {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['type'] === 'string';
}

function isDisposition(value: unknown): boolean {
  return value === 'malicious' || value === 'suspicious' || value === 'clean' || value === 'unknown';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isOptionalTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || isNumber(value);
}
