/**
 * Events of the pending queue as records of its journal: a JSON array on one line, and after it, for the three
 * events that carry one, a JSON text just as the queue holds it. Version 1 of the format; further kinds of event need
 * a higher `journalVersion`.
 */
import type { Json } from '../../base/seams.js';
import type { QueueEvent } from '../../pending/queue-event.js';

/** Longest first line of a payload, in bytes. */
const maxHeadBytes = 131_072;

const newline = 0x0a;

/** The record of one event. */
export function encodeEvent(event: QueueEvent): string {
  switch (event.kind) {
    case 'enqueued':
      return `${JSON.stringify(['e', event.entry, event.item, event.at])}\n${event.subject}`;
    case 'claimed':
      return JSON.stringify(['c', event.leaseMs, event.entries]);
    case 'intended':
      return `${JSON.stringify(['i', event.entry, event.item])}\n${event.intent}`;
    case 'settled':
      return `${JSON.stringify(['s', event.entry, event.item])}\n${event.outcome}`;
    case 'released':
      return JSON.stringify(['r', event.entry, event.notBeforeAt, event.dead, event.failed]);
    case 'standing': {
      const { attempts, failures, notBeforeAt, dead, escalated, owner } = event.standing;
      const later = escalated === undefined && owner === undefined ? [] : [escalated ?? null, owner ?? null];
      return JSON.stringify(['t', event.entry, attempts, failures, notBeforeAt, dead, ...later]);
    }
  }
}

/** The event of a payload, or undefined when it is none. The text of a subject is left to the queue to check. */
export function decodeEvent(payload: Uint8Array): QueueEvent | undefined {
  // untrusted: the file may be damaged or foreign, whatever its checksums say
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const newlineAt = bytes.indexOf(newline);
  const end = newlineAt < 0 ? bytes.length : newlineAt;
  const head = end > maxHeadBytes ? undefined : parse(bytes.toString('utf8', 0, end));
  const text = newlineAt < 0 ? undefined : bytes.toString('utf8', newlineAt + 1);
  return Array.isArray(head) ? eventOf(head as readonly Json[], text) : undefined;
}

function eventOf(head: readonly Json[], text: string | undefined): QueueEvent | undefined {
  const [letter, first, second] = head;
  if (letter === 'c') {
    return isInstant(first) && isTexts(second) ? { kind: 'claimed', leaseMs: first, entries: second } : undefined;
  }
  if (typeof first !== 'string') {
    return undefined;
  }
  if (text === undefined) {
    return stateEventOf(head, first);
  }
  return typeof second === 'string' ? itemEventOf(head, { entry: first, item: second, text }) : undefined;
}

function itemEventOf(
  head: readonly Json[],
  { entry, item, text }: { readonly entry: string; readonly item: string; readonly text: string },
): QueueEvent | undefined {
  const at = head[3];
  switch (head[0]) {
    case 'e':
      return isInstant(at) ? { kind: 'enqueued', entry, item, at, subject: text } : undefined;
    case 'i':
      return parse(text) === undefined ? undefined : { kind: 'intended', entry, item, intent: text };
    case 's':
      return parse(text) === undefined ? undefined : { kind: 'settled', entry, item, outcome: text };
    default:
      return undefined;
  }
}

function stateEventOf(head: readonly Json[], entry: string): QueueEvent | undefined {
  if (head[0] === 'r') {
    const [notBeforeAt, dead, failed] = head.slice(2);
    return isInstant(notBeforeAt) && typeof dead === 'boolean' && typeof failed === 'boolean'
      ? { kind: 'released', entry, notBeforeAt, dead, failed }
      : undefined;
  }
  const [attempts, failures, notBeforeAt, dead, escalated, owner] = head.slice(2);
  if (head[0] !== 't' || !isCount(attempts) || !isCount(failures) || !isInstant(notBeforeAt) || typeof dead !== 'boolean') {
    return undefined;
  }
  // What came later to this record: journals without it stay readable, and older readers pass over it.
  const standing = { attempts, failures, notBeforeAt, dead, ...(typeof escalated === 'boolean' ? { escalated } : {}), ...(typeof owner === 'string' ? { owner } : {}) };
  return { kind: 'standing', entry, standing };
}

/** Undefined for what is no JSON: JSON itself has no undefined. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isInstant(value: Json | undefined): value is number {
  // 1e999 is JSON, and infinite.
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTexts(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
