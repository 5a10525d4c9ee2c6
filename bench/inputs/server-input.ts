/** What server engines are given: a server of millions of records as a process of its own, and questions of 100 prefixes. */
import { hashPrefix } from '../../src/base/fingerprint.js';
import { prefixNumber } from '../../src/pattern/hashes/hash-groups.js';
import { nonceBytes } from '../../src/protocol/limits.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import type { BenchContext } from '../definition.js';
import { bareClient } from '../server/bare-client.js';
import { fullRate } from '../server/load.js';
import { startServer, type RunningProgram } from '../server/program.js';
import { fullServer, quickServer, serverFiles, type ServerFiles } from './server-data.js';
import { writeHash } from './synthetic-pattern.js';

/** Prefixes of one request. */
export interface ServerQuestion {
  /** 4 bytes each, unique. */
  readonly prefixes: readonly Uint8Array[];
  /** Prefixes among them under which there are records. */
  readonly listed: number;
}

/** Server and questions. */
export interface ServerInput {
  readonly files: ServerFiles;
  readonly server: RunningProgram;
  /** Asked in turn. */
  readonly questions: readonly ServerQuestion[];
  /** Questions that are on their way at the same time. */
  readonly atOnce: number;
}

/** Prefixes of a question. */
export const batchSize = 100;

/** Starts the server and draws the questions. */
export async function serverInput({ size, dataDir, program }: BenchContext, listedShare: number): Promise<ServerInput> {
  const isFull = size === 'full';
  const files = await serverFiles(dataDir, isFull ? fullServer : quickServer);
  const questions = drawQuestions(files.records, { listedShare, count: isFull ? 1_000 : 20, seed: 31 });
  const server = await startServer(program, { data: files.data, key: files.key, workers: isFull ? undefined : 1 });
  const input = { files, server, questions, atOnce: isFull ? 32 : 4 };
  await warmUp(input, isFull ? warmUpSeconds : 0);
  return input;
}

/** Seconds of load after which a server has gone through its table and runs compiled code. Redis is filled for as long. */
const warmUpSeconds = 10;

async function warmUp(input: ServerInput, seconds: number): Promise<void> {
  const client = await bareClient(input.server.url, input.atOnce);
  await fullRate({ client, requests: requestsOf(input), atOnce: input.atOnce, seconds });
  await client.close();
}

/** Questions about records all over a synthetic pattern. Neighbours of a record may share its prefix, so they are compared. */
export function drawQuestions(records: number, of: { readonly listedShare: number; readonly count: number; readonly seed: number }): ServerQuestion[] {
  const random = createSeededRandom(of.seed);
  return Array.from({ length: of.count }, () => {
    const prefixes = new Map<number, { readonly prefix: Uint8Array; readonly isListed: boolean }>();
    while (prefixes.size < batchSize) {
      const i = Math.floor(random() * records);
      const prefix = prefixOf({ i, records, other: random() >= of.listedShare });
      const number = prefixNumber(prefix);
      const isListed = [i - 1, i, i + 1].some((near) => near >= 0 && near < records && prefixNumber(prefixOf({ i: near, records })) === number);
      prefixes.set(number, { prefix, isListed });
    }
    const all = [...prefixes.values()];
    return { prefixes: all.map(({ prefix }) => prefix), listed: all.filter(({ isListed }) => isListed).length };
  });
}

function prefixOf(of: { readonly i: number; readonly records: number; readonly other?: boolean }): Uint8Array {
  const hash = new Uint8Array(32);
  writeHash(hash, 0, of);
  return hashPrefix(hash).slice();
}

/** The request of each question, padded and wanting a signature over the whole, as clients ask. */
export function requestsOf({ questions }: Pick<ServerInput, 'questions'>): Uint8Array[] {
  return questions.map(({ prefixes }, i) => {
    const nonce = new Uint8Array(nonceBytes).fill(i);
    return encodeQuery({ nonce, groups: [{ kind: 'file', algorithm: 'sha256', prefixes }], wants: 'direct' });
  });
}

/** What the answers to some questions hold. */
export interface ServerOutput {
  readonly questions: number;
  readonly answered: number;
  readonly listed: number;
}

/** How a pass answers. */
export function serverAnswer({ questions, answered, listed }: ServerOutput): string {
  return `${questions} questions, ${answered} prefixes answered, ${listed} listed`;
}

/** What a right pass over `amount` prefixes answers, of the questions that are looked at (by their number; default all). */
export function rightAnswer({ questions }: ServerInput, amount: number, isRead: (index: number) => boolean = () => true): string {
  const count = amount / batchSize;
  const read = Array.from({ length: count }, (_, i) => i % questions.length).filter(isRead);
  const listed = read.reduce((sum, index) => sum + questions[index]!.listed, 0);
  return serverAnswer({ questions: count, answered: read.length * batchSize, listed });
}

/** Asks as many questions as make up `amount` prefixes, `atOnce` of them at a time. `ask` is given the question's number. */
export async function askInLanes(
  { questions, atOnce }: ServerInput,
  amount: number,
  ask: (index: number) => Promise<Omit<ServerOutput, 'questions'>>,
): Promise<ServerOutput> {
  const count = amount / batchSize;
  const sum = { answered: 0, listed: 0 };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const { answered, listed } = await ask(next++ % questions.length);
      sum.answered += answered;
      sum.listed += listed;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return { questions: count, ...sum };
}
