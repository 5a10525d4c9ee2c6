/**
 * A `Checker` that answers from tables, for the unit tests of hosts: what a host does with a verdict can be tested
 * without patterns, servers or files that any scanner would object to.
 */
import { createPolicy } from '../../action/create-policy.js';
import type { Policy, PolicyTable } from '../../action/policy.js';
import { concatBytes, toHex } from '../../base/bytes.js';
import type { CheckResult, Pending } from '../../base/check-result.js';
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import { bytesSubject, subjectInfo } from '../../base/subject.js';
import type { ByteSource, FileSubject, Subject, SubjectInfo } from '../../base/subject.js';
import { isPendingReason } from '../../base/verdict.js';
import type { Disposition, Verdict } from '../../base/verdict.js';
import type { CheckOptions, Checker, Receiver } from '../../engine/checker.js';
import { sha256 } from '../../fingerprint/digests.js';

/** What a rule says: a disposition with stand-ins for the rest, or any part of a verdict. */
export type FakeVerdict = Disposition | Partial<Verdict>;

/** The tables, asked in this order; what stands in none of them is `otherwise`. */
export interface FakeRules {
  /** By SHA-256 in hex, of files and digests. */
  readonly sha256?: Readonly<Record<string, FakeVerdict>>;
  /** By the text of a URL subject, as the host gave it. */
  readonly urls?: Readonly<Record<string, FakeVerdict>>;
  /** By label. */
  readonly labels?: Readonly<Record<string, FakeVerdict>>;
  /** `clean` when absent. */
  readonly otherwise?: FakeVerdict;
}

/** Options of a fake checker. */
export interface FakeCheckerOptions {
  /** Turns verdicts into decisions: the built-in `endpoint` when absent. */
  readonly policy?: PolicyTable;
}

/** A checker with a record of what it was asked. */
export interface FakeChecker extends Checker {
  /** Every result that it gave, in order. */
  readonly results: readonly CheckResult[];
  /** What it answers from now on. */
  rules: FakeRules;
}

/** Bytes of a file that a fake checker reads at most. */
const maxFileBytes = 256 * 1024 * 1024;

/** A checker that answers by the rules. It keeps the contract of `Checker`: order, abort, reasons, pending. */
export function fakeChecker(rules: FakeRules, options: FakeCheckerOptions = {}): FakeChecker {
  const decide = createPolicy(options.policy ?? 'endpoint');
  const results: CheckResult[] = [];

  async function check(subject: Subject, checkOptions: CheckOptions = {}): Promise<CheckResult> {
    throwIfAborted(checkOptions.signal);
    const facts = await factsOf(subject, checkOptions);
    throwIfAborted(checkOptions.signal);
    const verdict = facts.verdict ?? verdictFor(checker.rules, subject, facts.sha256);
    const result = resultOf(subject, { id: `fake-${results.length + 1}`, verdict, facts, decide, options: checkOptions });
    results.push(result);
    return result;
  }

  const checker: FakeChecker = {
    rules,
    results,
    check,
    async checkMany(subjects, checkOptions) {
      const all: CheckResult[] = [];
      for (const subject of subjects) {
        all.push(await check(subject, checkOptions));
      }
      return all;
    },
    async *checkAll(subjects, checkOptions) {
      for await (const subject of subjects) {
        yield await check(subject, checkOptions);
      }
    },
    checkLocal: (url) => verdictFor(checker.rules, { kind: 'url', url }, undefined),
    receive: (info, receiveOptions = {}) => receiver(check, info, receiveOptions),
  };
  return checker;
}

/** What a result is made of. */
interface Judged {
  readonly id: string;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly decide: Policy;
  readonly options: CheckOptions;
}

function resultOf(subject: Subject, { id, verdict, facts, decide, options }: Judged): CheckResult {
  const info = { ...subjectInfo(subject), kind: subject.kind, ...(subject.kind === 'url' ? { url: subject.url } : {}) };
  const pending = pendingFor(verdict, id, options);
  return {
    id,
    subject: info,
    ...(facts.sha256 === undefined ? {} : { sha256: facts.sha256 }),
    ...(facts.size === undefined ? {} : { size: facts.size }),
    verdict,
    decision: decide({ verdict, subject: info, occasion: 'now', pending, location: 'external' }),
    occasion: 'now',
    pending,
    members: [],
    trace: options.trace === true ? [{ layer: 'fake', answer: verdict.disposition, tookMs: 0 }] : [],
  };
}

interface Facts {
  readonly sha256?: string;
  readonly size?: number;
  /** Set when the subject could not be read. */
  readonly verdict?: Verdict;
}

async function factsOf(subject: Subject, options: CheckOptions): Promise<Facts> {
  switch (subject.kind) {
    case 'url':
      return {};
    case 'digest':
      return { sha256: toHex(subject.sha256), ...(subject.size === undefined ? {} : { size: subject.size }) };
    case 'file':
      try {
        const content = await readAll(subject, options);
        if (content.length > maxFileBytes) {
          return { verdict: fullVerdict({ disposition: 'unknown', reason: 'limit' }) };
        }
        return { sha256: toHex(sha256(content)), size: content.length };
      } catch (error) {
        throwIfAborted(options.signal);
        const gone = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
        return { verdict: fullVerdict({ disposition: 'unknown', reason: gone ? 'gone' : 'unreadable' }) };
      }
  }
}

async function readAll(subject: FileSubject, options: CheckOptions): Promise<Uint8Array> {
  const source: ByteSource = await subject.open(options);
  try {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (let count = -1; count !== 0 && at <= maxFileBytes; at += count) {
      const into = new Uint8Array(65_536);
      count = await source.read(at, into, options);
      parts.push(into.subarray(0, count));
    }
    return concatBytes(parts);
  } finally {
    await source.close?.();
  }
}

function verdictFor(rules: FakeRules, subject: Subject, digest: string | undefined): Verdict {
  const rule =
    lookUp(rules.sha256, digest) ??
    lookUp(rules.urls, subject.kind === 'url' ? subject.url : undefined) ??
    lookUp(rules.labels, subject.label) ??
    rules.otherwise ??
    'clean';
  return fullVerdict(typeof rule === 'string' ? { disposition: rule } : rule);
}

function lookUp(table: Readonly<Record<string, FakeVerdict>> | undefined, key: string | undefined): FakeVerdict | undefined {
  return table !== undefined && key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A verdict that keeps the rules of verdicts: a find has a threat, what is unknown has a reason. */
function fullVerdict(given: Partial<Verdict>): Verdict {
  const disposition = given.disposition ?? (given.threats?.length ? 'malicious' : given.reason === undefined ? 'clean' : 'unknown');
  const found = disposition === 'malicious' || disposition === 'suspicious';
  return {
    source: disposition === 'unknown' ? 'none' : 'query',
    generations: {},
    ...(disposition === 'unknown' ? { reason: 'unreachable' as const } : {}),
    ...given,
    disposition,
    threats: given.threats ?? (found ? [{ name: `Fake.${disposition}`, type: 'unclassified' }] : []),
  };
}

function pendingFor(verdict: Verdict, id: string, options: CheckOptions): Pending {
  const flagged = verdict.disposition === 'unknown' && verdict.reason !== undefined && isPendingReason(verdict.reason);
  return flagged && options.pending !== false ? { kind: 'queued', id: `${id}-pending`, durability: 'process' } : { kind: 'none' };
}

function receiver(check: Checker['check'], info: SubjectInfo, options: Parameters<Checker['receive']>[1] = {}): Receiver {
  const parts: Uint8Array[] = [];
  let aborted = false;
  const throwIfOver = (): void => {
    throwIfAborted(options.signal);
    if (aborted) {
      throw new VedetteError('aborted', 'the receiver was aborted');
    }
  };
  return {
    async write(chunk) {
      throwIfOver();
      parts.push(chunk);
    },
    async end(checkOptions = {}) {
      throwIfOver();
      return check(bytesSubject(concatBytes(parts), info), { signal: options.signal, ...checkOptions });
    },
    abort() {
      aborted = true;
      parts.length = 0;
    },
  };
}
