/**
 * All shared URL and domain lists, compiled: every entry is found, and nothing benign is flagged that is not itself on a
 * list, whichever way a check goes. Set VEDETTE_SHOW=1 to see each benign URL that really is on a list. A server alone is
 * asked about every fourth of them, in the slow run (FUZZ_RUNS) about all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { urlSubject } from '../../src/base/subject.js';
import type { Verdict } from '../../src/base/verdict.js';
import { compile, type Compiled, type CompileSource, type SourceFormat } from '../../src/compile.js';
import type { CheckOptions, Engine } from '../../src/engine/checker.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpression, urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createEngine } from '../../src/preset/portable.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { registrableDomain } from '../../src/url.js';
import { sharedPath } from '../shared.js';

const crypto = createNodeCrypto();
const folder = sharedPath('data/ioc');
const title = (text: string): string => (folder === undefined ? `${text} (the shared test data is not there)` : text);

interface Lists {
  readonly sources: readonly CompileSource[];
  /** URLs that the lists name, as a user would meet them. */
  readonly listed: readonly string[];
  /** Every listed expression: what "really on a list" means, without a filter, a hash or a server. */
  readonly expressions: ReadonlySet<string>;
  readonly benign: readonly string[];
}

function readLists(root: string): Lists {
  const texts = (kind: string): [string, string][] =>
    readdirSync(join(root, kind)).sort().map((name) => [name, readFileSync(join(root, kind, name), 'utf8')]);
  const sources = (['urls', 'domains'] as const satisfies readonly SourceFormat[]).flatMap((format) =>
    texts(format).map(([name, text]): CompileSource => ({ name: basename(name), format, text })),
  );
  const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const listed = sources.flatMap(({ text, format }) => linesOf(text).map((line) => (format === 'domains' ? `http://${line}/` : line)));
  const expressions = new Set(listed.flatMap((url) => urlExpression(url) ?? []));
  return { sources, listed, expressions, benign: texts('benign').flatMap(([, text]) => linesOf(text)) };
}

/** A way to be judged. */
interface Way {
  readonly engine: Engine;
  readonly judge: (urls: readonly string[]) => Promise<readonly Verdict[]>;
}

async function judgeMany(engine: Engine, urls: readonly string[], options: CheckOptions = {}): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let at = 0; at < urls.length; at += 1000) {
    const results = await engine.checkMany(urls.slice(at, at + 1000).map((url) => urlSubject(url)), { pending: false, ...options });
    verdicts.push(...results.map((result) => result.verdict));
  }
  return verdicts;
}

function asking(compiled: Compiled, pattern: readonly Uint8Array[]): Way {
  const store = createMemoryStore(compiled.server, { crypto });
  const transport = createInProcessTransport(createHandler({ store, crypto, clock: createSystemClock() }));
  const servers = [{ address: 'in-process:lists', scope: 'local' as const }];
  const limits = { maxConcurrent: 1000 };
  const engine = createEngine({ background: 'manual', servers, limits, parts: { crypto, pattern, registrableDomain, transport } });
  return { engine, judge: (urls) => judgeMany(engine, urls) };
}

async function alone(sources: readonly CompileSource[]): Promise<Way> {
  const { agent, filter } = await compile(sources, { generation: 1, createdAt: Date.now(), crypto, localHashes: true });
  const engine = createEngine({ background: 'manual', parts: { crypto, pattern: [agent, filter], registrableDomain } });
  await engine.ready();
  return { engine, judge: async (urls) => urls.map((url) => engine.checkLocal(url)) };
}

const isFlagged = ({ disposition }: Verdict): boolean => disposition === 'malicious';

/** The expressions of a URL that are listed, found without anything that is under test but the expressions themselves. */
function listedParts(url: string, expressions: ReadonlySet<string>): string[] {
  const parsed = canonicalizeUrl(url);
  return parsed.kind === 'url' ? urlExpressions(parsed, { hostRule: 'psl', registrableDomain }).filter((one) => expressions.has(one)) : [];
}

describe('the shared URL and domain lists', () => {
  it.skipIf(folder === undefined)(title('find every entry and flag nothing benign that is not listed, with agent and server, server only and alone'), { timeout: 180_000 }, async () => {
    const { sources, listed, expressions, benign } = readLists(folder!);
    const compiled = await compile(sources, { generation: 1, createdAt: Date.now(), crypto });
    const skipped = compiled.report.sources.reduce((sum, source) => sum + source.skipped.length, 0);
    expect([listed.length > 94_000, compiled.report.counts.hashes.url > 94_000, skipped]).toEqual([true, true, 1]);
    const unusable = new Set(compiled.report.sources.flatMap((source, i) => source.skipped.map(({ line }) => sources[i]!.text.split('\n')[line - 1]?.trim())));
    const usable = listed.filter((url) => !unusable.has(url) && !unusable.has(/^http:\/\/(.*)\/$/.exec(url)?.[1]));
    // A listed host holds for what lies below, as far as expressions reach: five labels less than the host has.
    const below = usable.filter((url, index) => index % 20 === 0 && /^http:\/\/(?:[^/.]+\.){1,3}[^/.]+\/$/.test(url)).map((url) => `${url.replace('://', '://www.')}some/page?q=1`);
    expect(below.length).toBeGreaterThan(1000);

    const ways = { split: asking(compiled, [compiled.agent, compiled.filter]), 'server only': asking(compiled, []), alone: await alone(sources) };
    const truly = new Set(benign.filter((url) => listedParts(url, expressions).length > 0));
    for (const [name, { engine, judge }] of Object.entries(ways)) {
      const stride = name === 'server only' && process.env['FUZZ_RUNS'] === undefined ? 4 : 1;
      const bad = [...usable, ...below].filter((_, index) => index % stride === 0);
      const found = await judge(bad);
      expect([name, bad.filter((_, index) => !isFlagged(found[index]!))]).toEqual([name, []]);
      const some = benign.filter((_, index) => index % stride === 0);
      const verdicts = await judge(some);
      const flagged = some.filter((_, index) => isFlagged(verdicts[index]!));
      expect([name, flagged]).toEqual([name, some.filter((url) => truly.has(url))]);
      // Whoever has nobody to ask cannot tell the few whose first four bytes are those of something listed.
      const unsure = verdicts.filter((verdict) => verdict.disposition === 'unknown' && verdict.reason === 'not-asked');
      expect(unsure.length).toBeLessThanOrEqual(name === 'alone' ? 20 : 0);
      expect(verdicts.filter((verdict) => verdict.disposition === 'suspicious' || (verdict.disposition === 'unknown' && !unsure.includes(verdict)))).toEqual([]);
      // Each that is flagged says which listed expression it is flagged for (the local pattern does not tell).
      const told = verdicts.filter((verdict) => isFlagged(verdict) && verdict.source !== 'scan');
      expect(told.filter(({ expression }) => expression === undefined || !expressions.has(expression))).toEqual([]);
      if (process.env['VEDETTE_SHOW'] !== undefined) {
        const lines = flagged.map((url) => `${url}: ${listedParts(url, expressions).join(', ')}`);
        console.info(`${name}: ${flagged.length} of ${some.length} benign ones are really on a list\n${lines.join('\n')}`);
      }
      await engine.close();
    }
  });
});
