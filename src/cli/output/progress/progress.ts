/** Progress as a run tells of it. The bar is in `progress-bar.ts`, which is loaded where there is a terminal. */

/** A bar, or nothing that behaves like one. */
export interface Progress {
  readonly isShown: boolean;
  /** One more thing that will be checked. */
  expect(): void;
  /** One thing checked; its name is shown. */
  advance(name: string, found: number): void;
  /** Runs `write` with the bar out of the way. */
  around(write: () => Promise<void>): Promise<void>;
  stop(): void;
}

/** For pipes, `--quiet` and `--json`. */
export const noProgress: Progress = {
  isShown: false,
  expect: () => undefined,
  advance: () => undefined,
  around: (write) => write(),
  stop: () => undefined,
};
