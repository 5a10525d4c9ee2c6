/** msgpackr ships no types for its build without `new Function`; this is the part that the codec uses. */
declare module 'msgpackr/index-no-eval' {
  export function pack(value: unknown): Uint8Array;
  export function unpack(bytes: Uint8Array): unknown;
}
