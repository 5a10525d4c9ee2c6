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
  /** See `Handler.answer`; here it may reject. */
  readonly answer?: ((body: Uint8Array) => Promise<Uint8Array | undefined>) | undefined;
}

const healthPath = '/healthz';

/** `POST /v1/query`, `GET /healthz` and, where there are such, `POST /v1/challenge` and `/v1/keys`. */
export function createRoutes(routes: Routes): Handler {
  const startedAtMs = routes.clock.monotonicMs();
  const health = (method: 'GET' | 'HEAD'): Response => {
    const uptimeMs = Math.max(0, Math.round(routes.clock.monotonicMs() - startedAtMs));
    return jsonResponse(method, { status: 'ok', ...routes.health(), uptimeMs });
  };
  const challenge = async (request: Request): Promise<Response> => {
    if (routes.challenge === undefined) {
      return textResponse(404, 'no such path');
    }
    return request.method === 'POST' ? routes.challenge(request) : textResponse(405, 'expected POST', { allow: 'POST' });
  };
  const keyList = async ({ method }: Request): Promise<Response> => {
    if (routes.keyList === undefined) {
      return textResponse(404, 'no such path');
    }
    return method === 'GET' || method === 'POST' ? routes.keyList() : textResponse(405, 'expected GET or POST', { allow: 'GET, POST' });
  };
  const route = async (request: Request): Promise<Response> => {
    const { method } = request;
    switch (new URL(request.url).pathname) {
      case queryPath:
        return method === 'POST' ? routes.query(request) : textResponse(405, 'expected POST', { allow: 'POST' });
      case challengePath:
        return challenge(request);
      case keyListPath:
        return keyList(request);
      case healthPath:
        return method === 'GET' || method === 'HEAD' ? health(method) : textResponse(405, 'expected GET', { allow: 'GET, HEAD' });
      default:
        return textResponse(404, 'no such path');
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
  const { answer } = routes;
  // What fails here fails again as a `Request`, and is told there.
  return answer === undefined ? handler : Object.assign(handler, { answer: (body: Uint8Array) => answer(body).catch(() => undefined) });
}
