/** How far a series of events went beyond a token bucket: 0 when it kept to it. Instants in ms, in order. */
export function overspent(times: readonly number[], { perSecond, burst }: { readonly perSecond: number; readonly burst: number }): number {
  let tokens = burst;
  let lowest = burst;
  times.forEach((at, index) => {
    const since = index === 0 ? 0 : at - times[index - 1]!;
    tokens = Math.min(burst, tokens + (since * perSecond) / 1000) - 1;
    lowest = Math.min(lowest, tokens);
  });
  return Math.max(0, Math.ceil(-lowest - 1e-6));
}
