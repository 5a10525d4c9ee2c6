/**
 * Which allows are still open, in few bytes: an id and a number for each place. What is here is never rotated away.
 */
import type { SubjectInfo } from '../base/subject.js';
import { auditPlace, type AuditEvent } from './audit-event.js';

/** Open places by pending id. Nearly all entries have one, so the first lives without a list. */
export class OpenAllows {
  readonly #places = new Map<string, number | readonly number[]>();

  /** Pending ids with an open allow. */
  get size(): number {
    return this.#places.size;
  }

  /** Takes note of one event, in the order of the log. */
  take(event: AuditEvent): void {
    if (event.kind === 'allowed') {
      this.#open(event.allow.pendingId, event.allow.subject);
    } else if (event.kind === 'resolved') {
      this.#close(event.resolution.pendingId, event.resolution.subject);
    }
  }

  isOpen(pendingId: string, subject: SubjectInfo): boolean {
    return listOf(this.#places.get(pendingId)).includes(placeNumber(subject));
  }

  #open(id: string, subject: SubjectInfo): void {
    const number = placeNumber(subject);
    const known = this.#places.get(id);
    // Those without a place end one by one, so they are counted one by one.
    if (known === undefined) {
      this.#places.set(id, number);
    } else if (number === noPlace || !listOf(known).includes(number)) {
      this.#places.set(id, [...listOf(known), number]);
    }
  }

  #close(id: string, subject: SubjectInfo): void {
    const places = listOf(this.#places.get(id));
    const at = places.indexOf(placeNumber(subject));
    if (at < 0) {
      return;
    }
    const left = places.filter((_, index) => index !== at);
    if (left.length === 0) {
      this.#places.delete(id);
    } else {
      this.#places.set(id, left.length === 1 ? left[0]! : left);
    }
  }
}

const noPlace = 0;

function listOf(places: number | readonly number[] | undefined): readonly number[] {
  return typeof places === 'object' ? places : places === undefined ? [] : [places];
}

/** 30 bits of FNV-1a: two places of one entry with the same number end together, once in a thousand million. */
function placeNumber(subject: SubjectInfo): number {
  const place = auditPlace(subject);
  if (place === '') {
    return noPlace;
  }
  let hash = 0x811c9dc5;
  for (let i = 0; i < place.length; i++) {
    hash = Math.imul(hash ^ place.charCodeAt(i), 0x01000193);
  }
  return Math.max(1, hash & 0x3fffffff);
}
