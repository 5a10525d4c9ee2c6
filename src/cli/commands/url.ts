/** `vedette url`: checks URLs, or shows what they are known by. Nothing is fetched or resolved. */
import { access } from 'node:fs/promises';
import { VedetteError } from '../../base/errors.js';
import { urlSubject, type Subject } from '../../base/subject.js';
import type { CheckOptions } from '../../engine/checker.js';
import { canonicalizeUrl } from '../../fingerprint/url-canonical.js';
import { urlExpressions } from '../../fingerprint/url-expressions.js';
import type { HostRule } from '../../base/fingerprint.js';
import { registrableDomain } from '../../url.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, exitFailed, type ExitCode } from '../exit-code.js';
import { engineOptions, openEngine } from '../input/engine-options.js';
import { fileError } from '../input/read-file.js';
import { countUrlLines, standardInput, urlLines } from '../input/url-lines.js';
import type { Io } from '../io.js';
import { outputOptions } from '../output/options.js';
import { createReport, type Report } from '../output/report.js';
import { checkInto } from '../run.js';

/** The command. */
export const urlCommand: Command = defineCommand({
  name: 'url',
  summary: 'check URLs, or show their canonical form',
  argument: { name: 'URL', count: 'any' },
  options: {
    file: { kind: 'text', value: 'LIST', help: 'also the URLs of this file, one a line; # begins a comment, - is standard input' },
    ...engineOptions,
    level: { kind: 'choice', values: ['low', 'medium', 'high'], help: 'how strictly ratings are taken (medium)' },
    blockUntested: { kind: 'switch', help: 'block URLs that no source has rated yet, unless only local servers are asked' },
    allMatches: { kind: 'switch', help: 'list everything that is known, not only the first' },
    layers: { kind: 'choice', values: ['all', 'local', 'remote'], help: 'which layers are asked (all)' },
    jobs: { kind: 'whole', value: 'N', min: 1, max: 1024, help: 'URLs at a time (64)' },
    canonical: { kind: 'switch', help: 'print canonical form and expressions as JSON lines, check nothing' },
    hostRule: { kind: 'choice', values: ['psl', 'labels5'], help: 'with --canonical: which hosts count (psl)' },
    ...outputOptions,
  },
  notes: 'URLs come from the command line, from --file, and from standard input where one of them is "-". Lists may have millions of lines.',
  async run({ args, options, io }) {
    const from: UrlsFrom = { named: args, file: options.file };
    await assertSomething(from);
    if (options.canonical) {
      return printCanonical(from, options.hostRule ?? 'psl', io);
    }
    const jobs = options.jobs ?? 64;
    const engine = await openEngine(options, io, { jobs });
    try {
      const report = await createReport({ ...options, noun: 'URL', named: new Set(args) }, io);
      const stopCounting = countAhead(from, report, io);
      const { allMatches, layers } = options;
      const how: CheckOptions = { allMatches, layers, pending: options.data !== undefined, signal: io.signal };
      await checkInto(report, engine.checkAll(subjectsOf(from, io), { ...how, concurrency: jobs, ordered: true }), io);
      stopCounting();
      return await report.end({ stats: engine.stats() });
    } finally {
      await engine.close();
    }
  },
});

/** Where the URLs come from: the command line first. */
interface UrlsFrom {
  readonly named: readonly string[];
  readonly file: string | undefined;
}

/** A list that is not there is found out before the run. */
async function assertSomething({ named, file }: UrlsFrom): Promise<void> {
  if (named.length === 0 && file === undefined) {
    throw new VedetteError('config-invalid', 'nothing to check: give URLs, a list of them with --file, or - for standard input');
  }
  if ([...named, file].filter((one) => one === standardInput).length > 1) {
    throw new VedetteError('config-invalid', 'standard input can be read only once: one - is enough');
  }
  if (file !== undefined && file !== standardInput) {
    await access(file).catch((error: unknown) => {
      throw fileError(file, error);
    });
  }
}

async function* urlsOf({ named, file }: UrlsFrom, io: Io): AsyncGenerator<string> {
  const lines = (of: string): AsyncIterable<string> => urlLines({ file: of, stdin: () => io.stdin(), signal: io.signal });
  for (const url of named) {
    yield* url === standardInput ? lines(url) : [url];
  }
  if (file !== undefined) {
    yield* lines(file);
  }
}

async function* subjectsOf(from: UrlsFrom, io: Io): AsyncGenerator<Subject> {
  for await (const url of urlsOf(from, io)) {
    yield urlSubject(url);
  }
}

/** Lets the progress bar know how much there will be, while the run has already begun. */
function countAhead({ named, file }: UrlsFrom, report: Report, io: Io): () => void {
  const over = new AbortController();
  named.filter((url) => url !== standardInput).forEach(() => report.progress.expect());
  if (report.progress.isShown && file !== undefined) {
    const signal = AbortSignal.any([io.signal, over.signal]);
    // What cannot be counted is met again by the run itself.
    countUrlLines({ file, stdin: () => io.stdin(), signal }, () => report.progress.expect()).catch(() => undefined);
  }
  return () => over.abort();
}

async function printCanonical(from: UrlsFrom, hostRule: HostRule, io: Io): Promise<ExitCode> {
  for await (const url of urlsOf(from, io)) {
    const parsed = canonicalizeUrl(url);
    const record =
      parsed.kind === 'url'
        ? { url, canonical: parsed.canonical, expressions: urlExpressions(parsed, { hostRule, registrableDomain }) }
        : { url, canonical: null, reason: parsed.reason };
    await io.line(JSON.stringify(record));
    if (io.signal.aborted) {
      return exitFailed;
    }
  }
  return exitClean;
}
