/** Subjects to flag. Without a test library: child processes use them too. */
import type { NewPending } from '../../src/pending/pending-queue.js';

export const owner = 'main';

/** A file of this content at this place. */
export function fileAt(content: string, place = `/files/${content}`, more: Partial<NewPending> = {}): NewPending {
  return {
    owner,
    kind: 'file',
    key: content,
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash: hashOf(content), size: 9 }],
    reason: 'unreachable',
    subject: { label: place, locator: { scheme: 'file', ref: place } },
    ...more,
  };
}

/** 32 bytes told apart by the text; no digest of anything. */
export function hashOf(text: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + text.charCodeAt(i % text.length)) & 0xff);
}
