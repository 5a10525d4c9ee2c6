/**
 * The quickstart: `npm run quickstart [-- PATH…]`. The whole story on this machine, with nothing but loopback: a feed
 * is compiled, a server answers, a tree is checked, the server goes away and comes back. Exit status 0 when everything
 * went as told here, else 1 with the reason.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesSubject, urlSubject } from '../../dist/index.js';
import { createNodeEngine, fileSubject, walk } from '../../dist/node.js';
import { makeFeed } from '../feed/make-feed.mjs';
import * as samples from '../feed/samples.mjs';
import { bold, createTicker, dim, green, printable, red, say, section, table, verdictColour, yellow } from './console.mjs';
import { endAll, startServer, vedette } from './processes.mjs';

const project = fileURLToPath(new URL('../..', import.meta.url));
let work = '';
const at = (...parts) => join(work, ...parts);

/** The story stops where it is not what was told. */
function expect(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

async function main(paths) {
  const startedAt = performance.now();
  const trees = paths.length > 0 ? paths.map((path) => resolve(path)) : [join(project, 'node_modules')];
  for (const tree of trees) {
    expect(existsSync(tree), `${tree} is not there`);
  }
  await compileFeed();
  const server = await serveFeed();
  const planted = plant();
  const checked = await checkEverything(trees, planted, server);
  await loseTheServer(server);
  const late = await bringItBack(server);
  section(6, 'Done');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${green('✓')} ${checked.toLocaleString('en-US')} subjects, ${late} late verdict, all as told: ${bold(`${seconds} s`)} in all`);
}

async function compileFeed() {
  section(1, 'A feed becomes pattern files, signed');
  const keys = await vedette('keygen', '--out', at('keys'));
  expect(keys.code === 0, `keygen: ${keys.stderr}`);
  const sources = makeFeed(at('feed'));
  const compiled = await vedette('compile', ...sources, '--out', at('out'), '--key', at('keys', 'vedette.key'), '--quiet');
  expect(compiled.code === 0, `compile: ${compiled.stderr}`);
  const report = JSON.parse(readFileSync(at('out', 'report.json'), 'utf8'));
  const { signatures, allow, hashes } = report.counts;
  expect(signatures > 0 && hashes.url > 0, 'the feed did not load');
  const files = hashes.file.sha256 + hashes.file.sha1 + hashes.file.md5;
  table(
    [
      ['file', 'bytes', 'holds', 'goes to'],
      ['agent.vap', report.bytes.agent, `${signatures} byte signatures, ${allow} approved`, 'every machine, daily'],
      ['filter.vaf', report.bytes.filter, 'the first 4 bytes of what the server lists', 'every machine, hourly'],
      ['server.vsp', report.bytes.server, `${files} file hashes, ${hashes.url} URL expressions`, 'the server'],
    ],
    { right: [1], colour: [bold] },
  );
}

async function serveFeed() {
  section(2, 'A reputation server answers, in a process of its own');
  const server = await startServer('--server-pattern', at('out', 'server.vsp'), '--key', at('keys', 'vedette.key'));
  say(`${bold(server.url)}  process ${server.pid}`);
  say(`every answer is signed: ${dim(server.key)}`);
  return server;
}

/** Inert samples: one for each layer that can tell. */
function plant() {
  mkdirSync(at('samples'));
  const files = {
    'marker.txt': samples.localSample,
    'approved.txt': samples.approvedSample,
    'only-the-server-knows.txt': samples.remoteSample,
    'nobody-lists-me.txt': samples.cleanSample,
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(at('samples', name), content);
  }
  return [
    ...Object.keys(files).map((name) => fileSubject(at('samples', name))),
    bytesSubject(samples.eicar(), { label: 'eicar.com (in memory)' }),
    urlSubject(samples.badUrl),
    urlSubject(samples.goodUrl),
  ];
}

function openEngine(server) {
  const pattern = async () => ['agent.vap', 'filter.vaf'].map((name) => readFileSync(at('out', name)));
  const key = readFileSync(at('keys', 'vedette.pub'), 'utf8').trim();
  return createNodeEngine(
    {
      dataDir: at('data'),
      servers: [{ address: server.url, scope: 'local', trust: [key] }],
      trust: [key],
      query: { holdMs: 2_000 },
      background: 'manual',
    },
    { pattern },
  );
}

async function checkEverything(trees, planted, server) {
  section(3, 'A tree and the planted samples are checked');
  const engine = openEngine(server);
  const ticker = createTicker();
  const tally = new Map();
  const finds = [];
  let bytes = 0;
  const startedAt = performance.now();
  const count = (result) => {
    const { source, disposition } = result.verdict;
    const row = tally.get(source) ?? { subjects: 0, malicious: 0, clean: 0, unknown: 0, suspicious: 0 };
    tally.set(source, { ...row, subjects: row.subjects + 1, [disposition]: row[disposition] + 1 });
    bytes += result.size ?? 0;
  };
  let done = 0;
  for await (const result of engine.checkAll(walk(trees))) {
    count(result);
    done++;
    ticker.show(`${done.toLocaleString('en-US')} files · ${printable(result.subject.label ?? '').slice(-70)}`);
    if (result.verdict.disposition === 'malicious') {
      finds.push(result);
    }
  }
  ticker.clear();
  const seconds = (performance.now() - startedAt) / 1000;
  const results = await engine.checkMany(planted);
  // What was asked once need not be asked again.
  results.push(await engine.check(fileSubject(at('samples', 'only-the-server-knows.txt'), { label: 'only-the-server-knows.txt, again' })));
  // The host's own word comes before everything else.
  await engine.lists.add({ id: 'ticket-17', effect: 'approved', sha256: results[0].sha256 });
  results.push(await engine.check(fileSubject(at('samples', 'marker.txt'), { label: 'marker.txt, approved by the host' })));
  results.forEach(count);
  await engine.close();

  const mb = bytes / 1e6;
  say(`${trees.map((tree) => printable(relative(process.cwd(), tree) || tree)).join(', ')}: ${bold(done.toLocaleString('en-US'))} files, ${mb.toFixed(0)} MB in ${seconds.toFixed(1)} s ${dim(`(${(done / seconds).toFixed(0)} files/s, ${(mb / seconds).toFixed(0)} MB/s)`)}`);
  console.log();
  printLayers(tally);
  console.log();
  printResults([...finds, ...results]);
  assertPlanted(results);
  return done + results.length;
}

const layers = {
  list: 'lists: the host has decided',
  scan: 'agent pattern: signatures, allow list',
  filter: 'filter: surely not listed, not asked',
  cache: 'cache: an earlier answer',
  query: 'query: the server, by 4-byte prefix',
  none: 'nobody',
};

function printLayers(tally) {
  const rows = Object.entries(layers).map(([source, name]) => {
    const row = tally.get(source) ?? { subjects: 0, malicious: 0, clean: 0, unknown: 0 };
    return [name, row.subjects.toLocaleString('en-US'), row.clean.toLocaleString('en-US'), row.malicious, row.unknown];
  });
  const bad = (text, cell) => (cell > 0 ? red(text) : dim(text));
  const open = (text, cell) => (cell > 0 ? yellow(text) : dim(text));
  table([['who gave the answer', 'subjects', 'clean', 'malicious', 'unknown'], ...rows], { right: [1, 2, 3, 4], colour: [undefined, bold, undefined, bad, open] });
}

function printResults(results) {
  const rows = results.map((result) => {
    const { disposition, source, threats, by } = result.verdict;
    const name = printable(result.subject.label ?? result.subject.url ?? '');
    const short = name.startsWith(work) ? basename(name) : name;
    const what = threats.map((threat) => threat.name).join(', ') || (source === 'list' ? by : '');
    return [short.length > 40 ? `…${short.slice(-39)}` : short, disposition, source, what];
  });
  table([['subject', 'verdict', 'by', 'name'], ...rows], { colour: [undefined, verdictColour, dim] });
}

function assertPlanted(results) {
  const seen = results.map((result) => `${result.verdict.disposition} by ${result.verdict.source}`);
  const told = [
    'malicious by scan', 'clean by scan', 'malicious by query', 'clean by filter', 'malicious by scan',
    'malicious by query', 'clean by filter', 'malicious by cache', 'clean by list',
  ];
  told.forEach((want, index) => {
    const name = results[index].subject.label ?? results[index].subject.url;
    expect(seen[index] === want, `${name}: told was "${want}", seen was "${seen[index]}" (${results[index].verdict.reason ?? 'no reason'})`);
  });
}

async function loseTheServer(server) {
  section(4, 'The server goes away');
  const status = await server.stop();
  expect(status === 0, `the server ended with status ${status}`);
  say(`process ${server.pid} was sent SIGTERM and ended with status ${status}`);
  writeFileSync(at('samples', 'late.txt'), samples.lateSample);
  const engine = openEngine(server);
  const result = await engine.check(fileSubject(at('samples', 'late.txt')));
  await engine.close();
  const { disposition, reason } = result.verdict;
  say(`late.txt arrives: ${verdictColour(disposition)} (${reason}), ${result.pending.kind === 'queued' ? 'flagged on disk' : 'not flagged'}, access for now: ${bold(result.decision.access)}`);
  expect(disposition === 'unknown' && reason === 'unreachable', `late.txt: ${disposition}, ${reason}`);
  expect(result.pending.kind === 'queued' && result.pending.durability === 'disk', 'late.txt was not flagged on disk');
  expect(result.decision.access === 'allow', `late.txt: access ${result.decision.access}`);
  const listed = await vedette('pending', 'list', '--data', at('data'), '--json');
  expect(listed.code === 0 && listed.stdout.includes('late.txt'), `pending list: ${listed.stdout}${listed.stderr}`);
  say(dim('vedette pending list, from another process: 1 entry'));
}

async function bringItBack(before) {
  section(5, 'The server is back, and another process drains the queue');
  const port = new URL(before.url).port;
  const server = await startServer('--server-pattern', at('out', 'server.vsp'), '--key', at('keys', 'vedette.key'), '--port', port);
  say(`${bold(server.url)}  process ${server.pid}`);
  say(dim('vedette pending drain --remedy rename, from another process:'));
  const drain = await vedette(
    'pending', 'drain', '--data', at('data'), '--pattern', at('out'), '--server', server.url,
    '--trust', at('keys', 'vedette.pub'), '--remedy', 'rename', '--json',
  );
  const lines = drain.stdout.trim().split('\n').map((line) => JSON.parse(line));
  const late = lines.filter((line) => line.kind === 'file');
  expect(drain.code === 1 && late.length === 1, `pending drain ended with status ${drain.code}: ${drain.stdout}${drain.stderr}`);
  const [verdict] = late;
  say(`late.txt: ${verdictColour(verdict.disposition)} ${verdict.threats.join(', ')}, by ${verdict.source}, remedy ${bold(verdict.remedy)}: ${verdict.outcome}`);
  expect(verdict.occasion === 'late' && verdict.disposition === 'malicious' && verdict.outcome === 'done', drain.stdout);
  const names = readdirSync(at('samples')).filter((name) => name.startsWith('late.txt'));
  expect(!names.includes('late.txt') && names.length === 1, `the folder holds ${names.join(', ')}`);
  say(`on the disk: late.txt ${dim('→')} ${bold(names[0])}`);
  const again = await vedette('pending', 'list', '--data', at('data'), '--json');
  expect(again.code === 0 && !again.stdout.includes('late.txt'), `the entry is still there: ${again.stdout}`);
  say(dim('the queue is empty: the verdict came once'));
  expect((await server.stop()) === 0, 'the server did not end in order');
  return late.length;
}

function cleanUp() {
  endAll();
  if (work !== '') {
    rmSync(work, { recursive: true, force: true });
  }
}

process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}
try {
  work = mkdtempSync(join(tmpdir(), 'vedette-quickstart-'));
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n${red('✗')} not as told: ${printable(error instanceof Error ? error.message : error)}`);
  process.exitCode = 1;
}
