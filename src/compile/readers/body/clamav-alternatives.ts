/**
 * `(aa|bb)` in a ClamAV body. Generic alternates may hold nibbles, `{n}` and further alternates; these are written out
 * as one flat list, under a limit, since a few nested ones stand for more options than there are atoms.
 */
import type { SignatureNode } from '../../../pattern/signature.js';
import { signatureLimits } from '../../../pattern/signatures/signature-shape.js';
import type { BodyCursor, RunDraft } from './clamav-hex.js';
import { addAnyBytes } from './clamav-hex.js';
import { parseRange } from './clamav-gap.js';

/** Levels of alternates within alternates. */
const maxDepth = 16;

const maxOptions = signatureLimits.maxOptions;
const maxBytes = 16_384;

/** Reads from after the opening parenthesis to after the closing one. @throws BodyFault */
export function parseAlternatives(cursor: BodyCursor, isNegated: boolean): SignatureNode {
  // Depth counts from the deepest allowed: a negation takes no alternates within.
  const options = parseOptions(cursor, isNegated ? maxDepth : 1);
  if (options.every((option) => option.value.length === 0)) {
    throw cursor.fault('alternatives without a byte');
  }
  if (isNegated && !isFixed(options)) {
    throw cursor.fault('only plain bytes of one length can be negated');
  }
  return {
    kind: 'alternatives',
    negated: isNegated,
    options: options.map(({ value, mask }) => ({ value: Uint8Array.from(value), mask: Uint8Array.from(mask) })),
  };
}

function parseOptions(cursor: BodyCursor, depth: number): RunDraft[] {
  if (depth > maxDepth) {
    throw cursor.fault(`alternatives nested in negated ones, or deeper than ${maxDepth}`);
  }
  const options: RunDraft[] = [];
  do {
    options.push(...parseOption(cursor, depth));
    assertSize(cursor, options);
  } while (cursor.takes('|'));
  if (!cursor.takes(')')) {
    throw cursor.fault('")" or "|" was expected');
  }
  return options;
}

/** One option: as many runs as the alternates within it make. */
function parseOption(cursor: BodyCursor, depth: number): RunDraft[] {
  let runs: RunDraft[] = [{ value: [], mask: [] }];
  while (!cursor.isAtEnd && !cursor.sees('|') && !cursor.sees(')')) {
    if (cursor.sees('!')) {
      throw cursor.fault('a negation within alternatives');
    }
    const more = cursor.takes('(') ? parseOptions(cursor, depth + 1) : [parsePiece(cursor)];
    if (runs.length * more.length > maxOptions) {
      throw cursor.fault(`more than ${maxOptions} alternatives`);
    }
    runs = runs.flatMap((run) => more.map((one) => ({ value: [...run.value, ...one.value], mask: [...run.mask, ...one.mask] })));
    assertSize(cursor, runs);
  }
  return runs;
}

/** As many plain bytes as there are, or one `{n}`. */
function parsePiece(cursor: BodyCursor): RunDraft {
  const run: RunDraft = { value: [], mask: [] };
  if (cursor.takes('{')) {
    const range = parseRange(cursor.takeUntil('}'));
    if (range === undefined || range.min !== range.max || range.min > 127) {
      throw cursor.fault('within alternatives a gap can only be {1} to {127}');
    }
    addAnyBytes(run, range.min);
    return run;
  }
  cursor.takeBytes(run);
  return run;
}

function assertSize(cursor: BodyCursor, runs: readonly RunDraft[]): void {
  if (runs.length > maxOptions || runs.reduce((sum, run) => sum + run.value.length, 0) > maxBytes) {
    throw cursor.fault(`alternatives over the limit of ${maxOptions} options and ${maxBytes} bytes`);
  }
}

function isFixed(options: readonly RunDraft[]): boolean {
  return options.every((option) => option.value.length === options[0]!.value.length && option.mask.every((mask) => mask === 0xff));
}
