/** The exit status of every command: docs of the command line, "Exit status". */

/** Everything clean, or the command did what it was told. */
export const exitClean = 0;
/** Something malicious or suspicious. */
export const exitFound = 1;
/** Usage or fatal error; one line on standard error says which. */
export const exitFailed = 2;
/** Nothing found, but something is `unknown`. */
export const exitUnknown = 3;

/** The exit status of the program. */
export type ExitCode = typeof exitClean | typeof exitFound | typeof exitFailed | typeof exitUnknown;

/** The status of a run over subjects: a find weighs more than what could not be told. */
export function exitCodeOf(counts: { readonly found: number; readonly unknown: number }): ExitCode {
  if (counts.found > 0) {
    return exitFound;
  }
  return counts.unknown > 0 ? exitUnknown : exitClean;
}
