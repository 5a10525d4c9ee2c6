/** One run of background work that several callers wait for, each as long as its own patience lasts. */
import { abortedError } from '../../base/errors.js';
import type { EngineCore } from '../family/core.js';

/** Work that several callers wait for. */
export interface SharedRun {
  readonly off: AbortController;
  readonly ended: Promise<{ readonly nextAt: number }>;
  callers: number;
}

/** The end of the run, or of one caller's patience; the run is called off when nobody waits for it any more. */
export function share(
  run: SharedRun,
  limits: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number | undefined },
  core: Pick<EngineCore, 'closing' | 'fanOut' | 'rooms'>,
): Promise<{ readonly nextAt: number }> {
  const { clock } = core.rooms;
  run.callers++;
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const leaving: (() => void)[] = [];
    const end = (how: () => void): void => {
      if (over.signal.aborted) {
        return;
      }
      over.abort();
      leaving.forEach((leave) => leave());
      run.callers--;
      how();
      if (run.callers === 0) {
        run.off.abort();
      }
    };
    const ended = (): void => end(() => resolve(run.ended));
    run.ended.then(ended, ended);
    for (const ending of [limits.signal, core.closing]) {
      leaving.push(core.fanOut.follow(ending, () => end(() => reject(abortedError(ending)))));
    }
    if (limits.deadlineMs !== undefined) {
      // Out of time is no failure: what is left is done the next time.
      const outOfTime = (): void => end(() => resolve({ nextAt: clock.now() }));
      clock.sleep(limits.deadlineMs, over.signal).then(outOfTime, () => undefined);
    }
  });
}
