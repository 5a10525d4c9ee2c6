/**
 * The retro log in memory, as steps: each decides, applies and says what has to be written before its answer may be
 * believed. The form in memory forgets what is to be written, the form on disk writes it first.
 */
import { assertInteger } from '../base/assert.js';
import { fromHex } from '../base/bytes.js';
import type { Clock, Json, SteadyClock } from '../base/seams.js';
import type { Verdict } from '../base/verdict.js';
import { createLogTime, type LogTime, type TimeMark } from '../base/log-time.js';
import { EntryShelves } from './entry-shelf.js';
import { FindingShelf } from './finding-shelf.js';
import type { RetroEvent } from './retro-event.js';
import type { Allowed, RetroCounts, RetroEntry, RetroFinding, RetroPlace } from './retro-log.js';
import { maxPlaces, packEntry, placeKey, rememberedFrom, unpackEntry, type Remembered } from './retro-text.js';
import { packFinding } from './stored-finding.js';

/** What both forms are made with. */
export interface RetroCoreOptions {
  readonly clock: Clock;
  /** The clock of the machine, where it has one: a wall clock that jumps then makes nothing older or younger over restarts either. */
  readonly steady?: SteadyClock | undefined;
  /** Days that a sighting is kept (7), and at most six hours more. */
  readonly days?: number | undefined;
  /** Entries at most (200,000); of more, the longest not seen go first. */
  readonly maxEntries?: number | undefined;
  /** Bytes of all entries at most (64 MiB). */
  readonly maxBytes?: number | undefined;
  /** A new id at every call, never the same again, over restarts too: ids are the keys of remedies. */
  readonly ids: () => string;
}

/** The answer of a step and what has to be written. */
export interface RetroStep<T> {
  readonly value: T;
  readonly events: readonly RetroEvent[];
}

/** Sightings are kept by stretches of this length: what is seen again and again is written four times a day. */
export const stretchMs: number = 6 * 3_600_000;

const maxMarkChars = 1000;
const maxNoteChars = 65_536;

/** The log without its place. */
export class RetroCore {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #ids: () => string;
  readonly #entries: EntryShelves;
  readonly #findings = new FindingShelf();
  readonly #time: LogTime;
  /** The stretch in which the time was last written down by this process. */
  #timedIn: number | undefined;
  /** Where an earlier process left the time. */
  #left: TimeMark | undefined;
  #mark: string | undefined;

  /** @throws RangeError when a bound is no positive integer. */
  constructor(options: RetroCoreOptions) {
    const { days = 7, maxEntries = 200_000, maxBytes = 64 * 1024 * 1024 } = options;
    assertInteger('days', days, { min: 1, max: 3650 });
    assertInteger('maxEntries', maxEntries, { min: 1 });
    assertInteger('maxBytes', maxBytes, { min: 1 });
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#windowMs = days * 86_400_000;
    // While the machine is off only the wall clock goes on, and half a window is the most that is believed of it.
    this.#time = createLogTime({ clock: options.clock, steady: options.steady, maxGapMs: this.#windowMs / 2 });
    this.#entries = new EntryShelves({ maxEntries, maxBytes });
  }

  remember(allowed: Allowed): RetroStep<void> {
    if (fromHex(allowed.key)?.length !== 32) {
      throw new TypeError(`key: expected 64 hex digits, got ${allowed.key.length} characters`);
    }
    const key = allowed.key.toLowerCase();
    this.#expire();
    const sighting = rememberedFrom(allowed, this.#stretch());
    const before = this.#entries.get(key);
    const text = sighting === undefined ? undefined : packEntry(joined(this.#read(key, before), sighting));
    return text === undefined || text === before ? nothing : this.#do([...this.#timeEvents(), { kind: 'seen', key, text }]);
  }

  keys(): readonly string[] {
    this.#expire();
    return Array.from(this.#entries.entries(), ([key]) => key);
  }

  find(key: string): RetroEntry | undefined {
    const found = this.#read(key, this.#entries.get(key));
    if (found === undefined || found.seen < this.#oldestStretch()) {
      return undefined;
    }
    const { seen, ...entry } = found;
    return { key, ...entry, untilAt: this.#clock.now() + (seen + 1) * stretchMs + this.#windowMs - this.#time.now() };
  }

  forget(key: string, place?: RetroPlace): RetroStep<void> {
    const found = this.#read(key, this.#entries.get(key));
    if (found === undefined) {
      return nothing;
    }
    const places = place === undefined ? [] : found.places.filter((one) => placeKey(one) !== placeKey(place));
    if (places.length === found.places.length) {
      return nothing;
    }
    return this.#do([places.length === 0 ? { kind: 'forgotten', key } : { kind: 'seen', key, text: packEntry({ ...found, places }) }]);
  }

  mark(): string | undefined {
    return this.#mark;
  }

  /** @throws RangeError when the mark is too long. */
  hunted(mark: string): RetroStep<void> {
    if (mark.length > maxMarkChars) {
      throw new RangeError(`mark: expected at most ${maxMarkChars} characters, got ${mark.length}`);
    }
    return mark === this.#mark ? nothing : this.#do([{ kind: 'hunted', mark }]);
  }

  counts(): RetroCounts {
    this.#expire();
    return { entries: this.#entries.size, bytes: this.#entries.bytes, open: this.#findings.open };
  }

  raise(key: string, verdict: Verdict, owner?: string): RetroStep<readonly RetroFinding[]> {
    const entry = this.#read(key, this.#entries.get(key));
    const isMeant = (place: RetroPlace): boolean => owner === undefined || place.owner === owner;
    if (entry === undefined || entry.seen < this.#oldestStretch() || !entry.places.some(isMeant)) {
      return { value: [], events: [] };
    }
    const found = { verdict, at: this.#clock.now() };
    const pairs = entry.places.filter(isMeant).map((place) => [this.#ids(), packFinding({ key, ...entry }, place, found)] as const);
    const { events } = this.#do(foundEvents(key, entry, { pairs, meant: entry.places.filter(isMeant) }));
    return { value: pairs.flatMap(([id]) => this.#findings.get(id) ?? []), events };
  }

  intend(id: string, intent: Json): RetroStep<void> {
    return this.#findings.isOpen(id) ? this.#do([{ kind: 'intended', id, intent: noteText('intent', intent) }]) : nothing;
  }

  settle(id: string, outcome: Json): RetroStep<boolean> {
    if (!this.#findings.isOpen(id)) {
      return { value: false, events: [] };
    }
    return { value: true, events: this.#do([{ kind: 'settled', id, outcome: noteText('outcome', outcome) }]).events };
  }

  /** Findings that are there now, oldest first. */
  *findings(): IterableIterator<RetroFinding> {
    for (const id of this.#findings.ids()) {
      const finding = this.#findings.get(id);
      if (finding !== undefined) {
        yield finding;
      }
    }
  }

  /** Takes one event of a journal; false when it says nothing that can be used. */
  replay(event: RetroEvent): boolean {
    if (event.kind === 'timed') {
      this.#left = event.mark;
    }
    return this.#apply(event);
  }

  /** After the last event: time goes on from where it was left. */
  resume(): void {
    if (this.#left !== undefined) {
      this.#time.resume(this.#left);
    }
    this.#time.atLeast((this.#entries.latest() ?? 0) * stretchMs);
  }

  /** Bytes of the journal of a snapshot, about. */
  get liveBytes(): number {
    return this.#entries.bytes + this.#findings.bytes;
  }

  /** Events that make this log anew from nothing. The log must not change meanwhile. */
  *snapshot(): IterableIterator<RetroEvent> {
    yield { kind: 'timed', mark: this.#time.mark() };
    for (const [key, text] of this.#entries.entries()) {
      yield { kind: 'seen', key, text };
    }
    yield* this.#findings.events();
    yield* this.#mark === undefined ? [] : [{ kind: 'hunted', mark: this.#mark } as const];
  }

  #do(events: readonly RetroEvent[]): RetroStep<void> {
    events.forEach((event) => this.#apply(event));
    return { value: undefined, events };
  }

  #apply(event: RetroEvent): boolean {
    switch (event.kind) {
      case 'seen':
        return this.#put(event.key, event.text);
      case 'forgotten':
        this.#entries.delete(event.key);
        return true;
      case 'found':
        this.#entries.delete(event.key);
        return [
          ...event.findings.map(([id, text]) => this.#findings.add(id, text)),
          event.rest === undefined || this.#put(event.key, event.rest),
        ].every(Boolean);
      case 'intended':
        return this.#findings.note(event.id, 'intent', event.intent);
      case 'settled':
        return this.#findings.note(event.id, 'outcome', event.outcome);
      case 'hunted':
        this.#mark = event.mark.slice(0, maxMarkChars);
        return true;
      case 'timed':
        return true;
    }
  }

  #put(key: string, text: string): boolean {
    if (unpackEntry(key, text) === undefined) {
      return false;
    }
    this.#entries.put(key, text);
    return true;
  }

  #read(key: string, text: string | undefined): Remembered | undefined {
    return text === undefined ? undefined : unpackEntry(key, text);
  }

  #expire(): void {
    this.#entries.expire(this.#oldestStretch());
  }

  /** Once for each stretch in which something is seen. */
  #timeEvents(): readonly RetroEvent[] {
    const stretch = this.#stretch();
    if (stretch === this.#timedIn) {
      return [];
    }
    this.#timedIn = stretch;
    return [{ kind: 'timed', mark: this.#time.mark() }];
  }

  #stretch(): number {
    return Math.max(0, Math.floor(this.#time.now() / stretchMs));
  }

  /** The first stretch of which any part lies in the window. */
  #oldestStretch(): number {
    return Math.floor((this.#time.now() - this.#windowMs) / stretchMs);
  }
}

/** Findings in one event: of the longest texts more would be too long for one record of a journal. */
const findingsInOne = 2;

/** Written down one after the other, each with what is left of the entry: where the disk ends in between, that is raised again. */
function foundEvents(
  key: string,
  entry: Remembered,
  found: { readonly pairs: readonly (readonly [id: string, text: string])[]; readonly meant: readonly RetroPlace[] },
): RetroEvent[] {
  const events: RetroEvent[] = [];
  for (let at = 0; at < found.pairs.length; at += findingsInOne) {
    const raised = new Set(found.meant.slice(0, at + findingsInOne));
    const places = entry.places.filter((place) => !raised.has(place));
    const rest = places.length === 0 ? {} : { rest: packEntry({ ...entry, places }) };
    events.push({ kind: 'found', key, findings: found.pairs.slice(at, at + findingsInOne), ...rest });
  }
  return events;
}

const nothing: RetroStep<void> = { value: undefined, events: [] };

/** What is seen again at the same place stays where it is among the places; a new place comes last. */
function joined(before: Remembered | undefined, sighting: Remembered): Remembered {
  if (before === undefined) {
    return sighting;
  }
  const [place] = sighting.places;
  const known = before.places.some((one) => place !== undefined && placeKey(one) === placeKey(place));
  const places = known ? before.places : [...before.places, ...sighting.places].slice(-maxPlaces);
  const isRicher = sighting.fingerprints.length > before.fingerprints.length;
  return { ...before, fingerprints: isRicher ? sighting.fingerprints : before.fingerprints, places, seen: sighting.seen };
}

/** @throws RangeError when the value is too long to be journalled. */
function noteText(name: string, value: Json): string {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > maxNoteChars) {
    throw new RangeError(`${name}: expected JSON of at most ${maxNoteChars} characters, got ${text?.length ?? 'none'}`);
  }
  return text;
}
