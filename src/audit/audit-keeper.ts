/**
 * The audit log over any medium: what is open, when segments leave and what of them is carried over, and the reading.
 * The medium only keeps lines; both forms of the log, in memory and on disk, are this keeper.
 */
import type { Clock } from '../base/seams.js';
import { decodeAudit, encodeAudit, joinKey, auditPlace, type AuditEvent } from './audit-event.js';
import type { AuditFilter, AuditLog, AuditRecord, AuditResolution, TemporaryAllow } from './audit-log.js';
import { Endings, isWanted } from './join-records.js';
import { OpenAllows } from './open-allows.js';
import { isLeaving, isSegmentFull, type AuditLimits, type SegmentFacts } from './rotation.js';

/** Where the lines are kept: segments with rising numbers, the last of which takes what is appended. */
export interface AuditMedium {
  readonly durability: AuditLog['durability'];
  /** Numbers of the segments, oldest first, at least one. */
  segments(): readonly number[];
  /** Resolves when they are as durable as the medium is. They are in order from the call on. */
  append(lines: readonly string[]): Promise<void>;
  /** Ends the current segment and begins the next. */
  begin(): Promise<void>;
  /** The lines of a segment, in portions; nothing when it is gone. */
  read(segment: number): AsyncIterable<readonly string[]>;
  remove(segment: number): Promise<void>;
  close(): Promise<void>;
}

/** What a keeper is made with. */
export interface AuditKeeperOptions {
  readonly medium: AuditMedium;
  readonly clock: Clock;
  readonly limits: AuditLimits;
  /** Told when old segments could not be put away; the log goes on. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

type Facts = { -readonly [K in keyof SegmentFacts]: SegmentFacts[K] };

/** The log. Made by `openAuditKeeper`. */
class AuditKeeper implements AuditLog {
  readonly durability: AuditLog['durability'];
  readonly #options: AuditKeeperOptions;
  readonly #open = new OpenAllows();
  readonly #facts = new Map<number, Facts>();
  #rotating: Promise<void> | undefined;

  constructor(options: AuditKeeperOptions) {
    this.#options = options;
    this.durability = options.medium.durability;
  }

  /** Reads what is there. */
  async load(): Promise<void> {
    for (const segment of this.#options.medium.segments()) {
      const facts = this.#factsOf(segment);
      for await (const { event, chars } of this.#events(segment)) {
        this.#open.take(event);
        count(facts, event, chars);
      }
    }
  }

  allowed(allow: TemporaryAllow): Promise<void> {
    return this.#write({ kind: 'allowed', allow });
  }

  resolved(resolution: AuditResolution): Promise<void> {
    return this.#write({ kind: 'resolved', resolution });
  }

  async *read(filter: AuditFilter = {}): AsyncGenerator<AuditRecord> {
    const { medium } = this.#options;
    await this.#rotating;
    const endings = new Endings();
    for (const segment of medium.segments()) {
      for await (const { event, at } of this.#events(segment)) {
        endings.note(event, at);
      }
    }
    for (const segment of medium.segments()) {
      for await (const { event, at } of this.#events(segment)) {
        const record = endings.record(event, at);
        if (record !== undefined && isWanted(record, filter)) {
          yield record;
        }
      }
    }
  }

  async close(): Promise<void> {
    await this.#rotating;
    await this.#options.medium.close();
  }

  async #write(event: AuditEvent): Promise<void> {
    const line = encodeAudit(event);
    this.#rotateIfDue();
    while (this.#rotating !== undefined) {
      await this.#rotating;
    }
    const { medium } = this.#options;
    this.#open.take(event);
    count(this.#factsOf(medium.segments().at(-1) ?? 0), event, line.length);
    await medium.append([line]);
    this.#rotateIfDue();
  }

  #rotateIfDue(): void {
    const { clock, limits, medium } = this.#options;
    const current = this.#factsOf(medium.segments().at(-1) ?? 0);
    if (this.#rotating === undefined && isSegmentFull(current, limits, clock.now())) {
      this.#rotating = this.#rotate()
        .catch((error: unknown) => this.#options.onFault?.(error))
        .finally(() => {
          this.#rotating = undefined;
        });
    }
  }

  async #rotate(): Promise<void> {
    const { clock, limits, medium } = this.#options;
    await medium.begin();
    const current = this.#factsOf(medium.segments().at(-1) ?? 0);
    for (const segment of medium.segments().slice(0, -1)) {
      const bytes = medium.segments().reduce((sum, one) => sum + this.#factsOf(one).bytes, 0);
      if (!isLeaving(this.#factsOf(segment), { bytes, carriedBytes: current.carriedBytes }, { limits, now: clock.now() })) {
        return;
      }
      const carried = [...(await this.#carried(segment))].map((event) => ({ event, line: encodeAudit(event) }));
      carried.forEach(({ event, line }) => countCarried(current, event, line.length));
      // On the disk in the new place before it leaves the old one.
      await medium.append(carried.map(({ line }) => line));
      await medium.remove(segment);
      this.#facts.delete(segment);
    }
  }

  /** What of a segment is still open, allows of one place as one. */
  async #carried(segment: number): Promise<Iterable<AuditEvent>> {
    const endings = new Endings();
    const events: { readonly event: AuditEvent; readonly at: number }[] = [];
    for await (const { event, at } of this.#events(segment)) {
      endings.note(event, at);
      if (event.kind === 'allowed' && this.#open.isOpen(event.allow.pendingId, event.allow.subject)) {
        events.push({ event, at });
      }
    }
    const carried = new Map<string, AuditEvent>();
    for (const { event, at } of events) {
      if (event.kind === 'allowed' && endings.record(event, at)?.resolution === undefined) {
        const hasPlace = auditPlace(event.allow.subject) !== '';
        const key = hasPlace ? joinKey(event.allow) : `${carried.size}`;
        carried.set(key, folded(carried.get(key), event));
      }
    }
    return carried.values();
  }

  async *#events(segment: number): AsyncGenerator<{ readonly event: AuditEvent; readonly at: number; readonly chars: number }> {
    // Positions rise from segment to segment, whatever is taken away meanwhile.
    let at = segment * 2 ** 32;
    for await (const lines of this.#options.medium.read(segment)) {
      for (const line of lines) {
        at++;
        const event = decodeAudit(line);
        if (event !== undefined) {
          yield { event, at, chars: line.length };
        }
      }
    }
  }

  #factsOf(segment: number): Facts {
    const known = this.#facts.get(segment);
    if (known !== undefined) {
      return known;
    }
    const facts: Facts = { bytes: 0, carriedBytes: 0, firstAt: undefined, lastAt: undefined };
    this.#facts.set(segment, facts);
    return facts;
  }
}

/** A log over a medium, with everything read that is there. */
export async function openAuditKeeper(options: AuditKeeperOptions): Promise<AuditLog & { close(): Promise<void> }> {
  const keeper = new AuditKeeper(options);
  await keeper.load();
  return keeper;
}

/** A log over a medium that is empty. */
export function createAuditKeeper(options: AuditKeeperOptions): AuditLog {
  return new AuditKeeper(options);
}

/** Bytes of a line besides its text: the head of a journal record. */
const lineOverheadBytes = 24;

function count(facts: Facts, event: AuditEvent, chars: number): void {
  const at = instantOf(event);
  facts.bytes += chars + lineOverheadBytes;
  facts.firstAt = Math.min(facts.firstAt ?? at, at);
  facts.lastAt = Math.max(facts.lastAt ?? at, at);
}

function countCarried(facts: Facts, event: AuditEvent, chars: number): void {
  const at = instantOf(event);
  facts.bytes += chars + lineOverheadBytes;
  facts.carriedBytes += chars + lineOverheadBytes;
  facts.lastAt = Math.max(facts.lastAt ?? at, at);
}

function instantOf(event: AuditEvent): number {
  return event.kind === 'allowed' ? (event.repeats?.lastAt ?? event.allow.at) : event.resolution.at;
}

function folded(before: AuditEvent | undefined, event: AuditEvent & { readonly kind: 'allowed' }): AuditEvent {
  if (before?.kind !== 'allowed') {
    return event;
  }
  const times = (before.repeats?.times ?? 0) + 1 + (event.repeats?.times ?? 0);
  return { ...before, repeats: { times, lastAt: event.repeats?.lastAt ?? event.allow.at } };
}
