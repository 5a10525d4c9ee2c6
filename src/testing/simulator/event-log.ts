/** What happened in a simulation, as lines: two runs were the same when their digests are. */

/** The record of one run. */
export interface EventLog {
  readonly note: (line: string) => void;
  /** The first lines, as many as are kept. */
  readonly lines: readonly string[];
  /** Lines in all. */
  readonly count: number;
  /** 16 hex digits over all lines, those that are not kept as well (two FNV-1a, no cryptographic digest). */
  digest(): string;
}

/** An empty record that keeps the first `keep` lines. */
export function createEventLog(keep: number): EventLog {
  const lines: string[] = [];
  let count = 0;
  let [a, b] = [0x811c9dc5, 0x050c5d1f];
  return {
    lines,
    get count() {
      return count;
    },
    note(line) {
      count++;
      if (lines.length < keep) {
        lines.push(line);
      }
      for (let at = 0; at <= line.length; at++) {
        const unit = at < line.length ? line.charCodeAt(at) : 0x0a;
        a = Math.imul(a ^ unit, 0x01000193);
        b = Math.imul(b ^ unit, 0x01000197);
      }
    },
    digest: () => [a, b].map((one) => (one >>> 0).toString(16).padStart(8, '0')).join(''),
  };
}
