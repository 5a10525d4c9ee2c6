/** The paths of a server, and the wall around them: whatever fails inside becomes a 500, and never a rejection. */
import type { Clock } from '../../base/seams.js';
import { challengePath } from '../../protocol/challenge.js';
import { keyListPath } from '../../protocol/key-list.js';
import { queryPath } from '../../protocol/messages.js';
import { jsonResponse, textResponse } from '../exchange.js';

/** A server without a wire. */
export interface Handler {
  (request: Request): Promise<Response>;
  /**
   * For listeners that have no use for `Request` and `Response`, which take longer to make than most answers: the body of
   * the answer to the body of a question (`POST /v1/query` of the protocol's content type, without content encoding).
   * Undefined for everything that a `Request` has to be made for after all, faults included. Never rejects.
   */
  readonly answer?: ((body: Uint8Array) => Promise<Uint8Array | undefined>) | undefined;
  /**
   * Told of the body that `answer` gave when nobody looks at it any more: it is written over by another answer. Who never
   * tells makes the server wait for its memory more often.
   */
  readonly sent?: ((answer: Uint8Array) => void) | undefined;
  /**
   * For the same listeners: what a request is refused with that nothing has to be looked up for, which would be the same as a
   * `Response`. Whoever sends rubbish costs less than half so. Undefined for everything else.
   */
  readonly refusal?: ((head: RequestHead, body: Uint8Array) => Refusal | undefined) | undefined;
}

/** What of the head of a request decides whether it is refused. */
export interface RequestHead {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Media type, without parameters and in small letters. */
  readonly type: string | undefined;
  readonly encoding: string | undefined;
}

/** One line for people, and its status. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** The methods of the path, where the method was refused. */
  readonly allow?: string;
}

/** What is behind the paths. */
export interface Routes {
  query(request: Request): Promise<Response>;
  /** `POST /v1/challenge`. Absent: there is no such path. */
  readonly challenge?: ((request: Request) => Promise<Response>) | undefined;
  /** `/v1/keys`. Absent: there is no such path. */
  readonly keyList?: (() => Promise<Response>) | undefined;
  health(): { readonly generation: number | null; readonly entries: number | null };
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onFault: ((error: unknown) => void) | undefined;
  /** What a question of the right method is refused with. */
  readonly queryRefusal?: ((head: RequestHead, body: Uint8Array) => Refusal | undefined) | undefined;
  /** See `Handler.answer`; here it may reject. */
  readonly answer?: ((body: Uint8Array) => Promise<Uint8Array | undefined>) | undefined;
  /** See `Handler.sent`. */
  readonly sent?: ((answer: Uint8Array) => void) | undefined;
}

/** Where a server says that it is there. */
export const healthPath = '/healthz';

/** `POST /v1/query`, `GET /healthz` and, where there are such, `POST /v1/challenge` and `/v1/keys`. */
export function createRoutes(routes: Routes): Handler {
  const startedAtMs = routes.clock.monotonicMs();
  const health = (method: 'GET' | 'HEAD'): Response => {
    const uptimeMs = Math.max(0, Math.round(routes.clock.monotonicMs() - startedAtMs));
    return jsonResponse(method, { status: 'ok', ...routes.health(), uptimeMs });
  };
  const methods = new Map<string, readonly string[]>([
    [queryPath, ['POST']],
    [healthPath, ['GET', 'HEAD']],
    ...(routes.challenge === undefined ? [] : [[challengePath, ['POST']] as const]),
    ...(routes.keyList === undefined ? [] : [[keyListPath, ['GET', 'POST']] as const]),
  ]);
  const refusedMethod = (path: string, method: string): Refusal | undefined => {
    const allowed = methods.get(path);
    if (allowed?.includes(method) === true) {
      return undefined;
    }
    const expected = allowed?.filter((one) => one !== 'HEAD').join(' or ') ?? '';
    return allowed === undefined ? { status: 404, text: 'no such path' } : { status: 405, text: `expected ${expected}`, allow: allowed.join(', ') };
  };
  const route = async (request: Request): Promise<Response> => {
    const { method } = request;
    const { pathname } = new URL(request.url);
    const refused = refusedMethod(pathname, method);
    if (refused !== undefined) {
      return textResponse(refused.status, refused.text, refused.allow === undefined ? {} : { allow: refused.allow });
    }
    switch (pathname) {
      case challengePath:
        return routes.challenge?.(request) ?? textResponse(404, 'no such path');
      case keyListPath:
        return routes.keyList?.() ?? textResponse(404, 'no such path');
      case healthPath:
        return health(method === 'HEAD' ? 'HEAD' : 'GET');
      default:
        return routes.query(request);
    }
  };
  const handler: Handler = async (request) => {
    try {
      return await route(request);
    } catch (error) {
      routes.onFault?.(error);
      return textResponse(500, 'internal fault');
    }
  };
  const { answer, sent } = routes;
  const refusal = (head: RequestHead, body: Uint8Array): Refusal | undefined =>
    refusedMethod(head.path, head.method) ?? (head.path === queryPath ? routes.queryRefusal?.(head, body) : undefined);
  // What fails here fails again as a `Request`, and is told there.
  return Object.assign(handler, { refusal }, answer === undefined ? {} : { answer: (body: Uint8Array) => answer(body).catch(() => undefined), sent });
}
