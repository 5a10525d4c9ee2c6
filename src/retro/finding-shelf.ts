/** The findings in memory: as texts, in the order in which they were raised; of those that are settled only the latest. */
import type { RetroEvent } from './retro-event.js';
import type { RetroFinding } from './retro-log.js';
import { isJson, unpackFinding, type StoredFinding } from './stored-finding.js';

/** Findings about which nothing more is to be done. */
const maxSettled = 1000;

/** Findings by id. */
export class FindingShelf {
  readonly #findings = new Map<string, StoredFinding>();
  /** Ids in the order in which they were settled. */
  readonly #settled = new Set<string>();
  #bytes = 0;

  /** Those about which something is still to be done. */
  get open(): number {
    return this.#findings.size - this.#settled.size;
  }

  /** Bytes of the records that make all of them anew, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False for a text that is no finding, or for one that is there. */
  add(id: string, text: string): boolean {
    if (this.#findings.has(id) || unpackFinding(id, { text }) === undefined) {
      return false;
    }
    this.#findings.set(id, { text });
    this.#bytes += bytesOf({ text });
    return true;
  }

  /** Writes JSON on an open finding; false where there is none. */
  note(id: string, what: 'intent' | 'outcome', text: string): boolean {
    const stored = this.#findings.get(id);
    if (stored === undefined || stored.outcome !== undefined || !isJson(text)) {
      return false;
    }
    this.#bytes -= bytesOf(stored);
    stored[what] = text;
    this.#bytes += bytesOf(stored);
    if (what === 'outcome') {
      this.#settled.add(id);
      this.#dropSettled();
    }
    return true;
  }

  isOpen(id: string): boolean {
    return this.#findings.has(id) && !this.#settled.has(id);
  }

  get(id: string): RetroFinding | undefined {
    const stored = this.#findings.get(id);
    return stored === undefined ? undefined : unpackFinding(id, stored);
  }

  ids(): string[] {
    return [...this.#findings.keys()];
  }

  /** Events that make all of them anew. */
  *events(): IterableIterator<RetroEvent> {
    for (const [id, { text, intent, outcome }] of this.#findings) {
      yield { kind: 'found', key: '', findings: [[id, text]] };
      yield* intent === undefined ? [] : [{ kind: 'intended', id, intent } as const];
      yield* outcome === undefined ? [] : [{ kind: 'settled', id, outcome } as const];
    }
  }

  #dropSettled(): void {
    for (const id of this.#settled) {
      if (this.#settled.size <= maxSettled) {
        return;
      }
      this.#bytes -= bytesOf(this.#findings.get(id));
      this.#findings.delete(id);
      this.#settled.delete(id);
    }
  }
}

function bytesOf(stored: StoredFinding | undefined): number {
  return stored === undefined ? 0 : stored.text.length + (stored.intent?.length ?? 0) + (stored.outcome?.length ?? 0) + 150;
}
