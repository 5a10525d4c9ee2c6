/**
 * Steps 0 to 2: the subject is opened, the lists are asked, the agent pattern and the filter give their word. Nothing
 * here leaves the machine.
 */
import type { Fingerprint } from '../../base/fingerprint.js';
import type { ListKey } from '../../lists/host-lists.js';
import { examine } from './examine.js';
import { afterStep, olderOf, type Examined, type Facts, type Find } from './facts.js';
import { lookAt } from './recall.js';
import type { PatternView } from '../family/patterns.js';
import type { StepContext } from './step-context.js';

/** Opens and reads the subject, in turn. */
export async function examineStep(facts: Facts, context: StepContext): Promise<Facts> {
  const end = context.trace.begin('subject');
  const examined = await (context.received?.(context.reading) ?? examineInTurn(facts, context));
  if (examined.kind === 'failed') {
    end(`failed: ${examined.reason}`, { detail: examined.detail });
    return afterStep(facts, 'examine', { examined });
  }
  end(examined.kind === 'url' ? `${examined.expressions.length} expressions` : `${examined.size ?? 'unknown'} bytes`);
  if (examined.kind !== 'url') {
    context.core.stats.add('bytes', examined.size ?? 0);
  }
  const asked = { kind: facts.kind, open: examined.fingerprints };
  return afterStep(facts, 'examine', { examined, ...asked, unrated: unratedOf(asked, { core: context.core, open: asked.open }) });
}

async function examineInTurn(facts: Facts, context: StepContext): Promise<Examined> {
  const { core, view, member, subject, reading } = context;
  const { layers, allMatches } = facts;
  const { maxFileBytes } = member.limits;
  const how = { view, layers, allMatches, maxFileBytes };
  const looked = subject.kind === 'file' ? await lookAt(subject, how, { scans: core.rooms.scans, signal: reading }) : undefined;
  if (looked?.examined !== undefined) {
    core.stats.add('scanCacheHits');
    return looked.examined;
  }
  const leave = await core.limiter.enter(reading);
  if (leave === undefined) {
    return { kind: 'failed', reason: 'overloaded', detail: 'too many checks are waiting' };
  }
  // A read that ignores its signal must not keep the place of one that would come to an end.
  reading.addEventListener('abort', leave, { once: true });
  try {
    const matcher = layers === 'remote' ? undefined : view.local?.matcher;
    return await examine(subject, { extractor: view.extractor, wants: view.wants, matcher, allMatches, maxFileBytes, looked, signal: reading });
  } finally {
    reading.removeEventListener('abort', leave);
    leave();
  }
}

/** 0: what the host and its site have decided. */
export function listsStep(facts: Facts, context: StepContext): Facts {
  const { examined } = facts;
  const end = context.trace.begin('lists');
  if (examined === undefined || examined.kind === 'failed') {
    return afterStep(facts, 'lists', {});
  }
  const key = keyOf(examined, context.subject);
  const host = context.member.lists.judge(key);
  const site = host === undefined ? context.view.lists?.judge(key) : undefined;
  const listed = host === undefined ? (site === undefined ? undefined : { ...site, list: 'site' }) : { ...host, list: 'host' };
  if (listed === undefined) {
    end('not listed');
    return afterStep(facts, 'lists', {});
  }
  end(listed.effect, { rule: listed.rule, list: listed.list });
  context.core.stats.add('listHits');
  return afterStep(facts, 'lists', { listed });
}

function keyOf(examined: Exclude<Examined, { kind: 'failed' }>, subject: StepContext['subject']): ListKey {
  if (examined.kind !== 'url') {
    return { sha256: examined.sha256 };
  }
  const { canonical, expressions } = examined;
  return { canonical, expressions, ...(subject.kind === 'url' ? { url: subject.url } : {}) };
}

/** 1: allow list, byte signatures, local hashes. */
export function scanStep(facts: Facts, context: StepContext): Facts {
  const { view } = context;
  const { examined } = facts;
  const end = context.trace.begin('scan');
  if (examined === undefined || examined.kind === 'failed') {
    return afterStep(facts, 'scan', {});
  }
  const doubts = [...facts.doubts, ...scanDoubts(examined, view)];
  if (view.local === undefined) {
    end('no agent pattern');
    return afterStep(facts, 'scan', { doubts });
  }
  const by = `agent pattern ${view.local.generation}`;
  const judged = view.local.judge(examined.fingerprints);
  if (judged.kind === 'approved') {
    end('approved', { by: judged.by });
    return afterStep(facts, 'scan', { approvedBy: `${by}: ${judged.by}` });
  }
  const threats = [
    ...(examined.kind === 'url' ? [] : examined.threats),
    ...(judged.kind === 'found' ? judged.threats : []),
  ];
  end(threats.length === 0 ? 'nothing found' : threats.map((threat) => threat.name).join(', '), {
    generation: view.local.generation,
    state: view.localState ?? 'fresh',
  });
  if (threats.length === 0) {
    return afterStep(facts, 'scan', { doubts, settledBy: 'scan' });
  }
  context.core.stats.add('scanFinds');
  const find: Find = { disposition: 'malicious', threats, source: 'scan', by, rank: 0 };
  return afterStep(facts, 'scan', { doubts, finds: [...facts.finds, find] });
}

/** Why "nothing found" by the agent pattern is not the whole truth. */
function scanDoubts(examined: Exclude<Examined, { kind: 'failed' }>, view: PatternView): Facts['doubts'] {
  if (examined.kind === 'url') {
    return [];
  }
  if (view.local === undefined) {
    return ['no-pattern'];
  }
  if (view.localState === 'expired') {
    return ['pattern-expired'];
  }
  if (examined.kind === 'digest') {
    // A digest alone cannot be matched against byte signatures, nor compared with entries of other algorithms.
    const whole = view.local.byteSignatures === 0 && view.wants.md5 === undefined && view.wants.sha1 === undefined;
    return whole ? [] : ['no-content'];
  }
  return examined.doubt === undefined ? [] : [examined.doubt];
}

/** 2: which fingerprints the server might know. */
export function filterStep(facts: Facts, context: StepContext): Facts {
  const { core, view } = context;
  const end = context.trace.begin('filter');
  const filter = view.filter === undefined ? undefined : { covers: view.filter.covers, state: view.filterState ?? 'fresh' };
  const newestGeneration = core.newestGeneration();
  const judgements = view.filter?.judgeAll?.(facts.open) ?? facts.open.map((one) => view.filter?.judge(one) ?? 'maybe');
  const open = facts.open.filter((_, index) => {
    const judgement = judgements[index] ?? 'maybe';
    return core.rooms.rules.filterRuling({ filter, newestGeneration, judgement }) === 'ask';
  });
  const cleared = facts.open.length - open.length;
  const unrated = unratedOf(facts, { core, open });
  end(filter === undefined ? 'no filter' : open.length === 0 ? 'surely not listed' : 'maybe listed', {
    open: open.length,
    cleared,
    ...(unrated.length === 0 ? {} : { unrated: unrated.length }),
    ...(filter === undefined ? {} : { covers: filter.covers, state: filter.state }),
    ...(newestGeneration === undefined ? {} : { newestGeneration }),
  });
  const clearedBy = cleared > 0 && filter !== undefined ? { clearedBy: olderOf(facts.clearedBy, filter.covers) } : {};
  if (open.length === 0 && unrated.length === 0) {
    core.stats.add('filterCleared');
    return afterStep(facts, 'filter', { open, unrated, settledBy: 'filter', ...clearedBy });
  }
  return afterStep(facts, 'filter', { open, unrated, doubts: [...facts.doubts, ...filterDoubts(facts, context)], ...clearedBy });
}

/**
 * What is to be asked of servers that rate, for the sake of the rating alone: a filter tells listed from not listed, and
 * no more. What stays open gets its rating with its answer, where everybody who may answer rates.
 */
export function unratedOf(
  facts: Pick<Facts, 'kind' | 'open'>,
  to: { readonly core: Pick<StepContext['core'], 'servers'>; readonly open: readonly Fingerprint[] },
): readonly Fingerprint[] {
  const { raters, allRate } = to.core.servers();
  if (facts.kind !== 'url' || raters.size === 0) {
    return [];
  }
  return allRate ? facts.open.filter((fingerprint) => !to.open.includes(fingerprint)) : facts.open;
}

/** Without a question, what the filter leaves open stays open. */
function filterDoubts(facts: Facts, context: StepContext): Facts['doubts'] {
  if (facts.layers !== 'local') {
    return [];
  }
  const { filter, filterState } = context.view;
  return [filter === undefined ? 'no-pattern' : filterState === 'expired' ? 'pattern-expired' : 'not-asked'];
}
