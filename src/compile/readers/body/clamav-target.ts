/**
 * Target types of ClamAV signatures (docs.clamav.net, "ClamAV File Types"): which kind of file a signature is for.
 * Type 8 is not in use: clamscan loads signatures for it and never tries them, so they are reported here.
 */

const targets: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);

/** PE, ELF, Mach-O: the types that have an entry point and sections. */
const executables: ReadonlySet<number> = new Set([1, 6, 9]);

/** A target type, or why it is none. */
export type ParsedTarget = { readonly kind: 'ok'; readonly target: number } | { readonly kind: 'fault'; readonly reason: string };

/** Parses a target type. */
export function parseTarget(field: string): ParsedTarget {
  if (!/^\d{1,3}$/.test(field)) {
    return { kind: 'fault', reason: 'the target type is no number' };
  }
  const target = Number(field);
  return targets.has(target) ? { kind: 'ok', target } : { kind: 'fault', reason: `target type ${target} is not known` };
}

/** True for the types of files that have an entry point and sections. */
export function isExecutable(target: number): boolean {
  return executables.has(target);
}
