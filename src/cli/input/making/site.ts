/** A site's rules and its action table, as a person writes them. untrusted: whatever stands in the files. */
import { fromUtf8 } from '../../../base/bytes.js';
import { describeError, VedetteError } from '../../../base/errors.js';
import { parseConfig } from '../../../engine/options.js';
import type { ActionTable } from '../../../action/action-table.js';
import { urlPort } from '../../../fingerprint/url-canonical.js';
import { urlExpression } from '../../../fingerprint/url-expressions.js';
import type { ListRule } from '../../../lists/host-lists.js';
import { createSiteLists } from '../../../lists/site-lists.js';
import { compileLinearRegex } from '../../../preset/linear-regex.js';
import { createSystemClock } from '../../../preset/system-seams.js';
import { readLimitedFile } from '../read-file.js';

const maxBytes = 64 * 1024 * 1024;
const shownFaults = 5;
const fields = new Set(['id', 'effect', 'sha256', 'url', 'exactHost', 'keyword', 'regex', 'untilAt']);

/**
 * The rules of a JSON list, each of which can be used.
 * @throws VedetteError `config-invalid` with the first faults, in one line that names the file.
 */
export async function readListRules(file: string): Promise<readonly ListRule[]> {
  const json = await readJson(file);
  if (!Array.isArray(json)) {
    throw invalid(file, 'expected a list of rules');
  }
  const rules = json as readonly ListRule[];
  const faults = [...shapeFaults(json), ...twice(rules)];
  if (faults.length === 0) {
    const { refused } = createSiteLists({ rules, expression: urlExpression, port: urlPort, compileRegex: compileLinearRegex, clock: createSystemClock() });
    faults.push(...refused.map(({ rule, reason }) => `${rule}: ${reason}`));
  }
  if (faults.length > 0) {
    const more = faults.length > shownFaults ? `; and ${faults.length - shownFaults} more` : '';
    throw invalid(file, `${faults.slice(0, shownFaults).join('; ')}${more}`);
  }
  return rules;
}

/**
 * The action table of a JSON object, as in the configuration of an engine.
 * @throws VedetteError `config-invalid`, in one line that names the file.
 */
export async function readActionTable(file: string): Promise<ActionTable> {
  const actionTable = await readJson(file);
  try {
    return parseConfig({ actionTable }).actionTable ?? fail('expected an action table');
  } catch (error) {
    throw invalid(file, describeError(error));
  }
}

function shapeFaults(rules: readonly unknown[]): string[] {
  return rules.flatMap((rule, index) => {
    const isRule = typeof rule === 'object' && rule !== null && !Array.isArray(rule);
    const unknown = isRule ? Object.keys(rule).filter((name) => !fields.has(name)) : [];
    return isRule ? unknown.map((name) => `rule ${index + 1}: ${JSON.stringify(name)} is not known`) : [`rule ${index + 1}: expected an object`];
  });
}

function twice(rules: readonly ListRule[]): string[] {
  const seen = new Set<unknown>();
  return rules.flatMap((rule) => {
    const id: unknown = rule?.id;
    const isTwice = seen.has(id);
    seen.add(id);
    return isTwice ? [`${String(id)}: there is another rule of this id`] : [];
  });
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readLimitedFile(file, maxBytes);
  try {
    return JSON.parse(fromUtf8(bytes)) as unknown;
  } catch (error) {
    throw invalid(file, `no JSON: ${describeError(error)}`);
  }
}

function fail(message: string): never {
  throw new TypeError(message);
}

function invalid(file: string, message: string): VedetteError {
  return new VedetteError('config-invalid', `${file}: ${message}`);
}
