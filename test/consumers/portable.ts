/** A host of the portable core: every entry that needs no Node, with nothing of Node's types in sight. */
import {
  bytesSubject,
  createEngine,
  createHostLists,
  createMemoryCache,
  createPolicy,
  digestSubject,
  parseConfig,
  toRecord,
  urlSubject,
  VedetteError,
  worst,
} from 'vedette';
import type { Checker, CheckResult, Engine, EngineConfig, EngineEvent, Json, Status, Subject, Verdict } from 'vedette';
import { openIndexedDbStores, type IndexedDbStores, type StoreDamage } from 'vedette/adapters/indexeddb';
import { compile, detectFormat, type Compiled, type CompileReport, type SourceFormat } from 'vedette/compile';
import { createInProcessServer, createTestSigner, eicar, fakeChecker, FakeClock, fileEntry } from 'vedette/testing';
import { registrableDomain } from 'vedette/url';

const config: EngineConfig = {
  name: 'gateway',
  servers: [{ address: 'https://reputation.example', scope: 'global', trust: ['ed25519:AAAA'] }],
  policy: { base: 'gateway', unknown: { any: 'hold', deadline: 'block' }, malicious: { remedy: 'quarantine' } },
  level: 'medium',
  limits: { maxConcurrent: 4 },
  query: { holdMs: 8_000, coalesce: 'call' },
  background: 'manual',
};

export async function patterns(text: string): Promise<Compiled> {
  const format: SourceFormat | undefined = detectFormat('daily.hsb');
  const sources = [{ name: 'daily.hsb', format: format ?? 'hsb', text }];
  const compiled = await compile(sources, { generation: 1, createdAt: Date.now(), registrableDomain });
  const report: CompileReport = compiled.report;
  console.log(report.sources.length);
  return compiled;
}

export async function inBrowser(): Promise<{ readonly engine: Engine; readonly stores: IndexedDbStores }> {
  const onDamage = ({ store, key, became }: StoreDamage): void => console.log(store, key, became);
  const stores = await openIndexedDbStores({ name: 'vedette', maxEntries: 1000, onDamage });
  const { queue, cache, state, lists } = stores;
  return { engine: createEngine({ ...config, parts: { queue, cache, state, lists } }), stores };
}

export async function judge(components: readonly Uint8Array[]): Promise<Access[]> {
  const server = createInProcessServer([fileEntry(eicar(), { name: 'Test.File' })], { signer: await createTestSigner() });
  const engine: Engine = createEngine({
    ...config,
    servers: [server.config],
    parts: { pattern: components, transport: server.transport, registrableDomain, lists: createHostLists(), cache: createMemoryCache() },
  });
  const events: EngineEvent[] = [];
  const off = engine.on('checked', (event) => events.push(event));
  await engine.ready();
  await engine.configure(parseConfig({ ...config }));
  const subjects: Subject[] = [bytesSubject(eicar(), { label: 'a' }), urlSubject('http://bad.example/'), digestSubject('00'.repeat(32))];
  const results = await engine.checkMany(subjects, { deadlineMs: 1_000, allMatches: true, trace: true });
  for await (const result of engine.checkAll(subjects, { concurrency: 2, ordered: true })) {
    results.push(result);
  }
  const local: Verdict = engine.checkLocal('http://bad.example/');
  const status: Status = engine.status();
  const record: { readonly [key: string]: Json } = toRecord(worstOf(results));
  console.log(local.disposition, status.ready, record['disposition'], worst(results).decision.access);
  off();
  await engine.close();
  return results.map((result) => result.decision.access);
}

type Access = CheckResult['decision']['access'];

function worstOf(results: readonly CheckResult[]): CheckResult {
  const [first] = results;
  if (first === undefined) {
    throw new RangeError('nothing was judged');
  }
  return first;
}

export async function stream(engine: Engine, body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<CheckResult> {
  const receiver = engine.receive({ label: 'upload', tag: { user: 1 } }, { signal, maxBytes: 1_000_000 });
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    await receiver.write(next.value);
  }
  return receiver.end({ deadlineMs: 500 });
}

export async function later(engine: Engine): Promise<void> {
  const tenant = engine.derive({ name: 'tenant', level: 'high', policy: createPolicy('endpoint') });
  for await (const entry of tenant.pending.list()) {
    const result = await tenant.pending.settled(entry.id);
    console.log(result.occasion === 'late', entry.items.length);
  }
  const { nextAt } = await tenant.maintain({ deadlineMs: 100 });
  console.log(nextAt, (await tenant.pending.counts()).due);
}

/** What a host's own tests do. */
export function unitTest(): Checker {
  const clock = new FakeClock();
  console.log(clock.now());
  return fakeChecker({ otherwise: 'clean' }, { policy: 'report' });
}

export function explain(error: unknown): string {
  if (!VedetteError.is(error)) {
    return String(error);
  }
  switch (error.code) {
    case 'config-invalid':
      return JSON.stringify(error.detail);
    default:
      return error.code;
  }
}

// What must not compile: the declarations are not `any` in disguise.
// @ts-expect-error -- a text is no subject
export const noSubject: Subject = 'http://bad.example/';
// @ts-expect-error -- not one of the codes
export const noCode: VedetteError['code'] = 'exploded';
// @ts-expect-error -- results are read-only
export const write = (result: CheckResult): void => void (result.verdict = { ...result.verdict });
// @ts-expect-error -- durations carry their unit in their name
export const noUnit = (engine: Engine): unknown => engine.check(urlSubject('x:'), { deadline: 5 });
