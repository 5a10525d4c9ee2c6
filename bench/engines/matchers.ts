/** Scan engines that are matchers: ours, the oracle, and a host's. Bytes are fed as from a file, in chunks of 64 KiB. */
import { bytesSource } from '../../src/base/subject.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import type { Matcher, ScanOutcome } from '../../src/scan/matcher.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import type { Engine } from '../definition.js';
import { running } from '../definition.js';
import { assertMethods } from '../host-engine.js';
import { answerOf, signaturesOf } from '../inputs/literals.js';
import type { ScanInput } from '../inputs/scan-input.js';

const chunkBytes = 65_536;

/** Ours. */
export const vedetteMatcher: Engine<ScanInput> = matcherEngine('vedette matcher', createMatcher);

/** The oracle that ours is tested against: what the clear version costs. */
export const naiveMatcher: Engine<ScanInput> = matcherEngine('naive matcher', createNaiveMatcher);

/** Any matcher. */
export function matcherEngine(name: string, create: (signatures: readonly ByteSignature[]) => Matcher | Promise<Matcher>): Engine<ScanInput> {
  return {
    name,
    async start({ haystack, literals }) {
      const matcher = await create(signaturesOf(literals));
      assertMethods(matcher, ['open']);
      return running({ run: (amount) => scan(matcher, haystack.subarray(0, amount)), answer: answerOfOutcome });
    },
  };
}

function scan(matcher: Matcher, bytes: Uint8Array): ScanOutcome | Promise<ScanOutcome> {
  const session = matcher.open({ allMatches: true, size: bytes.length });
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    session.update(bytes.subarray(at, at + chunkBytes));
  }
  return session.finish(bytesSource(bytes), {});
}

function answerOfOutcome(outcome: ScanOutcome): string {
  const found = answerOf(outcome.findings.map(({ threat }) => threat.name));
  return outcome.incomplete === undefined ? found : `${found}, incomplete: ${outcome.incomplete}`;
}
