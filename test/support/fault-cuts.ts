/** A fault for every byte of an answer after which a connection can end, break or fall silent, its head included. */
import { contentType } from '../../src/protocol/messages.js';
import type { Fault, FaultExchange } from './fault-server.js';
import { head, reset } from './fault-wire.js';

/** How an answer stops. */
export type Cut = 'reset' | 'end' | 'stall';

/** Bytes of the head of an answer that is cut; its body comes on top. */
export const cutHeadBytes: number = answerBytes({ honest: new Uint8Array(100) }).length - 100;

/** The answer stops after `count` bytes, one byte before its end at the latest. */
export function cutAfter(count: number, cut: Cut): Fault {
  return {
    name: `${cut} after byte ${count} of the answer`,
    ...(cut === 'stall' ? { hangs: true as const } : {}),
    answer: (socket, exchange) => {
      const whole = answerBytes(exchange);
      socket.write(whole.subarray(0, Math.min(count, whole.length - 1)), () => {
        if (cut === 'reset') {
          reset(socket);
        } else if (cut === 'end') {
          socket.end();
        }
      });
    },
  };
}

function answerBytes({ honest }: Pick<FaultExchange, 'honest'>): Uint8Array {
  return Buffer.concat([Buffer.from(head('200 OK', { 'content-type': contentType, 'content-length': honest.length })), honest]);
}
