/** `vedette url`: checks URLs, or shows what they are known by. Nothing is fetched or resolved. */
import { fromUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { urlSubject, type Subject } from '../../base/subject.js';
import type { CheckOptions } from '../../engine/checker.js';
import { canonicalizeUrl } from '../../fingerprint/url-canonical.js';
import { urlExpressions } from '../../fingerprint/url-expressions.js';
import type { HostRule } from '../../base/fingerprint.js';
import { registrableDomain } from '../../url.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, type ExitCode } from '../exit-code.js';
import { engineOptions, openEngine } from '../input/engine-options.js';
import { readLimitedFile } from '../input/read-file.js';
import type { Io } from '../io.js';
import { outputOptions } from '../output/options.js';
import { createReport } from '../output/report.js';
import { checkInto } from '../run.js';

const maxListBytes = 256 * 1024 * 1024;

/** The command. */
export const urlCommand: Command = defineCommand({
  name: 'url',
  summary: 'check URLs, or show their canonical form',
  argument: { name: 'URL', count: 'any' },
  options: {
    file: { kind: 'text', value: 'LIST', help: 'also the URLs of this file, one a line; # begins a comment' },
    ...engineOptions,
    level: { kind: 'choice', values: ['low', 'medium', 'high'], help: 'how strictly ratings are taken (medium)' },
    allMatches: { kind: 'switch', help: 'list everything that is known, not only the first' },
    layers: { kind: 'choice', values: ['all', 'local', 'remote'], help: 'which layers are asked (all)' },
    jobs: { kind: 'whole', value: 'N', min: 1, max: 1024, help: 'URLs at a time (64)' },
    canonical: { kind: 'switch', help: 'print canonical form and expressions as JSON lines, check nothing' },
    hostRule: { kind: 'choice', values: ['psl', 'labels5'], help: 'with --canonical: which hosts count (psl)' },
    ...outputOptions,
  },
  async run({ args, options, io }) {
    const urls = [...args, ...(options.file === undefined ? [] : await readList(options.file))];
    if (args.length === 0 && options.file === undefined) {
      throw new VedetteError('config-invalid', 'nothing to check: give URLs, or a list of them with --file');
    }
    if (options.canonical) {
      return printCanonical(urls, options.hostRule ?? 'psl', io);
    }
    const jobs = options.jobs ?? 64;
    const engine = await openEngine(options, io, { jobs });
    try {
      const report = await createReport({ ...options, noun: 'URL', named: new Set(args) }, io);
      urls.forEach(() => report.progress.expect());
      const { allMatches, layers } = options;
      const how: CheckOptions = { allMatches, layers, pending: options.data !== undefined, signal: io.signal };
      await checkInto(report, engine.checkAll(subjectsOf(urls), { ...how, concurrency: jobs, ordered: true }), io);
      return await report.end({ stats: engine.stats() });
    } finally {
      await engine.close();
    }
  },
});

function* subjectsOf(urls: readonly string[]): Generator<Subject> {
  for (const url of urls) {
    yield urlSubject(url);
  }
}

async function readList(file: string): Promise<string[]> {
  const text = fromUtf8(await readLimitedFile(file, maxListBytes));
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

async function printCanonical(urls: readonly string[], hostRule: HostRule, io: Io): Promise<ExitCode> {
  for (const url of urls) {
    const parsed = canonicalizeUrl(url);
    const record =
      parsed.kind === 'url'
        ? { url, canonical: parsed.canonical, expressions: urlExpressions(parsed, { hostRule, registrableDomain }) }
        : { url, canonical: null, reason: parsed.reason };
    await io.line(JSON.stringify(record));
  }
  return exitClean;
}
