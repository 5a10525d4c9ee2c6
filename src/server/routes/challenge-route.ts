/**
 * The server's side of a challenge (docs/protocol.md, "Challenges"): a signature over the nonce, for the purposes that
 * this server is meant to serve. A server without a signer, or one that can be reached from outside, has no such route.
 */
import type { Crypto, Signer } from '../../base/seams.js';
import { VedetteError } from '../../base/errors.js';
import { decodeChallenge, meetChallenge, type Challenge } from '../../protocol/challenge.js';
import { readLimited } from '../../protocol/codec/limited-body.js';
import { maxChallengeBytes } from '../../protocol/limits.js';
import { contentType } from '../../protocol/messages.js';
import { answerResponse, mediaType, textResponse } from '../exchange.js';

/** Whose key answers. */
export interface ChallengeParts {
  readonly signer: Signer;
  readonly crypto: Pick<Crypto, 'sha256'>;
}

/** The answer to a challenge, or the response that refuses it; nothing of the request is repeated. */
export async function answerChallenge(request: Request, parts: ChallengeParts): Promise<Response> {
  if (mediaType(request.headers) !== contentType || (request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    return textResponse(415, `expected ${contentType} without content encoding`);
  }
  const body = await readLimited(request.body, { maxBytes: maxChallengeBytes }).catch(() => undefined);
  if (body?.kind === 'too-large') {
    return textResponse(413, `expected at most ${maxChallengeBytes} bytes`);
  }
  const challenge = body === undefined ? undefined : decoded(body.bytes);
  return challenge === undefined ? textResponse(400, 'not a challenge of protocol version 1') : answerResponse(await meetChallenge(challenge, parts));
}

function decoded(bytes: Uint8Array): Challenge | undefined {
  try {
    return decodeChallenge(bytes);
  } catch (error) {
    if (VedetteError.is(error)) {
      return undefined;
    }
    throw error;
  }
}
