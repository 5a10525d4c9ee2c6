/** What the process of one definition is told, and what it says. Plain data. */
import type { Size } from './definition.js';
import type { Plan } from './measure/plan.js';
import type { DefinitionResult } from './measure/result.js';

/** One definition to run. */
export interface Job {
  readonly definition: string;
  readonly size: Size;
  readonly plan: Plan;
  /** Files of the host engines, absolute. */
  readonly hostFiles: readonly string[];
  readonly dataDir: string;
  readonly scratchDir: string;
  readonly workerScript: string;
  readonly program: string;
}

/** How it went. */
export type JobOutcome =
  | { readonly kind: 'done'; readonly result: DefinitionResult }
  | { readonly kind: 'failed'; readonly reason: string };
