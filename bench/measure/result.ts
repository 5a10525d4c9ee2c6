/** What came out of a definition. Plain data: it crosses a process border and is kept in records. */

/** Middle and ends of several values. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What came out for one engine. Without a right answer there are no times. */
export type EngineResult = { readonly engine: string; readonly version?: string } & (
  | {
      readonly kind: 'measured';
      /** Units per second of the definition's clock. */
      readonly perSecond: Spread;
      /** Times the baseline in the same rounds; absent when the baseline was not measured. */
      readonly ratio?: Spread;
      /** How much of the input a pass did. */
      readonly amount: number;
      readonly rounds: number;
      readonly setUpMs: number;
      /** That the engine keeps after its set-up. */
      readonly memoryBytes: number;
    }
  | { readonly kind: 'wrong'; readonly expected: string; readonly got: string; readonly amount: number }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
);

/** What came out of one definition. */
export interface DefinitionResult {
  readonly name: string;
  readonly title: string;
  readonly unit: { readonly name: string; readonly per: number };
  readonly clock: 'cpu' | 'wall';
  readonly baseline: string;
  /** Keys in the tables, where memory is given per key. */
  readonly keys?: number;
  readonly engines: readonly EngineResult[];
}
