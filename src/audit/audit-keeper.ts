/**
 * The audit log over any medium: what is open, when segments leave and what of them is carried over, and the reading.
 * The medium only keeps lines; both forms of the log, in memory and on disk, are this keeper.
 */
import { createLogTime, type LogTime, type TimeMark } from '../base/log-time.js';
import type { Clock, SteadyClock } from '../base/seams.js';
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
  /**
   * Appends the lines of the step to the current segment, in the turn in which the step is called. Where it rejects
   * without having called it, nothing is kept; otherwise the lines are, and are written once more when the medium is
   * well again. Resolves when they are as durable as the medium is.
   */
  append(step: () => readonly string[]): Promise<void>;
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
  /** The clock of the machine, where it has one. */
  readonly steady?: SteadyClock | undefined;
  readonly limits: AuditLimits;
  /** Told when old segments could not be put away; the log goes on. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

type Facts = { -readonly [K in keyof SegmentFacts]: SegmentFacts[K] };

/** The time of the log is written down this often at least. */
const markEveryMs = 6 * 3_600_000;
const dayMs = 86_400_000;

/** The log. Made by `openAuditKeeper`. */
class AuditKeeper implements AuditLog {
  readonly durability: AuditLog['durability'];
  readonly #options: AuditKeeperOptions;
  readonly #open = new OpenAllows();
  readonly #facts = new Map<number, Facts>();
  readonly #time: LogTime;
  readonly #appending = new Set<Promise<void>>();
  /** When the time was last written down, and in which segment. */
  #marked: { readonly segment: number; readonly at: number } | undefined;
  #rotating: Promise<void> | undefined;

  constructor(options: AuditKeeperOptions) {
    const { clock, steady, limits } = options;
    this.#options = options;
    // While the machine is off only the wall clock goes on, and half of the days is the most that is believed of it.
    this.#time = createLogTime({ clock, steady, maxGapMs: (limits.days * dayMs) / 2 });
    this.durability = options.medium.durability;
  }

  /** Reads what is there. */
  async load(): Promise<void> {
    let left: TimeMark | undefined;
    for (const segment of this.#options.medium.segments()) {
      const facts = this.#factsOf(segment);
      let isTimed = false;
      for await (const { event, chars } of this.#events(segment)) {
        this.#open.take(event);
        facts.bytes += chars + lineOverheadBytes;
        if (event.kind === 'timed') {
          left = event.mark;
          isTimed = true;
          stretch(facts, left.log, left.log + markEveryMs);
        } else if (!isTimed) {
          stretch(facts, instantOf(event), instantOf(event));
        }
      }
    }
    if (left !== undefined) {
      this.#time.resume(left);
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
    await this.#append(() => {
      // Only what the medium has taken counts: what is open is what its lines say.
      this.#open.take(event);
      return [...this.#marks(), line];
    });
    this.#rotateIfDue();
  }

  async #append(step: () => readonly string[]): Promise<void> {
    const { medium } = this.#options;
    const segment = medium.segments().at(-1) ?? 0;
    const work = medium.append(() => {
      const lines = step();
      const facts = this.#factsOf(segment);
      const now = this.#time.now();
      stretch(facts, now, now);
      facts.bytes += lines.reduce((sum, line) => sum + line.length + lineOverheadBytes, 0);
      return lines;
    });
    this.#appending.add(work);
    try {
      await work;
    } finally {
      this.#appending.delete(work);
    }
  }

  /** The line that says what time it is, where it is time to say so. */
  #marks(): readonly string[] {
    const segment = this.#options.medium.segments().at(-1) ?? 0;
    const at = this.#time.now();
    if (this.#marked?.segment === segment && at - this.#marked.at < markEveryMs) {
      return [];
    }
    this.#marked = { segment, at };
    return [encodeAudit({ kind: 'timed', mark: this.#time.mark() })];
  }

  #rotateIfDue(): void {
    const { limits, medium } = this.#options;
    const current = this.#factsOf(medium.segments().at(-1) ?? 0);
    if (this.#rotating === undefined && isSegmentFull(current, limits, this.#time.now())) {
      this.#rotating = this.#rotate()
        .catch((error: unknown) => this.#options.onFault?.(error))
        .finally(() => {
          this.#rotating = undefined;
        });
    }
  }

  async #rotate(): Promise<void> {
    const { limits, medium } = this.#options;
    // What waits for the medium to get well waits for this segment.
    await Promise.allSettled(this.#appending);
    await medium.begin();
    const current = this.#factsOf(medium.segments().at(-1) ?? 0);
    for (const segment of medium.segments().slice(0, -1)) {
      const bytes = medium.segments().reduce((sum, one) => sum + this.#factsOf(one).bytes, 0);
      if (!isLeaving(this.#factsOf(segment), { bytes, carriedBytes: current.carriedBytes }, { limits, now: this.#time.now() })) {
        return;
      }
      const carried = Array.from(await this.#carried(segment), encodeAudit);
      const leaving = this.#factsOf(segment);
      // On the disk in the new place before it leaves the old one.
      await medium.append(() => {
        const bytes = carried.reduce((sum, line) => sum + line.length + lineOverheadBytes, 0);
        current.bytes += bytes;
        current.carriedBytes += bytes;
        current.lastAt = carried.length === 0 ? current.lastAt : Math.max(current.lastAt ?? 0, leaving.lastAt ?? 0);
        return carried;
      });
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

function stretch(facts: Facts, from: number, to: number): void {
  facts.firstAt = Math.min(facts.firstAt ?? from, from);
  facts.lastAt = Math.max(facts.lastAt ?? to, to);
}

/** Of a log of which nobody wrote down the time: that of the record. */
function instantOf(event: Exclude<AuditEvent, { kind: 'timed' }>): number {
  return event.kind === 'allowed' ? (event.repeats?.lastAt ?? event.allow.at) : event.resolution.at;
}

function folded(before: AuditEvent | undefined, event: AuditEvent & { readonly kind: 'allowed' }): AuditEvent {
  if (before?.kind !== 'allowed') {
    return event;
  }
  const times = (before.repeats?.times ?? 0) + 1 + (event.repeats?.times ?? 0);
  const lastAt = Math.max(before.repeats?.lastAt ?? before.allow.at, event.repeats?.lastAt ?? event.allow.at);
  // What was carried over may stand behind what was allowed later.
  return { ...(event.allow.at < before.allow.at ? event : before), repeats: { times, lastAt } };
}
