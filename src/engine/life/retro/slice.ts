/**
 * A slice of the remembered entries, judged together: what the local layers leave open is asked in one batch, what is
 * found becomes findings, each in one durable step.
 */
import type { Reason } from '../../../base/verdict.js';
import type { RetroEntry, RetroFinding, RetroLog } from '../../../retro/retro-log.js';
import { askOf } from '../../check/check.js';
import { createRendezvous } from '../../check/rendezvous.js';
import type { EngineCore, Member } from '../../family/core.js';
import { judgeByAnswers, judgeLocally, retroWord, type LocalWord, type RetroWord } from './judge.js';
import { rescan } from './rescan.js';

/** How a slice is judged. */
export interface SliceInput {
  readonly core: EngineCore;
  readonly log: RetroLog;
  readonly signal: AbortSignal;
  /** Contents that can be opened are read again by the byte signatures of now. */
  readonly rescan: boolean;
}

/** What a slice came to. */
export interface SliceEnd {
  readonly judged: number;
  /** Questions put. */
  readonly asked: number;
  readonly findings: readonly RetroFinding[];
  /** Those on which nobody could give a word, each once, with the first reason. */
  readonly open: readonly { readonly key: string; readonly reason: Reason }[];
  /** Nobody answered at all: more of the kind would be asked in vain. */
  readonly starved: boolean;
}

/** One entry for one of the engines that let it through. */
interface Pair {
  readonly entry: RetroEntry;
  readonly member: Member;
  readonly word: LocalWord;
}

/** Judges the entries of these keys. @throws what the log throws. */
export async function judgeSlice(keys: readonly string[], input: SliceInput): Promise<SliceEnd> {
  const entries = (await input.log.find(keys)).filter((entry) => entry !== undefined);
  const pairs = entries.flatMap((entry) => pairsOf(entry, input));
  const words = await wordsOf(pairs, input);
  const findings: RetroFinding[] = [];
  for (const [index, { entry, member }] of pairs.entries()) {
    const word = words[index];
    if (word?.kind === 'malicious') {
      findings.push(...(await input.log.raise(entry.key, word.verdict, member.name)));
    }
  }
  const open = openOf(pairs, words);
  return {
    judged: entries.length,
    asked: pairs.filter(({ word }) => word.kind === 'ask').length,
    findings,
    open,
    starved: open.some(({ reason }) => reason === 'unreachable' || reason === 'throttled'),
  };
}

/** Of two engines that let a content through, the one that no server answered counts. */
function openOf(pairs: readonly Pair[], words: readonly RetroWord[]): SliceEnd['open'] {
  const open = new Map<string, Reason>();
  pairs.forEach(({ entry }, index) => {
    const word = words[index];
    if (word?.kind === 'open' && !(open.has(entry.key) && isUnread(word.reason))) {
      open.set(entry.key, word.reason);
    }
  });
  return Array.from(open, ([key, reason]) => ({ key, reason }));
}

/** The object itself could not be read: no server can help. */
export function isUnread(reason: Reason): boolean {
  return reason === 'unreadable' || reason === 'changed' || reason === 'deadline';
}

/** Each owner has lists of its own. What nobody here let through waits for the engine that did. */
function pairsOf(entry: RetroEntry, { core, signal }: SliceInput): Pair[] {
  const view = core.patterns.view(core.newestGeneration());
  return [...new Set(entry.places.map((place) => place.owner))].flatMap((owner) => {
    const member = core.members.get(owner);
    return member === undefined ? [] : [{ entry, member, word: judgeLocally({ core, member, view, entry, signal }) }];
  });
}

async function wordsOf(pairs: readonly Pair[], input: SliceInput): Promise<RetroWord[]> {
  const asking = pairs.filter(({ word }) => word.kind === 'ask').length;
  const meeting = createRendezvous(asking, askOf(input.core));
  const words = await Promise.all(
    pairs.map(async ({ word }) => {
      if (word.kind === 'told') {
        return retroWord(word.verdict);
      }
      const seat = Symbol('entry');
      try {
        return retroWord(await judgeByAnswers(word, meeting.seat(seat)));
      } finally {
        meeting.leave(seat);
      }
    }),
  );
  if (!input.rescan) {
    return words;
  }
  const rescanned: RetroWord[] = [];
  for (const [index, { entry, member }] of pairs.entries()) {
    const word = words[index] ?? { kind: 'harmless' };
    // One after the other: a hunt is in no hurry, and the host's own checks are.
    rescanned.push(word.kind === 'harmless' ? await rescan(entry, member, input) : word);
  }
  return rescanned;
}
