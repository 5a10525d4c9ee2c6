/**
 * What a page, a worker and a service worker of a real browser do with the stores in IndexedDB. The page is told by its
 * address what to do, and posts what came of it to the server that it was loaded from.
 */
import { openIndexedDbCache, openIndexedDbLists, openIndexedDbQueue, openIndexedDbState, openIndexedDbStores } from 'vedette/adapters/indexeddb';
import { collect, describeHostLists, describePendingQueue, describeStateStore, describeVerdictCache, runAll } from 'vedette/testing';

const database = 'vedette';
const owner = 'browser';

/** Every job of a page, by its name. */
const jobs = { suites, together, flood, traced, after, speed };

/** The page. */
export async function page() {
  const { job, ...options } = Object.fromEntries(new URL(location.href).searchParams);
  await post('/report', await outcomeOf(() => jobs[job](options)));
}

/** The worker and the service worker: they work off a queue when they are told to. */
export function worker() {
  self.addEventListener('message', (event) => {
    const done = outcomeOf(() => workOff(event.data)).then((outcome) => event.ports[0].postMessage(outcome));
    event.waitUntil?.(done);
  });
  self.addEventListener('install', () => self.skipWaiting?.());
  self.addEventListener('activate', (event) => event.waitUntil?.(self.clients.claim()));
}

async function outcomeOf(call) {
  try {
    return { ok: await call() };
  } catch (error) {
    return { failed: `${error?.name} ${error?.code ?? ''}: ${error?.message}` };
  }
}

function post(path, value) {
  return fetch(path, { method: 'POST', body: JSON.stringify(value) });
}

/** The conformance suites, each part on a database of its own. */
async function suites() {
  const tests = collect((runner) => {
    describePendingQueue(runner, { name: 'queue', rounds: 1, ...reopening((name, context) => openIndexedDbQueue({ name, ...context })) });
    describeVerdictCache(runner, { name: 'cache', ...reopening((name, context) => openIndexedDbCache({ name, maxAnswers: context.maxEntries })) });
    describeStateStore(runner, { name: 'state', ...reopening((name) => openIndexedDbState({ name })) });
    describeHostLists(runner, { name: 'lists', ...reopening((name, { clock }) => openIndexedDbLists({ name, clock })) });
  });
  const failures = await runAll(tests, { timeoutMs: 120_000 });
  const queue = await openIndexedDbQueue({ name: 'durability' });
  return { tests: tests.length, failures: failures.map(({ name, error }) => `${name}: ${error?.message}`), durability: queue.durability };
}

let names = 0;

function reopening(open) {
  const opened = new WeakMap();
  const openNamed = async (name, context) => {
    const part = await open(name, context);
    opened.set(part, name);
    return part;
  };
  return {
    create: (context) => openNamed(`suite-${names++}`, context),
    reopen: async (part, context) => {
      await part.close();
      return openNamed(opened.get(part), context);
    },
    dispose: (part) => part.close(),
  };
}

/** Page, worker and service worker fill one queue and work it off, all at once. */
async function together() {
  const registration = await navigator.serviceWorker.register('/worker.js', { type: 'module' });
  await navigator.serviceWorker.ready;
  const others = [new Worker('/worker.js', { type: 'module' }), registration.active];
  const shares = await Promise.all([workOff({ from: 0 }), ...others.map((other, i) => ask(other, { from: (i + 1) * 50 }))]);
  const queue = await openIndexedDbQueue({ name: 'together' });
  return { shares, left: await queue.counts(owner) };
}

function ask(other, message) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => ('ok' in data ? resolve(data.ok) : reject(new Error(data.failed)));
    other.postMessage(message, [port2]);
  });
}

/** Flags fifty subjects of its own and fifty that all have, and settles what it can get hold of until nothing is left. */
async function workOff({ from }) {
  const { queue, close } = await openIndexedDbStores({ name: 'together' });
  for (let i = 0; i < 50; i++) {
    await queue.enqueue([subject(`own ${from + i}`), subject(`shared ${i}`)]);
  }
  const settled = [];
  for (;;) {
    const entries = await queue.claim(owner, { limit: 7, leaseMs: 60_000 });
    if (entries.length === 0) {
      await close();
      return settled;
    }
    for (const { id, key, items } of entries) {
      for (const item of items) {
        if (await queue.settle(id, item.id, 'done')) {
          settled.push(key);
        }
      }
    }
  }
}

/** Flags and settles until it is killed, and says of each what it was told when it was told. */
async function flood({ round }) {
  const { queue, state, created } = await openIndexedDbStores({ name: database });
  await post('/opened', { created });
  for (let i = 0; ; i++) {
    const key = `${round} ${i}`;
    await post('/tried', { key });
    const [pending] = await queue.enqueue([subject(key)]);
    await post('/acknowledged', { key, durability: pending.durability });
    if (i % 3 === 0) {
      const { items } = await queue.find(pending.id);
      await post('/settling', { key });
      await queue.settle(pending.id, items[0].id, 'done');
      await post('/settled', { key });
    }
    await state.set('newest', new TextEncoder().encode(key));
    await post('/state', { key });
  }
}

/** Calls that must be on the disk when they are acknowledged, and calls that need not be. */
async function traced({ calls }) {
  const { queue, cache } = await openIndexedDbStores({ name: database });
  await queue.enqueue([subject('first')]);
  await post('/strict', {});
  for (let i = 0; i < Number(calls); i++) {
    await queue.enqueue([subject(`traced ${i}`)]);
  }
  await post('/relaxed', {});
  for (let i = 0; i < Number(calls); i++) {
    await cache.put([[`traced ${i}`, []]]);
  }
  await post('/over', {});
}

/** What is there. */
async function after() {
  const { queue, state, created, close } = await openIndexedDbStores({ name: database });
  const keys = [];
  for await (const entry of queue.list()) {
    keys.push(entry.key);
  }
  const newest = await state.get('newest');
  await close();
  return { keys, created, newest: newest === undefined ? undefined : new TextDecoder().decode(newest) };
}

/** Figures: rates of single and of gathered calls, and a claim from a long queue in which nothing is due. */
async function speed({ entries }) {
  const { queue } = await openIndexedDbStores({ name: 'speed' });
  const told = {};
  const timed = async (name, call) => {
    const start = performance.now();
    const value = await call();
    told[name] = Math.round(performance.now() - start);
    return value;
  };
  await timed('one hundred single enqueues', async () => {
    for (let i = 0; i < 100; i++) {
      await queue.enqueue([subject(`single ${i}`)]);
    }
  });
  await timed(`${entries} enqueued by the thousand`, async () => {
    for (let at = 0; at < Number(entries); at += 1000) {
      await queue.enqueue(Array.from({ length: 1000 }, (_, i) => subject(`many ${at + i}`)));
    }
  });
  await timed('counts', () => queue.counts(owner));
  await timed('claim of 32 that are due', () => queue.claim(owner, { limit: 32, leaseMs: 60_000 }));
  await timed('claim of 32 where none is overdue', () => queue.claim(owner, { limit: 32, leaseMs: 60_000, overdueBefore: 1 }));
  return told;
}

function subject(key) {
  return {
    owner,
    kind: 'file',
    key,
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash: Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + key.length) & 0xff), size: 9 }],
    reason: 'unreachable',
    subject: { label: key, locator: { scheme: 'download', ref: `/downloads/${key}` } },
  };
}
