/**
 * The engine: a check goes through this story, step by step, and stops at the first layer that can tell.
 *
 *    subject: a file's bytes, a URL, or a digest
 *        │  opened once; every chunk goes to the matcher session and to the digests in one pass
 *    0 lists      host approved > host blocked > site lists               ── clean / malicious ─▶ verdict
 *    1 scan       allow-listed > byte signatures > local hashes           ── clean / malicious ─▶ verdict
 *        │ cannot tell
 *    2 filter     prefix sets of what the server knows                    ── surely not listed ─▶ clean
 *        │ maybe
 *    3 cache      by (kind, algorithm, prefix)                            ── fresh answer ─────▶ verdict
 *        │ miss
 *    4 query      servers: batch, coalesce, retry, fail over              ── answered ─▶ cache ─▶ verdict
 *        │ nobody could be reached
 *    5 pending    flagged durably, access by policy for the time being    ── unknown, pending
 *        │ a server answers again
 *        └────────▶ every flagged subject is checked anew, from step 0
 *    6 decide     policy(verdict) → access and remedy; remedies through the ActionHandler
 *
 * Which step comes next is decided in `story/next-step.ts`; the steps are in `story/local-steps.ts` (0 to 2) and
 * `story/remote-steps.ts` (3, 4), what they amount to in `story/verdicts.ts`, the end in `check/conclude.ts` (5, 6);
 * what happens later is in `life/`, what engines of one family share in `family/`. The calls of a host come in by
 * `face.ts`; `check/check.ts` tells the story for one subject, many, or a stream.
 */
import { createMember } from './family/member.js';
import { createFamily } from './family/family.js';
import { createFace } from './face.js';
import type { Engine } from './checker.js';
import { settingsFrom, type EngineConfig } from './options.js';
import type { Rooms } from './rooms.js';

/** An engine over rooms. Synchronous: opens nothing and starts nothing. The configuration is taken as checked. */
export function assembleEngine(config: EngineConfig, rooms: Rooms): Engine {
  const settings = settingsFrom(config);
  const family = createFamily(settings, rooms);
  const member = createMember(family, { name: settings.name });
  return createFace(family, member, { derived: false });
}
