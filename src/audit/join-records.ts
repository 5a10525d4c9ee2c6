/** From the lines of the log to records: each allow with the resolution that ended it. Pure. */
import { auditPlace, joinKey, type AuditEvent, type Repeats } from './audit-event.js';
import type { AuditFilter, AuditRecord, AuditResolution } from './audit-log.js';

interface Ending {
  /** Position in the log. */
  readonly at: number;
  readonly resolution: AuditResolution;
  taken: boolean;
}

/** The resolutions of a log, to be asked for the end of each allow in the same order. */
export class Endings {
  readonly #byKey = new Map<string, Ending[]>();
  readonly #seen = new Set<string>();

  /** First pass: every event of the log, with its position: positions rise. */
  note(event: AuditEvent, at: number): void {
    if (event.kind === 'resolved') {
      const key = joinKey(event.resolution);
      const ending = { at, resolution: event.resolution, taken: false };
      const known = this.#byKey.get(key);
      if (known === undefined) {
        this.#byKey.set(key, [ending]);
      } else {
        known.push(ending);
      }
    }
  }

  /** Second pass, same positions: the record of an allow; undefined for what is none, or was carried over and is there twice. */
  record(event: AuditEvent, at: number): AuditRecord | undefined {
    if (event.kind !== 'allowed') {
      return undefined;
    }
    const { allow, repeats } = event;
    const key = joinKey(allow);
    const hasPlace = auditPlace(allow.subject) !== '';
    if (hasPlace && this.#isCopy(`${key}\n${allow.at}`)) {
      return undefined;
    }
    const resolution = this.#endOf(key, at, !hasPlace);
    return { ...allow, ...repeated(repeats), ...(resolution === undefined ? {} : { resolution }) };
  }

  /** The first resolution after the allow; where there is no place, each ends one allow. */
  #endOf(key: string, position: number, oneEach: boolean): AuditResolution | undefined {
    const ending = this.#byKey.get(key)?.find(({ at, taken }) => at > position && !(oneEach && taken));
    if (ending !== undefined) {
      ending.taken = true;
    }
    return ending?.resolution;
  }

  /** A process that died between carrying records over and removing their file leaves both. */
  #isCopy(key: string): boolean {
    const known = this.#seen.has(key);
    this.#seen.add(key);
    return known;
  }
}

/** Whether a reader asked for this record. */
export function isWanted(record: AuditRecord, filter: AuditFilter): boolean {
  const { fromAt = Number.NEGATIVE_INFINITY, toAt = Number.POSITIVE_INFINITY, open } = filter;
  const last = record.repeats?.lastAt ?? record.at;
  return last >= fromAt && record.at < toAt && (open === undefined || open === (record.resolution === undefined));
}

function repeated(repeats: Repeats | undefined): Pick<AuditRecord, 'repeats'> {
  return repeats === undefined ? {} : { repeats };
}
