/** The verdict cache as a list of all that was ever stored and not replaced: what it must say, without how. */
import type { Answer, Fingerprint } from '../../src/base/fingerprint.js';
import type { TwoClocks } from '../support/two-clocks.js';

/** Where answers come from, strongest first. Generations are those of one server pattern. */
export const sources = [
  { id: 'direct', strength: 4, isOurs: true },
  { id: 'relay', strength: 3, isOurs: true },
  { id: 'foreign', strength: 2, isOurs: false },
  { id: 'loopback', strength: 1, isOurs: false },
] as const;

export type Source = (typeof sources)[number];

export interface Kept {
  readonly key: number;
  readonly answer: Answer;
  readonly from: Source;
  readonly wallAt: number;
  readonly trueAt: number;
  readonly process: number;
  /** The wall clock was put back since, by a process that is gone: nobody can tell the age any more. */
  isAgeLost: boolean;
}

/** In forty lines. */
export class CacheModel {
  kept: Kept[] = [];
  process = 0;
  /** Both clocks when this process began. */
  #since: { readonly wall: number; readonly truth: number };
  /** `steady`: the store has a clock of its own that runs on over restarts. */
  constructor(readonly clock: TwoClocks, readonly isSteady: boolean) {
    this.#since = { wall: clock.now(), truth: clock.truth };
  }

  restart(): void {
    this.process++;
    this.#since = { wall: this.clock.now(), truth: this.clock.truth };
  }

  store(key: number, from: Source, answer: Answer): void {
    const { clock, process } = this;
    this.kept = this.kept.filter((one) => one.key !== key || (!replaces(answer, from, one) && (this.isFresh(one) || isFind(one))));
    this.kept.push({ key, answer, from, wallAt: clock.now(), trueAt: clock.truth, process, isAgeLost: false });
    this.kept = this.kept.filter((one) => one.key !== key || this.isFresh(one) || isFind(one));
  }

  /** The kind of answer, and everybody of whom it may be. */
  lookup(key: number, me: Fingerprint, newest: number | undefined): { readonly kind: 'hit' | 'stale' | 'miss'; readonly from: readonly Kept[] } {
    const mine = this.kept.filter((one) => one.key === key);
    const usable = mine.filter((one) => this.isFresh(one) && isCurrent(one, me, newest));
    const strongest = usable.filter((one) => one.from.strength === Math.max(...usable.map((other) => other.from.strength)));
    const finds = strongest.filter((one) => isFind(one, me));
    const doubtful = mine.filter((one) => isFind(one, me) && !usable.includes(one));
    if (finds.length > 0 || (strongest.length > 0 && doubtful.length === 0)) {
      return { kind: 'hit', from: finds.length > 0 ? finds : strongest };
    }
    return doubtful.length > 0 ? { kind: 'stale', from: doubtful } : { kind: 'miss', from: [] };
  }

  isFresh(one: Kept): boolean {
    return this.#ageMs(one) < Math.min(one.answer.ttlMs, 86_400_000);
  }

  /** The most that any clock says; of a process that is gone, no less than this process has lived since. */
  #ageMs(one: Kept): number {
    const wallMs = this.clock.now() - one.wallAt;
    if (this.isSteady || one.process === this.process) {
      return Math.max(wallMs, this.clock.truth - one.trueAt);
    }
    const before = this.#since.wall - one.wallAt;
    return wallMs < 0 ? Infinity : before < 0 ? wallMs : Math.max(wallMs, before + this.clock.truth - this.#since.truth);
  }
}

function replaces(answer: Answer, from: Source, older: Kept): boolean {
  const [now, then] = [answer.generation, older.answer.generation];
  const sameAuthority = then === undefined ? from.id === older.from.id || from.strength > older.from.strength : now !== undefined && now >= then;
  return from.strength >= older.from.strength && sameAuthority;
}

/** Whether it speaks against this hash, or against any. */
export function isFind(one: Pick<Kept, 'answer'>, me?: Fingerprint): boolean {
  return one.answer.records.some((record) => me === undefined || record.hash[31] === me.hash[31]);
}

function isCurrent(one: Kept, me: Fingerprint, newest: number | undefined): boolean {
  const { generation } = one.answer;
  return newest === undefined || (generation === undefined ? isFind(one, me) : generation >= newest);
}
