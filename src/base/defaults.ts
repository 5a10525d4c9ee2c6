/** Options over their defaults, where what is named but undefined counts as absent: hosts pass on what they were given. */

/** Any of the options, each of which may also be undefined. */
export type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Every option with a value. */
export type Filled<T> = { readonly [K in keyof T]-?: NonNullable<T[K]> };

/** The defaults with everything in their place that is given. */
export function withDefaults<T extends object>(defaults: T, given: Given<T> | undefined): T {
  const named = Object.entries<unknown>(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(named) };
}
