/**
 * A day in the life of a fleet, on this machine, with nothing but loopback: `node examples/fleet/run.mjs`. A publisher, an
 * origin that is a plain directory, a global server; a customer with a local server and a mirror of his own; three agents,
 * one of which leaves the house. Hours pass in leaps. Exit status 0 when everything went as told here, else 1.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';
import { fileSubject } from '../../dist/node.js';
import { bold, green, red, say, section, table, yellow } from '../quickstart/console.mjs';
import { endAll, vedette } from '../quickstart/processes.mjs';
import { components, createAgent, createPublisher, createServer } from './cast.mjs';
import { createLeapClock } from './leap-clock.mjs';
import { serveDirectory } from './static-server.mjs';

const hourMs = 3_600_000;
const work = mkdtempSync(join(tmpdir(), 'vedette-fleet-'));
const at = (...parts) => join(work, ...parts);
const clock = createLeapClock();
const begunAt = clock.now();
const open = [];

function expect(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** A line of the timeline: the time of day in the story. */
function told(text) {
  const minutes = 8 * 60 + Math.floor((clock.now() - begunAt) / 60_000);
  const day = minutes >= 1440 ? `+${Math.floor(minutes / 1440)}d ` : '';
  say(`${bold(`${day}${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`)}  ${text}`);
}

/** Waits, in real time, for what the leap has set going; `push` leaps on a little where something is due at random. */
async function until(holds, what, push = 0) {
  for (let turn = 0; turn < 600; turn++) {
    if (await holds()) {
      return;
    }
    if (push > 0 && turn % 10 === 9) {
      clock.leap(push);
    }
    await passing(20);
  }
  throw new Error(`it never came that ${what}`);
}

/** What the publisher knows in a generation: byte signatures, and hashes of which each generation has 20 more. */
function feedOf(generation) {
  const hashes = Array.from({ length: 2000 + 20 * generation }, (_, n) => sha256(`Vedette fleet sample ${n}`));
  const known = Array.from({ length: generation }, (_, n) => [sample(n + 1), lateSample(n + 1)]).flat().map((bytes) => sha256(bytes));
  const markers = Array.from({ length: 60 }, (_, n) => `Vedette.Fleet.Marker${n}:0:*:${Buffer.from(`fleet-marker-${n}-${sha256(String(n)).slice(0, 24)}`).toString('hex')}`);
  return [
    { name: 'hashes.txt', format: 'hashes', text: [...hashes, ...known].join('\n') },
    { name: 'markers.ndb', format: 'ndb', text: markers.join('\n') },
  ];
}

const sha256 = (content) => createHash('sha256').update(content).digest('hex');
const sample = (generation) => Buffer.from(`a file that is known from generation ${generation} on`);
const lateSample = (generation) => Buffer.from(`another file that is known from generation ${generation} on`);

async function main() {
  section(1, 'Everybody starts');
  const publisher = await createPublisher(at('origin'), clock);
  await publisher.publish(1, feedOf(1));
  const origin = await serveDirectory(at('origin'));
  const mirror = await serveDirectory(at('mirror'));
  open.push(origin, mirror);
  syncMirror();
  told('the publisher has published generation 1; origin and mirror are plain directories');
  const servers = { global: await startServer('global', { publisher, origin }), local: await startServer('local', { publisher, origin }) };
  servers.global.address = 'https://global.example';
  const agents = ['agent-1', 'agent-2', 'roamer'].map((name) =>
    createAgent({
      name, dir: at(name), publisher, servers, clock, location: 'internal',
      sources: [{ url: mirror.for(name), scope: 'customer', locations: ['internal'] }, { url: origin.for(name), scope: 'origin' }],
    }),
  );
  open.push(...agents.map(({ engine }) => engine));
  await Promise.all(agents.map(({ engine }) => engine.ready()));
  await allAt(1, agents, servers);
  told(`${agents.length} agents and 2 servers are at generation 1`);
  await judges(agents[0], sample(1), 'malicious');
  const fleet = { publisher, origin, mirror, servers, agents };
  await twoHours(fleet);
  await badUpdate(fleet);
  await lostServer(fleet);
  await rolledBack(fleet);
  await cutOff(fleet);
  overlap(fleet);
}

function syncMirror() {
  rmSync(at('mirror'), { recursive: true, force: true });
  cpSync(at('origin'), at('mirror'), { recursive: true });
}

async function startServer(name, { publisher, origin }) {
  const server = await createServer({ name, dir: at(name), publisher, clock, port: 0, sources: [{ url: origin.for(`${name}-server`), scope: 'origin' }] });
  open.push(server);
  await until(() => server.reports.length > 0, `the ${name} server looks for updates`, 10_000);
  expect(server.reports[0].kind === 'updated', `${name}: ${JSON.stringify(server.reports[0].refused)}`);
  await server.start();
  told(`the ${name} server answers from generation ${server.generation()}`);
  return server;
}

async function allAt(generation, agents, servers) {
  const behind = () => agents.filter(({ engine }) => engine.status().generations.filter !== generation);
  await until(() => behind().length === 0, `all agents are at generation ${generation}`, 10_000);
  await until(() => Object.values(servers).every((server) => server.generation() === generation), `all servers are at generation ${generation}`, 10_000);
}

async function judges(agent, bytes, expected) {
  const file = at(`download-${sha256(bytes).slice(0, 8)}`);
  writeFileSync(file, bytes);
  const { verdict, pending } = await agent.engine.check(fileSubject(file));
  const reason = verdict.reason === undefined ? '' : ` (${verdict.reason}${pending.kind === 'queued' ? ', flagged on disk' : ''})`;
  const colour = verdict.disposition === 'malicious' ? red : yellow;
  told(`${agent.name} checks a file: ${colour(verdict.disposition)}${reason}, by ${verdict.source}`);
  expect(verdict.disposition === expected, `${agent.name} said ${verdict.disposition} (${verdict.reason})`);
}

async function twoHours({ publisher, servers, agents, origin, mirror }) {
  section(2, 'Two hourly updates, by deltas; one agent leaves the house');
  for (const generation of [2, 3]) {
    clock.leap(hourMs - ((clock.now() - begunAt) % hourMs));
    const before = origin.asked.length + mirror.asked.length;
    const report = await publisher.publish(generation, feedOf(generation));
    syncMirror();
    told(`generation ${generation} is published; bytes of the deltas, and of the whole files:`);
    told(report.components.map((one) => `  ${one.kind} ${one.deltaBytes ?? one.fullBytes} of ${one.fullBytes}`).join(', '));
    if (generation === 3) {
      agents[2].go('external');
      told('roamer is outside: origin and global server from now on');
    }
    clock.leap(hourMs - 60_000);
    await allAt(generation, agents, servers);
    const files = [...origin.asked, ...mirror.asked].filter(({ path }) => path.startsWith('targets/'));
    expect(files.some(({ path }) => path.includes('.vdd')) && origin.asked.length + mirror.asked.length > before, 'nobody took a delta');
    told(`all are at generation ${generation}`);
    await judges(agents[generation === 3 ? 2 : 1], sample(generation), 'malicious');
  }
}

async function badUpdate({ mirror, agents, publisher }) {
  section(3, 'Somebody has taken over the mirror');
  const thief = await createPublisher(at('thief'), clock);
  await thief.publish(9, feedOf(1));
  rmSync(at('mirror'), { recursive: true, force: true });
  cpSync(at('thief'), at('mirror'), { recursive: true });
  told('the mirror now shows generation 9, signed by keys that nobody was told to trust');
  clock.leap(hourMs);
  const isTold = ({ engine }) => engine.status().updates?.error?.cause === 'too-few-signatures';
  await until(() => agents.slice(0, 2).every(isTold), 'the agents refuse it', 10_000);
  for (const { name, engine } of agents.slice(0, 2)) {
    const { error, source } = engine.status().updates;
    expect(engine.status().generations.filter === 3, `${name} took the bad update`);
    told(`${name} refuses: ${yellow(error.cause)}; generation 3 stays in use`);
    expect(!source.startsWith(mirror.for(name)), `${name} believed the mirror`);
  }
  expect(publisher.root !== thief.root, 'the thief has a root of his own');
  syncMirror();
  told('the mirror is restored');
}

async function lostServer({ servers, agents }) {
  section(4, 'The local server is lost, and comes back');
  await servers.local.stop();
  told('the local server is gone');
  await judges(agents[0], lateSample(2), 'unknown');
  await servers.local.start();
  told('the local server is back');
  await until(() => agents[0].late.length > 0, 'the flagged file is checked again', 30_000);
  const [late] = agents[0].late;
  const isEmpty = ({ due, waiting = 0, claimed, dead }) => due + waiting + claimed + dead === 0;
  await until(async () => isEmpty(await agents[0].engine.pending.counts()), 'nothing is pending any more');
  told(`${agents[0].name} has checked it again by itself: ${red(late.verdict.disposition)}, late; nothing is pending`);
  expect(late.verdict.disposition === 'malicious', 'the late verdict is another');
}

async function rolledBack({ agents }) {
  section(5, 'The administrator takes one agent back');
  const [, agent] = agents;
  const ended = await vedette('update', '--rollback', '--component', 'filter', '--data', at(agent.name));
  expect(ended.code === 0, ended.stderr);
  told(`vedette update --rollback: ${ended.stdout.trim()}`);
  await until(() => (agent.engine.status().updates?.rolledBack.length ?? 0) > 0, 'the running agent follows', 10_000);
  expect(agent.engine.status().generations.filter === 2 && agent.changes.has('rolled-back'), 'the agent did not go back');
  told(`${agent.name} follows without a restart: filter generation ${agent.engine.status().generations.filter}, ${yellow('rolled back')} in its status`);
  const inspected = await vedette('inspect', at(agent.name));
  expect(inspected.code === 0 && inspected.stdout.includes('ROLLED BACK'), inspected.stdout + inspected.stderr);
  say('vedette inspect says of its directory:');
  inspected.stdout.trimEnd().split('\n').slice(1).forEach((line) => say(line.slice(0, 96)));
}

async function cutOff({ agents, origin }) {
  section(6, 'No source is in reach outside');
  const [, , roamer] = agents;
  await origin.close();
  clock.leap(50 * hourMs);
  await until(() => roamer.changes.has('stale') && roamer.engine.status().updates?.error !== undefined, 'the age of the pattern is reported', 60_000);
  const { stale, patternAgeMs, updates } = roamer.engine.status();
  told(`roamer: ${yellow(stale ? 'stale' : 'fresh')}, its oldest pattern is ${Math.round(patternAgeMs / hourMs)} h old; last look: ${updates.error.cause}`);
  expect(stale, 'the age was hidden');
}

/** Who has downloaded what: agents and servers have no target in common, and together they have everything. */
function overlap({ origin, mirror }) {
  section(7, 'Who has downloaded what');
  const asked = [...origin.asked, ...mirror.asked].filter(({ who }) => who !== undefined);
  const names = [...new Set(asked.map(({ who }) => who))].sort();
  const componentsOf = (list) => [...new Set(list.filter(({ path }) => path.startsWith('targets/')).map(({ path }) => path.split('/')[1]))].sort();
  const bytesOf = (list) => list.reduce((sum, { bytes }) => sum + bytes, 0);
  table(
    [
      ['who', 'files', 'deltas', 'bytes', 'components'],
      ...names.map((who) => {
        const own = asked.filter((one) => one.who === who && one.path.startsWith('targets/'));
        return [who, own.length, own.filter(({ path }) => path.includes('.vdd')).length, bytesOf(own), componentsOf(own).join(', ')];
      }),
    ],
    { right: [1, 2, 3], colour: [bold] },
  );
  const isServer = ({ who }) => who.endsWith('-server');
  const [byServers, byAgents] = [componentsOf(asked.filter(isServer)), componentsOf(asked.filter((one) => !isServer(one)))];
  const both = byAgents.filter((component) => byServers.includes(component));
  const all = [...new Set([...byAgents, ...byServers])].sort();
  expect(both.length === 0, `agents and servers both download ${both.join(', ')}`);
  expect(all.join() === [...components].sort().join(), `together they have ${all.join(', ')}`);
  say(`in common: ${both.length === 0 ? green('nothing') : red(both.join(', '))}; together: ${all.join(', ')}, all that is published`);
}

const realStart = performance.now();
process.once('SIGTERM', () => finish(143));
process.once('SIGINT', () => finish(130));

function finish(code) {
  endAll();
  rmSync(work, { recursive: true, force: true });
  process.exit(code);
}

try {
  await main();
  console.log();
  say(`${green('✓')} as told: ${Math.round((clock.now() - begunAt) / hourMs)} h in ${((performance.now() - realStart) / 1000).toFixed(1)} s`);
  for (const one of open.reverse()) {
    await one.close().catch(() => undefined);
  }
  finish(0);
} catch (error) {
  console.error(`${red('✗')} ${error.message}`);
  finish(1);
}
