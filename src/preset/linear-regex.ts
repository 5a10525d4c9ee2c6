/**
 * Regular expressions of list rules in time linear in the text, whatever the expression: RE2 syntax, so without back
 * references and lookaround. JavaScript's own expressions have no bound, and the URLs that they would see are hostile.
 */
import { RE2JS } from 're2js';

/** A test for whether the expression matches anywhere in a text. @throws Error for an expression that is none. */
export function compileLinearRegex(source: string): (text: string) => boolean {
  const compiled = RE2JS.compile(source);
  return (text) => compiled.matcher(text).find();
}
