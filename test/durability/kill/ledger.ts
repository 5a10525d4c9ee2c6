/** What children said and did, and what is wrong with what they left behind. */
import { readFileSync } from 'node:fs';
import type { PendingEntry } from '../../../src/pending/pending-queue.js';
import { isMalicious } from './phases.js';

/** Everything that the children on one directory said, over all their lives. */
export class Ledger {
  readonly tried = new Set<string>();
  readonly acknowledged = new Set<string>();
  readonly settling = new Set<string>();
  readonly settled = new Set<string>();
  /** Places whose remedy was reported as uncertain. */
  readonly uncertain = new Set<string>();
  /** What the hook complained about. */
  readonly complaints: string[] = [];
  opened = 0;

  hear(line: string): void {
    const [letter, name = '', outcome] = line.split(' ');
    switch (letter) {
      case 'T':
        this.tried.add(name);
        break;
      case 'A':
        this.acknowledged.add(name);
        break;
      case 'S':
        this.settling.add(name);
        if (outcome === 'uncertain') {
          this.uncertain.add(name);
        }
        break;
      case 'D':
        this.settled.add(name);
        break;
      case '!':
        this.complaints.push(line.slice(2));
        break;
      case 'open':
        this.opened++;
        break;
      default:
        break;
    }
  }
}

/** Remedies that were carried out and found carried out, by place. */
export interface Effects {
  readonly applied: ReadonlyMap<string, number>;
  /** Applications that an idempotent handler knew by their key. */
  readonly recognised: number;
}

export function readEffects(file: string): Effects {
  const applied = new Map<string, number>();
  let recognised = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [letter, , place = ''] = line.split(' ');
    if (letter === 'E') {
      applied.set(place, (applied.get(place) ?? 0) + 1);
    }
    recognised += letter === 'R' ? 1 : 0;
  }
  return { applied, recognised };
}

/** What is wrong with the queue and the effects after a kill; empty when nothing is. */
export function faultsAfterKill(ledger: Ledger, entries: readonly PendingEntry[], { applied }: Effects): string[] {
  const there = new Set(entries.flatMap(openPlaces));
  const faults: string[] = ledger.complaints.splice(0);
  for (const place of ledger.acknowledged) {
    if (!ledger.settling.has(place) && !there.has(place)) {
      faults.push(`lost: ${place}`);
    }
  }
  for (const place of there) {
    if (!ledger.tried.has(place)) {
      faults.push(`never asked for: ${place}`);
    }
    if (ledger.settled.has(place)) {
      faults.push(`came back: ${place}`);
    }
  }
  return [...faults, ...faultyEffects(applied)];
}

/** What is wrong when everything was drained. */
export function faultsAtTheEnd(ledger: Ledger, entries: readonly PendingEntry[], { applied }: Effects): string[] {
  const faults = entries.flatMap(openPlaces).map((place) => `still open: ${place}`);
  for (const place of ledger.acknowledged) {
    const isBad = isMalicious(Number(place.split('.').at(-1)));
    if (!ledger.settling.has(place)) {
      faults.push(`never settled: ${place}`);
    } else if (isBad && !applied.has(place) && !ledger.uncertain.has(place)) {
      faults.push(`never treated: ${place}`);
    } else if (!isBad && applied.has(place)) {
      faults.push(`treated without need: ${place}`);
    }
  }
  return [...faults, ...faultyEffects(applied)];
}

function faultyEffects(applied: Effects['applied']): string[] {
  return [...applied].filter(([, times]) => times > 1).map(([place, times]) => `treated ${times} times: ${place}`);
}

function openPlaces(entry: PendingEntry): string[] {
  return entry.items.filter((item) => item.outcome === undefined).map((item) => item.subject.locator?.ref ?? '');
}
