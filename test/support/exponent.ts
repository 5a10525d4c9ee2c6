/** The complexity fit of STYLE rule 30, over two sizes: the slope of log cost over log size. */
export function growthExponent(cost: (size: number) => number, sizes: readonly [small: number, large: number]): number {
  const [small, large] = sizes;
  return Math.log(cost(large) / cost(small)) / Math.log(large / small);
}
