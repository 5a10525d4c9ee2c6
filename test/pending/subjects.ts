/** Arbitrary subjects. */
import fc from 'fast-check';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import type { Json } from '../../src/base/seams.js';
import type { NewPending } from '../../src/pending/pending-queue.js';

export { fileAt, owner } from './plain-subjects.js';

const hash = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const size = fc.option(fc.nat(), { nil: undefined });

const fingerprint: fc.Arbitrary<Fingerprint> = fc.oneof(
  fc.tuple(hash(32), size).map(([bytes, n]): Fingerprint => ({ kind: 'file', algorithm: 'sha256', hash: bytes, ...(n === undefined ? {} : { size: n }) })),
  hash(20).map((bytes): Fingerprint => ({ kind: 'file', algorithm: 'sha1', hash: bytes })),
  hash(16).map((bytes): Fingerprint => ({ kind: 'file', algorithm: 'md5', hash: bytes })),
  hash(32).map((bytes): Fingerprint => ({ kind: 'url', algorithm: 'sha256', hash: bytes })),
);

/** JSON as it comes back from a record: no negative zero, nothing undefined. */
export const anyJson: fc.Arbitrary<Json> = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

const text = fc.string({ unit: 'binary', maxLength: 40 });

/** Any subject that an engine could flag. */
export const anySubject: fc.Arbitrary<NewPending> = fc
  .record(
    {
      owner: text,
      kind: fc.constantFrom('file' as const, 'url' as const, 'digest' as const),
      key: fc.oneof(text, fc.stringMatching(/^[0-9a-f]{64}$/)),
      fingerprints: fc.array(fingerprint, { maxLength: 4 }),
      reason: fc.constantFrom('unreachable' as const, 'server-behind' as const, 'bad-answer' as const),
      subject: fc.record(
        { label: text, locator: fc.record({ scheme: text, ref: text }), tag: anyJson },
        { requiredKeys: [] },
      ),
      url: text,
      scannedBy: fc.nat(),
    },
    { requiredKeys: ['owner', 'kind', 'key', 'fingerprints', 'reason', 'subject'] },
  );
