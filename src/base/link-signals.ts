/**
 * One signal that follows several, for calls that end: unlike `AbortSignal.any`, it can be taken off a signal that
 * lives on (an engine's own end), which would otherwise remember every call that was ever linked to it.
 */

/** A signal that fires with the first of its sources, until it is unlinked. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Takes it off its sources; it does not fire any more. */
  unlink(): void;
}

/** A signal that fires, with the same reason, as soon as one of these has. */
export function linkSignals(sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const given = sources.filter((source) => source !== undefined);
  const unlink = (): void => given.forEach((source) => source.removeEventListener('abort', onAbort));
  function onAbort(this: AbortSignal): void {
    unlink();
    controller.abort(this.reason);
  }
  const fired = given.find((source) => source.aborted);
  if (fired !== undefined) {
    controller.abort(fired.reason);
  } else {
    given.forEach((source) => source.addEventListener('abort', onAbort, { once: true }));
  }
  return { signal: controller.signal, unlink };
}
