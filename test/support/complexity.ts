/** The complexity fit: the slope of log cost over log size, over any number of sizes. */

/** One measurement. */
export interface CostPoint {
  readonly size: number;
  /** Any unit, above zero. */
  readonly cost: number;
}

/** The exponent k of cost = c · size^k by least squares: about 1 for linear, 2 for quadratic. */
export function fitExponent(points: readonly CostPoint[]): number {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const meanX = mean(logs.map(({ x }) => x));
  const meanY = mean(logs.map(({ y }) => y));
  const covariance = mean(logs.map(({ x, y }) => (x - meanX) * (y - meanY)));
  const variance = mean(logs.map(({ x }) => (x - meanX) ** 2));
  return covariance / variance;
}

/** The least CPU time of several runs in ms, after one to warm up: other work on the machine only ever adds. */
export function leastMs(run: () => unknown, runs = 5): number {
  run();
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  // A timer of coarse resolution must not read as free of cost.
  return Math.max(least, 0.005);
}

/** Cost in ms of `run` on an input of each size. */
export function measure<T>(sizes: readonly number[], make: (size: number) => T, run: (input: T) => unknown): CostPoint[] {
  return sizes.map((size) => {
    const input = make(size);
    return { size, cost: leastMs(() => run(input)) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
