/**
 * A day in the life of a fleet, on this machine, with nothing but loopback: `node examples/fleet/run.mjs`. A publisher, an
 * origin that is a plain directory, a global server; a customer with a local server, a mirror, and lists and an action table of
 * his own; three agents, one of which leaves the house, and a visitor. Hours pass in leaps. Exit status 0 when everything went as
 * told here, else 1.
 */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { bytesSubject } from '../../dist/index.js';
import { fileSubject } from '../../dist/node.js';
import { bold, green, red, say, section, table, yellow } from '../quickstart/console.mjs';
import { endAll, vedette } from '../quickstart/processes.mjs';
import { components, createAgent, createPublisher, createServer, createSite, createVisitor, passOn } from './cast.mjs';
import { feedOf, lateSample, sample, sha256, siteSays, unwanted } from './feeds.mjs';
import { at, begunAt, clock, expect, hourMs, open, told, until, work } from './stage.mjs';
import { serveDirectory } from './static-server.mjs';

async function main() {
  section(1, 'Everybody starts');
  const publisher = await createPublisher(at('origin'), clock);
  await publisher.publish(1, feedOf(1));
  const origin = await serveDirectory(at('origin'));
  const mirror = await serveDirectory(at('mirror'));
  open.push(origin, mirror);
  syncMirror();
  told('the publisher has published generation 1; origin and mirror are plain directories');
  const site = await createSite(at('site'), clock);
  await site.publish(1, siteSays(1));
  const intranet = await serveDirectory(at('site'));
  open.push(intranet);
  told('the customer has published lists and an action table of his own, by his own keys');
  const servers = { global: await startServer('global', { publisher, origin }), local: await startServer('local', { publisher, origin, site }) };
  servers.global.address = 'https://global.example';
  const cast = { publisher, origin, mirror, site, intranet, servers };
  const first = startAgent('agent-1', cast);
  const relay = await passOn({ dir: at('agent-1'), publisher, clock });
  open.push(relay);
  const agents = [first, startAgent('agent-2', { ...cast, relay }), startAgent('roamer', cast)];
  await Promise.all(agents.map(({ engine }) => engine.ready()));
  await allAt(1, agents, servers);
  await until(() => agents.every(({ engine }) => engine.status().generations.lists === 1 && engine.status().generations.actions === 1), 'all agents have the lists of the site', 10_000);
  told(`${agents.length} agents and 2 servers are at generation 1; the agents have the site's rules too`);
  await judges(agents[0], sample(1), 'malicious');
  const fleet = { ...cast, agents, relay };
  await ownRules(fleet);
  await twoHours(fleet);
  await badUpdate(fleet);
  await lostServer(fleet);
  await rolledBack(fleet);
  await fromNeighbour(fleet);
  await cutOff(fleet);
  overlap(fleet);
}

/** An agent of the house, with the customer's mirror before the origin; `relay`, where it may also ask another agent. */
function startAgent(name, { publisher, origin, mirror, site, intranet, servers, relay }) {
  const inside = { locations: ['internal'] };
  const agent = createAgent({
    name, dir: at(name), publisher, site, servers, clock, location: 'internal',
    sources: [
      { url: mirror.for(name), scope: 'customer', ...inside },
      ...(relay === undefined ? [] : [{ url: relay.url, scope: 'relay', ...inside }]),
      { url: origin.for(name), scope: 'origin' },
    ],
    siteSources: [{ url: intranet.for(name), scope: 'customer' }],
  });
  open.push(agent.engine);
  return agent;
}

function syncMirror() {
  rmSync(at('mirror'), { recursive: true, force: true });
  cpSync(at('origin'), at('mirror'), { recursive: true });
}

async function startServer(name, { publisher, origin, site }) {
  const server = await createServer({ name, dir: at(name), publisher, clock, site, port: 0, sources: [{ url: origin.for(`${name}-server`), scope: 'origin' }] });
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
  const { verdict, pending, decision } = await agent.engine.check(fileSubject(file));
  const reason = verdict.reason === undefined ? '' : ` (${verdict.reason}${pending.kind === 'queued' ? ', flagged on disk' : ''})`;
  const colour = verdict.disposition === 'malicious' ? red : yellow;
  told(`${agent.name} checks a file: ${colour(verdict.disposition)}${reason}${tellers[verdict.source]}`);
  expect(verdict.disposition === expected, `${agent.name} said ${verdict.disposition} (${verdict.reason})`);
  return { verdict, decision };
}

/** Who knew, in words. */
const tellers = { list: ', by the lists', scan: ', by its own pattern', filter: ', by the filter', cache: ', by an answer that it kept', query: ', by the server', none: '' };

async function ownRules({ agents, servers }) {
  section(2, 'What the customer has decided himself');
  const { verdict, decision } = await judges(agents[0], unwanted(1), 'malicious');
  expect(verdict.source === 'list', `the site's lists did not decide, but ${verdict.source}`);
  told(`  access ${decision.access}, remedy ${decision.remedy}: by the site's action table (the default would quarantine it)`);
  expect(decision.access === 'block' && decision.remedy === 'none', `the action table was not applied: ${JSON.stringify(decision)}`);
  const visitor = createVisitor(servers.local, clock);
  open.push(visitor);
  const asked = await visitor.check(bytesSubject(unwanted(1)), { layers: 'remote' });
  const [threat] = asked.verdict.threats;
  told(`a visitor without any pattern asks the local server about it: ${red(asked.verdict.disposition)} (${threat?.name})`);
  expect(asked.verdict.disposition === 'malicious' && threat.name === 'Site.Blocked', `the server answered ${asked.verdict.disposition}`);
}

async function twoHours({ publisher, site, servers, agents, origin, mirror }) {
  section(3, 'Two hourly updates, by deltas; one agent leaves the house');
  for (const generation of [2, 3]) {
    clock.leap(hourMs - ((clock.now() - begunAt) % hourMs));
    const before = origin.asked.length + mirror.asked.length;
    const report = await publisher.publish(generation, feedOf(generation));
    syncMirror();
    await site.publish(generation, siteSays(generation));
    told(`generation ${generation} is published; bytes of each delta, and of the whole file instead of it:`);
    told(report.components.map((one) => `  ${one.kind} ${one.deltaBytes ?? one.fullBytes} of ${one.fullBytes}`).join(', '));
    if (generation === 3) {
      agents[2].go('external');
      told('roamer is outside: origin and global server from now on');
    }
    clock.leap(hourMs - 60_000);
    await allAt(generation, agents, servers);
    const files = [...origin.asked, ...mirror.asked].filter(({ path }) => path.startsWith('targets/'));
    expect(files.some(({ path }) => path.includes('.vdd')) && origin.asked.length + mirror.asked.length > before, 'nobody took a delta');
    await until(() => agents.every(({ engine }) => engine.status().generations.lists === generation), 'all agents have the new lists', 10_000);
    told(`all are at generation ${generation}: filters, server patterns, lists (agent patterns come daily)`);
    await judges(agents[generation === 3 ? 2 : 1], sample(generation), 'malicious');
  }
  await judges(agents[0], unwanted(3), 'malicious');
}

async function badUpdate({ mirror, agents, publisher }) {
  section(4, 'Somebody has taken over the mirror');
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
  section(5, 'The local server is lost, and comes back');
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
  section(6, 'The administrator takes one agent back');
  const [, agent] = agents;
  const ended = await vedette('update', '--rollback', '--component', 'filter', '--data', at(agent.name));
  expect(ended.code === 0, ended.stderr);
  told(`vedette update --rollback: ${ended.stdout.trim()}`);
  const isBack = () => (agent.engine.status().updates?.rolledBack.length ?? 0) > 0 && agent.engine.status().generations.filter === 2;
  await until(() => isBack() && agent.changes.has('rolled-back'), 'the running agent follows', 10_000);
  told(`${agent.name} follows without a restart: filter generation ${agent.engine.status().generations.filter}, ${yellow('rolled back')} in its status`);
  const inspected = await vedette('inspect', at(agent.name));
  expect(inspected.code === 0 && inspected.stdout.includes('ROLLED BACK'), inspected.stdout + inspected.stderr);
  say('vedette inspect says of its directory (the program goes by the real clock, which has not leapt):');
  inspected.stdout.trimEnd().split('\n').slice(1).forEach((line) => say(line.slice(0, 96)));
}

async function fromNeighbour({ publisher, agents, origin, mirror, relay, servers }) {
  section(7, 'The mirror is down, and one agent does not get through to the origin');
  const [first, second] = agents;
  await mirror.close();
  origin.shutOut(second.name);
  await publisher.publish(4, feedOf(4));
  told('generation 4 is published; agent-2 reaches nothing but agent-1, which passes on what it has');
  clock.leap(hourMs);
  await until(() => first.engine.status().generations.filter === 4, 'agent-1 is at generation 4', 10_000);
  clock.leap(hourMs);
  await until(() => second.engine.status().generations.filter === 4, 'agent-2 is at generation 4', 60_000);
  const files = relay.sent.filter((path) => path.startsWith('targets/'));
  expect(files.some((path) => path.startsWith('targets/filter/')), 'agent-2 did not get its filter from agent-1');
  told(`agent-2 is at generation 4, by way of ${green('agent-1')}, which sent it ${files.length === 1 ? 'one file' : `${files.length} files`}`);
  await until(() => second.engine.status().updates.rolledBack.length === 0, 'the rollback is over', 10_000);
  told('the rollback of its filter is over, since a newer generation came');
  await until(() => Object.values(servers).every((server) => server.generation() === 4), 'all servers are at generation 4', 10_000);
  await judges(second, sample(4), 'malicious');
}

async function cutOff({ agents, origin }) {
  section(8, 'No source is in reach outside');
  const [, , roamer] = agents;
  await origin.close();
  clock.leap(50 * hourMs);
  await until(() => roamer.changes.has('stale') && roamer.engine.status().updates?.error !== undefined, 'the age of the pattern is reported', 60_000);
  const { stale, patternAgeMs, updates } = roamer.engine.status();
  told(`roamer: ${yellow(stale ? 'stale' : 'fresh')}, its oldest pattern is ${Math.round(patternAgeMs / hourMs)} h old; last look: ${updates.error.cause}`);
  expect(stale, 'the age was hidden');
}

/** Who has downloaded what: agents and servers have no target in common, and together they have everything. */
function overlap({ origin, mirror, intranet }) {
  section(9, 'Who has downloaded what');
  const asked = [...origin.asked, ...mirror.asked, ...intranet.asked].filter(({ who }) => who !== undefined);
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
  say(`agents and servers have in common: ${both.length === 0 ? green('nothing') : red(both.join(', '))}`);
  say(`together all that is published: ${all.join(', ')}`);
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
