/**
 * Step 4: one attempt at one server: the items that are still open become questions no larger than it takes, the
 * answers go to the items. What was not answered is blamed on the server, and where it would say the same again, spent.
 */
import { prefixAt } from '../../base/fingerprint.js';
import { blame, itemKey } from './coalesce.js';
import { Few } from './few.js';
import type { Answer, Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { AskEnd, Asker } from './asker.js';
import type { Item, ItemKey } from './coalesce.js';
import type { ReputationSource } from '../reputation-source.js';
import type { ServerEntry } from '../server-list.js';

/** Questions of one attempt that are on the wire at a time, where a server takes few hashes in one. */
const lanes = 4;

/** One attempt. */
export interface AttemptOptions {
  readonly entry: ServerEntry;
  /** Open items of one kind and algorithm. */
  readonly items: readonly Item[];
  readonly asker: Asker;
  readonly clock: Clock;
  /** Calls the attempt off. */
  readonly signal: AbortSignal;
  readonly onAnswer: (item: Item, answer: Answer) => void;
}

/** How an attempt went: `answered` when any question was, `failed` when any failed, `waits` when the server asked for a wait. */
export interface AttemptEnd {
  readonly answered: boolean;
  readonly failed: boolean;
  readonly waits: boolean;
}

/** Asks the server about all items. Never rejects. */
export async function attempt(options: AttemptOptions): Promise<AttemptEnd> {
  const parts = questionsOf(options.items, options.entry.source);
  const ends: AskEnd[] = [];
  const runLane = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      ends.push(mustStop(options) ? leaveOut(part) : await askPart(part, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, parts.length) }, runLane));
  return {
    answered: ends.some((end) => end.kind === 'answer' || end.kind === 'wait'),
    failed: ends.some((end) => end.kind === 'failed'),
    waits: ends.some((end) => end.kind === 'wait'),
  };
}

/** A server that has asked for a wait, whoever it told so, is not sent the rest. */
function mustStop({ entry, signal, clock }: AttemptOptions): boolean {
  return signal.aborted || entry.state().waitUntilMs > clock.monotonicMs();
}

function leaveOut(part: Part): AskEnd {
  part.items.forEach((items) => items.forEach((item) => blame(item, 'throttled')));
  return { kind: 'called-off' };
}

/** One question, and the items of each of its hashes: several where they are told apart by more than is asked. */
interface Part {
  readonly question: Question;
  readonly items: readonly Few<Item>[];
}

async function askPart({ question, items }: Part, options: AttemptOptions): Promise<AskEnd> {
  const { entry, asker, signal, onAnswer } = options;
  const isAnswered = new Array<boolean>(items.length).fill(false);
  const end = await asker.ask(entry, question, {
    signal,
    onAnswer: (index, answer) => {
      isAnswered[index] = true;
      items[index]?.forEach((item) => onAnswer(item, answer));
    },
  });
  items.forEach((ofHash, index) => {
    if (isAnswered[index] === false) {
      ofHash.forEach((item) => blameFor(end, item, entry.source));
    }
  });
  return end;
}

function blameFor(end: AskEnd, item: Item, { id, silence }: ReputationSource): void {
  switch (end.kind) {
    case 'wait':
      return blame(item, 'throttled');
    case 'answer':
      if (silence !== 'abstains') {
        blame(item, 'bad-answer');
      }
      item.spent.add(id);
      return;
    case 'failed':
      blame(item, end.reason);
      if (!end.retry) {
        item.spent.add(id);
      }
      return;
    case 'called-off':
      return;
  }
}

/**
 * Unique hashes, at most `maxBatch` to a question. They are copies: a view of a full hash would give a prefix source
 * the rest of it.
 */
function questionsOf(items: readonly Item[], source: ReputationSource): Part[] {
  const [first] = items;
  if (first === undefined) {
    return [];
  }
  const byPrefix = source.asks === 'prefix';
  const ofHashes = byHash(items, byPrefix);
  const { kind, algorithm } = first.topic;
  const parts: Part[] = [];
  for (let at = 0; at < ofHashes.length; at += source.maxBatch) {
    const some = ofHashes.slice(at, at + source.maxBatch);
    const hashes = some.map(({ hash }) => (byPrefix ? prefixAt(hash, 0) : hash.slice()));
    parts.push({ question: { kind, algorithm, hashes }, items: some.map((one) => one.items) });
  }
  return parts;
}

interface ItemsOfHash {
  readonly hash: Uint8Array;
  readonly items: Few<Item>;
}

/** Those with one hash, or prefix, together. Items that are told apart by just that are so already. */
function byHash(items: readonly Item[], byPrefix: boolean): readonly ItemsOfHash[] {
  if (items.every(({ key }) => typeof key === (byPrefix ? 'number' : 'string'))) {
    return items.map((item) => ({ hash: item.hash, items: new Few(item) }));
  }
  const byKey = new Map<ItemKey, ItemsOfHash>();
  for (const item of items) {
    const key = itemKey(item.hash, byPrefix);
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, { hash: item.hash, items: new Few(item) });
    } else {
      known.items.add(item);
    }
  }
  return [...byKey.values()];
}
