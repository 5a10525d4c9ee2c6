/** The one way from a signature's name to a threat: names are kept as they are, the type is what they tell. */
import type { Threat } from '../base/verdict.js';
import { threatTypeOf } from './readers/threat-type.js';

/** The threat of that name; its type is `unclassified` where the name does not tell (rules: `threatTypeOf`). */
export function threatFromName(name: string): Threat {
  return { name, type: threatTypeOf(name) };
}
