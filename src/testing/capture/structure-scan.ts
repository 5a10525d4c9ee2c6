/**
 * The clear form of the refusals of src/protocol/codec/wire-reader.ts: walks untrusted msgpack without building anything
 * and refuses what no message of the protocol contains, so that the decoder behind it only ever sees nested arrays of
 * integers, strings, byte strings and nil whose declared lengths are really there.
 */
import { badMessage, type StructureLimits } from '../../protocol/codec/structure.js';

type Head =
  | { readonly kind: 'leaf'; readonly next: number }
  | { readonly kind: 'text'; readonly start: number; readonly next: number }
  | { readonly kind: 'array'; readonly count: number; readonly next: number };

/**
 * Passes when the bytes are exactly one value within the limits.
 * @throws VedetteError `transport-failed` otherwise.
 */
export function checkStructure(bytes: Uint8Array, limits: StructureLimits): void {
  if (bytes.length > limits.maxBytes) {
    throw badMessage(`more than ${limits.maxBytes} bytes`);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const open: number[] = [];
  let at = 0;
  let items = 0;
  do {
    if (++items > limits.maxItems) {
      throw badMessage(`more than ${limits.maxItems} values`);
    }
    const head = readHead(bytes, at);
    at = head.next;
    if (head.kind === 'text') {
      checkText(decoder, bytes.subarray(head.start, head.next));
    }
    if (head.kind === 'array') {
      checkArray(head.count, bytes.length - at, open.length < limits.maxDepth);
    }
    if (head.kind === 'array' && head.count > 0) {
      open.push(head.count);
    } else {
      closeFinished(open);
    }
  } while (open.length > 0);
  if (at !== bytes.length) {
    throw badMessage('bytes after the value');
  }
}

function checkArray(count: number, bytesLeft: number, mayNest: boolean): void {
  if (!mayNest) {
    throw badMessage('nested too deep');
  }
  // Each value takes a byte at least: a count that the rest cannot hold ends here, before anything is kept for it.
  if (count > bytesLeft) {
    throw badMessage('an array longer than the message');
  }
}

function closeFinished(open: number[]): void {
  while (open.length > 0) {
    const left = open[open.length - 1]! - 1;
    open[open.length - 1] = left;
    if (left > 0) {
      return;
    }
    open.pop();
  }
}

function checkText(decoder: TextDecoder, text: Uint8Array): void {
  try {
    decoder.decode(text);
  } catch {
    throw badMessage('text that is no UTF-8');
  }
}

function readHead(bytes: Uint8Array, at: number): Head {
  const tag = bytes[at];
  if (tag === undefined) {
    throw badMessage('the message ends early');
  }
  if (tag <= 0x7f || tag >= 0xe0 || tag === 0xc0) {
    return { kind: 'leaf', next: at + 1 };
  }
  if (tag >= 0x90 && tag <= 0x9f) {
    return { kind: 'array', count: tag & 0x0f, next: at + 1 };
  }
  if (tag >= 0xa0 && tag <= 0xbf) {
    return text(bytes, at + 1, tag & 0x1f);
  }
  switch (tag) {
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return { kind: 'leaf', next: end(bytes, ...sized(bytes, at + 1, tag - 0xc4)) };
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return { kind: 'leaf', next: end(bytes, at + 1, 1 << (tag - 0xcc)) };
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return { kind: 'leaf', next: end(bytes, at + 1, 1 << (tag - 0xd0)) };
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(bytes, ...sized(bytes, at + 1, tag - 0xd9));
    case 0xdc:
    case 0xdd: {
      const [next, count] = sized(bytes, at + 1, tag - 0xdc + 1);
      return { kind: 'array', count, next };
    }
    default:
      throw badMessage('a type that the protocol does not use');
  }
}

function text(bytes: Uint8Array, start: number, length: number): Head {
  return { kind: 'text', start, next: end(bytes, start, length) };
}

/** Where the content begins and how long it says it is; the length field has `1 << exponent` bytes, big-endian. */
function sized(bytes: Uint8Array, at: number, exponent: number): [start: number, length: number] {
  const start = end(bytes, at, 1 << exponent);
  let length = 0;
  for (let i = at; i < start; i++) {
    length = length * 256 + bytes[i]!;
  }
  return [start, length];
}

function end(bytes: Uint8Array, start: number, length: number): number {
  if (length > bytes.length - start) {
    throw badMessage('a length beyond the end of the message');
  }
  return start + length;
}
