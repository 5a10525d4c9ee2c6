/**
 * One engine and the checks that tell whether a runtime keeps what the portable core counts on. Imported by the entry
 * of each runtime from an empty project that has nothing but the packed tarball; what it tells is plain JSON.
 */
import { bytesSubject, createEngine, urlSubject } from 'vedette';
import { createInProcessServer, createTestSigner } from 'vedette/testing';
import { registrableDomain } from 'vedette/url';
import { components, sha256, subjects, trustedKey } from './feed.mjs';

let server;
let pattern = [];

// At module level on purpose: some runtimes forbid timers, chance and I/O there, and an engine promises to need none.
const engine = createEngine({
  servers: [{ address: 'in-process:testing', scope: 'local', trust: [trustedKey] }],
  query: { holdMs: 2_000, perServerMs: 500 },
  background: 'manual',
  parts: {
    pattern: async () => pattern,
    transport: { schemes: { 'in-process': 'secure' }, send: (body, options) => server.transport.send(body, options) },
    registrableDomain,
  },
});

/** What every runtime has to come to. */
export async function story() {
  const compiled = await components();
  pattern = [compiled.agent, compiled.filter];
  server = createInProcessServer(compiled.server, { signer: await createTestSigner(1) });
  await engine.ready();
  await engine.lists.add({ id: 'mine', effect: 'approved', sha256: await sha256(subjects.approved) });
  const told = {
    generations: engine.status().generations,
    list: await judged(bytesSubject(subjects.approved)),
    scan: await judged(bytesSubject(subjects.planted)),
    filter: await judged(bytesSubject(subjects.ordinary)),
    query: await judged(bytesSubject(subjects.listed)),
    cache: await judged(bytesSubject(subjects.listed)),
    url: await judged(urlSubject('HTTP://bad.example.com:80/x/../phish/login?x=1')),
    otherUrl: await judged(urlSubject('http://good.example.com/')),
    forged: await forged(compiled.server),
    stream: await streamed(),
  };
  await engine.close();
  return told;
}

async function judged(subject) {
  const before = server.requests;
  const { verdict, decision, pending } = await engine.check(subject);
  const { disposition, source, reason = null, threats } = verdict;
  const names = threats.map((threat) => threat.name);
  return { disposition, source, reason, names, access: decision.access, pending: pending.kind, asked: server.requests > before };
}

/** An answer that another key has signed has to be worth nothing: verification is at work here, not merely absent. */
async function forged(serverPattern) {
  const honest = server;
  server = createInProcessServer(serverPattern, { signer: await createTestSigner(2) });
  const seen = await judged(urlSubject(subjects.forgedUrl));
  server = honest;
  return seen;
}

async function streamed() {
  const receiver = engine.receive({ label: 'upload' });
  for (let at = 0; at < subjects.planted.length; at += 7) {
    await receiver.write(subjects.planted.slice(at, at + 7));
  }
  return (await receiver.end()).verdict.disposition;
}
