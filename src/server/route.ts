/** The paths of a server, and the wall around them: whatever fails inside becomes a 500, and never a rejection. */
import type { Clock } from '../base/seams.js';
import { challengePath } from '../protocol/challenge.js';
import { queryPath } from '../protocol/messages.js';
import { jsonResponse, textResponse } from './exchange.js';

/** A server without a wire. */
export type Handler = (request: Request) => Promise<Response>;

/** What is behind the paths. */
export interface Routes {
  query(request: Request): Promise<Response>;
  /** `POST /v1/challenge`. Absent: there is no such path. */
  readonly challenge?: ((request: Request) => Promise<Response>) | undefined;
  health(): { readonly generation: number | null; readonly entries: number | null };
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onFault: ((error: unknown) => void) | undefined;
}

const healthPath = '/healthz';

/** `POST /v1/query`, `GET /healthz` and, where there is one, `POST /v1/challenge`. */
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
  const route = async (request: Request): Promise<Response> => {
    const { method } = request;
    switch (new URL(request.url).pathname) {
      case queryPath:
        return method === 'POST' ? routes.query(request) : textResponse(405, 'expected POST', { allow: 'POST' });
      case challengePath:
        return challenge(request);
      case healthPath:
        return method === 'GET' || method === 'HEAD' ? health(method) : textResponse(405, 'expected GET', { allow: 'GET, HEAD' });
      default:
        return textResponse(404, 'no such path');
    }
  };
  return async (request) => {
    try {
      return await route(request);
    } catch (error) {
      routes.onFault?.(error);
      return textResponse(500, 'internal fault');
    }
  };
}
