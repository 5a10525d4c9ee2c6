/**
 * A Worker as hosts write it: one engine per isolate at module level, used by requests that run at the same time, with
 * pattern and server reached by `fetch`. A Worker must not touch the I/O of another request.
 */
import { bytesSubject, createEngine, urlSubject } from 'vedette';
import { registrableDomain } from 'vedette/url';
import { subjects, trustedKey } from './feed.mjs';

const engine = createEngine({
  servers: [{ address: 'https://reputation.invalid', scope: 'global', trust: [trustedKey] }],
  query: { coalesce: 'call', holdMs: 2_000, perServerMs: 1_000 },
  background: 'manual',
  parts: { pattern: async () => [await component('agent'), await component('filter')], registrableDomain },
});

async function component(name) {
  const response = await fetch(`https://reputation.invalid/patterns/${name}`);
  return new Uint8Array(await response.arrayBuffer());
}

const wanted = { '/planted': bytesSubject(subjects.planted), '/listed': bytesSubject(subjects.listed), '/url': urlSubject(subjects.url) };

export default {
  async fetch(request) {
    const { verdict } = await engine.check(wanted[new URL(request.url).pathname]);
    return Response.json([verdict.disposition, verdict.reason ?? 'no reason']);
  },
  /** Nine requests at once, and one more after them. */
  async test(_controller, env) {
    const ask = async (path) => (await env.SELF.fetch(`http://edge.invalid${path}`)).json();
    const paths = [1, 2, 3].flatMap(() => Object.keys(wanted));
    const answers = await Promise.all(paths.map(ask));
    answers.push(await ask('/listed'));
    console.log(JSON.stringify(answers));
  },
};
