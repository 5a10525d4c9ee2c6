/**
 * Results as SARIF 2.1.0 (OASIS), for code hosts and CI. Threats are rules; what could not be told is a result of kind
 * `open`, so that an incomplete check does not pass for a clean one.
 */
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } from 'node-sarif-builder';
import type { CheckResult } from '../../base/check-result.js';
import { reasonWords, sourceWords } from './words.js';

/** Collects results into one SARIF log. */
export interface SarifLog {
  add(result: CheckResult): void;
  /** The log as JSON. `complete`: everything that was to be checked was. */
  text(complete: boolean): string;
}

/** Code hosts take no more in one run; beyond it the log only says how many there were. */
const maxResults = 25_000;

/** An empty log of this program. Clean results leave no trace in it. */
export function createSarifLog(version: string): SarifLog {
  const run = new SarifRunBuilder();
  run.initSimple({ toolDriverName: 'vedette', toolDriverVersion: version });
  const rules = new Map<string, number>();
  let results = 0;
  let omitted = 0;

  function ruleIndex(id: string, about: string): number {
    const known = rules.get(id);
    if (known !== undefined) {
      return known;
    }
    run.addRule(new SarifRuleBuilder().initSimple({ ruleId: id, shortDescriptionText: about }));
    rules.set(id, rules.size);
    return rules.size - 1;
  }

  function addResult(result: CheckResult, finding: Finding): void {
    if (results >= maxResults) {
      omitted++;
      return;
    }
    results++;
    const { ruleId, level, text } = finding;
    const builder = new SarifResultBuilder();
    builder.initSimple({ ruleId, level, messageText: text, fileUri: uriOf(result) });
    builder.result.ruleIndex = ruleIndex(ruleId, finding.about);
    if (level === 'none') {
      builder.result.kind = 'open';
    }
    if (result.sha256 !== undefined) {
      builder.result.partialFingerprints = { 'vedette/sha256': result.sha256 };
    }
    run.addResult(builder);
  }

  return {
    add(result) {
      for (const finding of findingsOf(result)) {
        addResult(result, finding);
      }
    },
    text(complete) {
      const notifications = omitted === 0 ? [] : [{ level: 'warning' as const, message: { text: `${omitted} further results are left out` } }];
      run.run.invocations = [{ executionSuccessful: complete, toolExecutionNotifications: notifications }];
      const log = new SarifBuilder();
      log.addRun(run);
      // Not the builder's own output function: it compares every result with every other.
      return JSON.stringify(log.log, null, 1);
    },
  };
}

interface Finding {
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'none';
  readonly about: string;
  readonly text: string;
}

function findingsOf(result: CheckResult): Finding[] {
  const { verdict } = result;
  switch (verdict.disposition) {
    case 'clean':
      return [];
    case 'unknown': {
      const reason = verdict.reason ?? 'internal';
      const why = reasonWords[reason];
      return [{ ruleId: `vedette.unknown.${reason}`, level: 'none', about: `Not verified: ${why}`, text: `Could not be verified: ${why}.` }];
    }
    case 'malicious':
    case 'suspicious': {
      const level = verdict.disposition === 'malicious' ? 'error' : 'warning';
      const unnamed = { name: `vedette.${verdict.disposition}`, type: 'unclassified' };
      return (verdict.threats.length === 0 ? [unnamed] : verdict.threats).map(({ name, type }) => ({
        ruleId: name,
        level,
        about: `${verdict.disposition}: ${type}`,
        text: `${name} (${type}), ${sourceWords(verdict)}.`,
      }));
    }
  }
}

/** A path below the working directory stays relative, as code hosts want it; everything else is absolute. */
function uriOf(result: CheckResult): string {
  const { subject } = result;
  if (subject.kind === 'url') {
    return result.canonical ?? encodeURI(wellFormed(subject.url ?? ''));
  }
  const path = resolve(wellFormed(subject.label ?? subject.locator?.ref ?? ''));
  const below = relative(process.cwd(), path);
  if (below === '' || below.startsWith('..') || isAbsolute(below)) {
    return pathToFileURL(path).href;
  }
  return below.split(/[\\/]/).map(encodeURIComponent).join('/');
}

/** Half a surrogate pair cannot be encoded. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd');
}
