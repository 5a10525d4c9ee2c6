/**
 * From what a TUF client says when it refuses metadata to the attack that this would have been. A client tells by texts
 * only, wrapped in each other; what no row knows is refused all the same, as `metadata-refused`.
 */

/** A refusal by its name, with what people are told. */
export interface NamedRefusal {
  /** For `detail.cause`. */
  readonly cause: string;
  readonly words: string;
}

/** First match wins: a wrapped text may hold words of two rows. */
const rows: readonly (readonly [pattern: RegExp, cause: string, words: string])[] = [
  [/multiple signatures found for keyid/i, 'duplicate-signatures', 'duplicate signatures: one key was to count twice'],
  [/Duplicate key IDs|duplicate key/i, 'duplicate-keys', 'duplicate keys: one key was to count twice'],
  [/was signed by \d+\/\d+ keys/i, 'too-few-signatures', 'too few signatures by trusted keys'],
  [/is less than current version/i, 'rollback', 'rollback attack: an older version than the one known'],
  [/Expected version \d+, got|does not match snapshot version|version doesn't match timestamp/i, 'mix-and-match', 'mix-and-match attack: versions that do not belong together'],
  [/Missing file .* in new snapshot|Missing .* in snapshot|no delegation found/i, 'role-removed', 'a role that was there is missing'],
  [/is expired/i, 'expired-metadata', 'freeze attack or an abandoned repository: expired metadata'],
  [/Expected (hash|length)|Hash algorithm .* not supported/i, 'substituted-metadata', 'mix-and-match attack: a file is not the one that was signed for'],
  [/expected '\w+', got|Expected '\w+', got/i, 'wrong-type', 'type confusion: metadata of another role'],
  [/Unsupported specVersion|Failed to parse specVersion|Unsupported (key|RSA)/i, 'unsupported-metadata', 'metadata of a form that is not known'],
  [/JSON|must be|is not defined|is not an array|Unexpected|must have|at least|Invalid|Maximum call stack|Cannot read|not iterable/i, 'malformed-metadata', 'malformed metadata'],
];

/** The name of a refusal. Pure. */
export function nameRefusal(text: string): NamedRefusal {
  const row = rows.find(([pattern]) => pattern.test(text));
  return row === undefined ? { cause: 'metadata-refused', words: 'metadata was refused' } : { cause: row[1], words: row[2] };
}
