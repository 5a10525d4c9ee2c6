/** Responses of services that speak JSON, and a `fetch` that notes what it was asked. */

/** A request as a fake saw it. */
export interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** A response with a JSON body. */
export function jsonResponse(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
}

/** A `fetch` over a function, with the requests that it was given. */
export function fakeFetch(respond: (request: Seen) => Response | Promise<Response>): { readonly fetch: typeof fetch; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const call: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    init?.signal?.throwIfAborted();
    const one: Seen = { method: request.method, url: new URL(request.url), headers: request.headers, body: await request.text() };
    seen.push(one);
    return respond(one);
  };
  return { fetch: call, seen };
}

/** A `fetch` to which nobody answers. */
export const noNetwork: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
