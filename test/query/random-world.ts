/**
 * Random scripts: servers that answer, lie down, dawdle, throttle, give half of it, are behind; callers that come,
 * wait for their own time and leave. And what must hold whatever happens: every caller hears in time, and what it
 * hears is what some server really said.
 */
import { toLatin1 } from '../../src/base/bytes.js';
import { hashPrefix } from '../../src/base/fingerprint.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answerTo, fileOf, hashOf } from './scripted-source.js';
import type { Answer, Question } from '../../src/base/fingerprint.js';
import type { Random } from '../../src/base/seams.js';
import type { AskOutcome } from '../../src/query/query-client.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply } from '../../src/query/transport.js';

const subjects = 12;
const perServerMs = 3_000;

/** What a server knows, and what it has been seen to do. */
interface Server {
  readonly id: string;
  readonly generation: number | undefined;
  readonly lists: readonly Uint8Array[];
  readonly asks: 'prefix' | 'full-hash';
  wait: { readonly saidAtMs: number; readonly untilMs: number };
  /** Every answer that left it, with the monotonic instant; `unheeded` when it was told to stop before. */
  readonly said: { readonly atMs: number; readonly answer: Answer; readonly unheeded: boolean }[];
  /** Kinds of reply other than answers that left it. */
  readonly refused: { readonly atMs: number; readonly why: 'wait' | 'bad' | 'failed' }[];
}

/** A source with one promise taken away. */
export type Sabotage = (source: ReputationSource, clock: FakeClock) => ReputationSource;

interface World {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly servers: readonly Server[];
  readonly faults: string[];
}

interface Caller {
  readonly subject: number;
  readonly askedMs: number;
  readonly holdMs: number;
  readonly minGeneration: number | undefined;
  readonly abortAtMs: number | undefined;
  end?: { readonly atMs: number; readonly outcome: AskOutcome | string };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** Plays one script; the faults found, none when all is well. */
export async function play(seed: number, sabotage: Sabotage = (source) => source): Promise<string[]> {
  const random = createSeededRandom(seed);
  const clock = new FakeClock();
  const servers = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => createServer(`s${i}`, random));
  const world: World = { clock, random, servers, faults: [] };
  const cached: { readonly from: string; readonly answer: Answer }[] = [];
  const client = createQueryClient({
    sources: servers.map((server) => sabotage(createSource(server, world), clock)),
    clock,
    random,
    perServerMs,
    order: pick(random, ['listed', 'random']),
    windowMs: pick(random, [0, 0, 50]),
    maxConcurrent: pick(random, [1, 3, 64]),
    hedge: pick(random, [true, false]),
    state: createMemoryState(),
    onAnswers: (_, given, origin) => void cached.push(...given.map((answer) => ({ from: origin.id, answer }))),
  });
  const callers: Caller[] = [];
  const asked: Promise<void>[] = [];
  for (let i = 2 + Math.floor(random() * 8); i > 0; i--) {
    const caller = createCaller(clock, random);
    callers.push(caller);
    asked.push(call(caller, client, world));
    await clock.advance(pick(random, [0, 0, 1, 500, 4_000]));
  }
  await clock.run(Promise.all(asked));
  await clock.advance(61_000); // the longest that a source of these scripts takes
  await settle();
  callers.forEach((caller) => checkCaller(caller, world));
  cached.forEach(({ from, answer }) => checkSaid(from, answer, world));
  if (clock.sleeping > 0 || client.inFlight() > 0) {
    world.faults.push(`${clock.sleeping} waits and ${client.inFlight()} questions are left`);
  }
  await clock.run(client.close());
  return world.faults.map((fault) => `seed ${seed}: ${fault}`);
}

function createServer(id: string, random: Random): Server {
  const lists = Array.from({ length: subjects }, (_, i) => hashOf(i)).filter(() => random() < 0.5);
  return {
    id,
    generation: pick(random, [1, 2, 2, undefined]),
    lists,
    asks: random() < 0.8 ? 'prefix' : 'full-hash',
    wait: { saidAtMs: -1, untilMs: -1 },
    said: [],
    refused: [],
  };
}

function createSource(server: Server, world: World): ReputationSource {
  const { clock, random, faults } = world;
  const health = random();
  return {
    id: server.id,
    scope: pick(random, ['local', 'global']),
    asks: server.asks,
    maxBatch: pick(random, [1, 2, 1000]),
    strength: 4,
    async lookup(question, { signal }) {
      checkQuestion(question, server, world);
      const ignoresSignal = random() < 0.2;
      const afterMs = pick(random, [0, 0, 10, 700, 2_900, 3_500, 60_000]);
      const well = random() < health;
      if (afterMs > 0) {
        await clock.sleep(afterMs, ignoresSignal ? new AbortController().signal : signal);
      }
      const reply = well ? answerAll(question, server, random) : refuse(server, world);
      note(reply, server, { clock, unheeded: signal.aborted });
      if (reply.kind === 'failed' && random() < 0.3) {
        throw new Error('down');
      }
      faults.push(...(signal.aborted && !ignoresSignal ? [`${server.id} was not told to stop`] : []));
      return reply;
    },
  };
}

/** Answers in any order, sometimes with some left out or with something that nobody asked. */
function answerAll(question: Question, server: Server, random: Random): Reply<SourceAnswers> {
  const says = { lists: server.lists, ...(server.generation === undefined ? {} : { generation: server.generation }) };
  const answers = question.hashes.map((hash) => answerTo(hash, says)).filter(() => random() < 0.9);
  answers.sort(() => random() - 0.5);
  if (random() < 0.1) {
    answers.push(answerTo(hashOf(999).slice(0, 4), says));
  }
  return { kind: 'answer', body: { answers } };
}

function refuse(server: Server, { clock, random }: World): Reply<SourceAnswers> {
  const dice = random();
  if (dice < 0.2) {
    const waitMs = pick(random, [100, 2_000, 30_000]);
    server.wait = { saidAtMs: clock.monotonicMs(), untilMs: clock.monotonicMs() + waitMs };
    return { kind: 'wait', waitMs };
  }
  return { kind: 'failed', retry: dice < 0.8, reason: dice < 0.5 ? 'bad-answer' : 'unreachable' };
}

function note(reply: Reply<SourceAnswers>, server: Server, { clock, unheeded }: { readonly clock: FakeClock; readonly unheeded: boolean }): void {
  const atMs = clock.monotonicMs();
  if (reply.kind === 'answer') {
    server.said.push(...reply.body.answers.map((answer) => ({ atMs, answer, unheeded })));
    server.refused.push({ atMs, why: 'bad' }); // Something may have been left out of it.
  } else {
    server.refused.push({ atMs, why: reply.kind === 'wait' ? 'wait' : reply.reason === 'bad-answer' ? 'bad' : 'failed' });
  }
}

function checkQuestion(question: Question, server: Server, { clock, faults }: World): void {
  const length = server.asks === 'prefix' ? 4 : 32;
  if (question.hashes.some((hash) => hash.length !== length || hash.buffer.byteLength !== length)) {
    faults.push(`${server.id} was given ${question.hashes.map((hash) => hash.buffer.byteLength).join()} bytes`);
  }
  if (new Set(question.hashes.map(toLatin1)).size !== question.hashes.length || question.hashes.length === 0) {
    faults.push(`${server.id} was asked the same twice, or nothing`);
  }
  const { saidAtMs, untilMs } = server.wait;
  if (clock.monotonicMs() > saidAtMs && clock.monotonicMs() < untilMs) {
    faults.push(`${server.id} was asked during its wait`);
  }
}

function createCaller(clock: FakeClock, random: Random): Caller {
  const askedMs = clock.monotonicMs();
  return {
    subject: Math.floor(random() * subjects),
    askedMs,
    holdMs: pick(random, [0, 1, 600, 10_000, 10_000]),
    minGeneration: pick(random, [undefined, 1, 2]),
    abortAtMs: random() < 0.15 ? askedMs + 300 : undefined,
  };
}

async function call(caller: Caller, client: ReturnType<typeof createQueryClient>, { clock }: World): Promise<void> {
  const { holdMs, minGeneration } = caller;
  const abort = new AbortController();
  const done = new AbortController();
  if (caller.abortAtMs !== undefined) {
    clock.sleep(300, done.signal).then(() => abort.abort(), () => undefined);
  }
  const options = { holdMs, signal: abort.signal, ...(minGeneration === undefined ? {} : { minGeneration }) };
  const outcome = await client.ask([fileOf(caller.subject)], options).then(
    ([one]) => one!,
    (error: { code: string }) => error.code,
  );
  done.abort();
  caller.end = { atMs: clock.monotonicMs(), outcome };
}

function checkCaller(caller: Caller, world: World): void {
  const { faults } = world;
  const name = `caller at ${caller.askedMs} for ${caller.subject} (min ${caller.minGeneration})`;
  const { end } = caller;
  if (end === undefined) {
    faults.push(`${name} never heard anything`);
    return;
  }
  const latest = Math.min(caller.askedMs + caller.holdMs, caller.abortAtMs ?? Number.POSITIVE_INFINITY);
  if (end.atMs > latest + 1e-6) {
    faults.push(`${name} heard at ${end.atMs}, later than ${latest}`);
  }
  if (typeof end.outcome === 'string') {
    faults.push(...(end.outcome === 'aborted' && end.atMs === caller.abortAtMs ? [] : [`${name} got ${end.outcome}`]));
  } else if (end.outcome.kind === 'answered') {
    checkSaid(end.outcome.from, end.outcome.answer, world);
    faults.push(...(satisfies(caller, end.outcome.answer) ? [] : [`${name} was given an answer that is behind`]));
  } else {
    checkUnanswered(caller, end.outcome, world);
  }
}

/** Whether an answer may settle the caller, in plain words: new enough, or a find of a source without generations. */
function satisfies(caller: Caller, answer: Answer): boolean {
  const isFind = answer.records.some((record) => toLatin1(record.hash) === toLatin1(hashOf(caller.subject)));
  return caller.minGeneration === undefined || (answer.generation === undefined ? isFind : answer.generation >= caller.minGeneration);
}

function isAbout(caller: Caller, { asked }: Answer): boolean {
  const key = toLatin1(asked);
  return key === toLatin1(hashOf(caller.subject)) || key === toLatin1(hashPrefix(hashOf(caller.subject)));
}

/** Exactly what the server knows about what was asked. */
function checkSaid(from: string, answer: Answer, { servers, faults }: World): void {
  const server = servers.find((one) => one.id === from);
  const truth = server?.lists.filter((hash) => answer.asked.every((byte, i) => hash[i] === byte)).map(toLatin1);
  const given = answer.records.map((record) => toLatin1(record.hash));
  if (truth === undefined || truth.join() !== given.join() || answer.generation !== server?.generation) {
    faults.push(`${from} never said what it is said to have said about ${answer.asked[3]}`);
  }
}

function checkUnanswered(caller: Caller, outcome: AskOutcome & { kind: 'unanswered' }, { servers, faults }: World): void {
  const name = `caller at ${caller.askedMs} for ${caller.subject}`;
  const heard = servers.flatMap((server) => server.said).filter(({ answer }) => isAbout(caller, answer));
  // A caller may have joined a question that began before; what was said before it asked was not said to it.
  const inTime = heard.filter(({ atMs }) => atMs > caller.askedMs && atMs < (caller.end?.atMs ?? 0));
  // An exchange that was called off answered a question of somebody who has gone: the cache hears of it, nobody else.
  if (inTime.some(({ answer, unheeded }) => !unheeded && satisfies(caller, answer))) {
    faults.push(`${name} was not given an answer that there was`);
  }
  const mayBeBehind = heard.some(({ answer }) => !satisfies(caller, answer));
  const refused = servers.flatMap((server) => server.refused).map(({ why }) => why);
  const founded = {
    'server-behind': mayBeBehind,
    'bad-answer': refused.includes('bad'),
    throttled: refused.includes('wait'),
    unreachable: true,
  }[outcome.reason];
  faults.push(...(founded ? [] : [`${name} was told ${outcome.reason} for no reason`]));
  const { fallback } = outcome;
  if (fallback !== undefined && (!fallback.answer.records.some((record) => record.hash[3] === caller.subject) || outcome.reason !== 'server-behind')) {
    faults.push(`${name} was given a fallback that is none`);
  }
}
