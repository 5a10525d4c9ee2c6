/** Judges every URL of some files with the built package, at once and with the server; prints what came out as JSON. */
import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';

const { dist, address, filter, lists, json, sabotage } = JSON.parse(process.argv[2]);
const { createNodeEngine } = await import(pathToFileURL(`${dist}/node.js`).href);
const { urlSubject } = await import(pathToFileURL(`${dist}/index.js`).href);

const listed = lists.flatMap((file) => readFileSync(file, 'utf8').split('\n')).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
const hostile = json.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).urls);
const engine = createNodeEngine({ servers: [{ address, scope: 'local' }] }, { pattern: [new Uint8Array(readFileSync(filter))] });
await engine.ready();

const count = (verdicts) => {
  const counts = {};
  for (const { disposition } of verdicts) {
    counts[disposition] = (counts[disposition] ?? 0) + 1;
  }
  return counts;
};
const checked = async (urls) => {
  const verdicts = [];
  for (let at = 0; at < urls.length; at += 1000) {
    const results = await engine.checkMany(urls.slice(at, at + 1000).map((url) => urlSubject(url)), { pending: false });
    verdicts.push(...results.map((result) => result.verdict));
  }
  return verdicts;
};

const answer = {
  listed: listed.length,
  listedAtOnce: count(listed.map((url) => engine.checkLocal(url))),
  listedAsked: count(await checked(listed)),
  hostile: hostile.length,
  hostileAtOnce: count(hostile.map((url) => engine.checkLocal(url))),
  hostileAsked: count(await checked(hostile)),
};
await engine.close();
if (sabotage) {
  await new Promise((resolve) => lookup('sabotage.example', resolve));
  await new Promise((resolve) => connect(80, '192.0.2.1').once('error', resolve));
}
process.stdout.write(`${JSON.stringify(answer)}\n`);
