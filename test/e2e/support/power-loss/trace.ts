/**
 * Reads what strace wrote (`strace -f -xx -s …`): system calls as events in the order in which they happened. A call
 * that others overtook is two events, its start and its end; any other call is both at once.
 */

/** One system call, from its start to its end. */
export interface Call {
  readonly name: string;
  /** As they stand in the trace, strings in quotes and hex. Complete at the start for calls that write. */
  readonly args: readonly string[];
  /** Undefined until it has ended; -1 when it failed. */
  result: number | undefined;
}

/** A moment of the trace. */
export interface TraceEvent {
  readonly at: 'start' | 'end';
  readonly call: Call;
}

/** The events of a trace. @throws Error at a line that it cannot read. */
export function parseTrace(text: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  const open = new Map<string, { readonly call: Call; readonly name: string; readonly head: string }>();
  for (const line of text.split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest === '' || rest.startsWith('+++') || rest.startsWith('---')) {
      continue;
    }
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    if (resumed !== null) {
      const begun = open.get(pid);
      open.delete(pid);
      if (begun === undefined || begun.name !== resumed[1]) {
        throw new Error(`resumed, but not begun: ${line.slice(0, 200)}`);
      }
      const whole = parseCall(`${begun.head}${resumed[2] ?? ''}`, line);
      begun.call.result = whole.result;
      events.push({ at: 'end', call: begun.call });
    } else if (rest.endsWith('<unfinished ...>')) {
      const head = rest.slice(0, -'<unfinished ...>'.length);
      const name = head.slice(0, head.indexOf('('));
      const call: Call = { name, args: argumentsOf(head.slice(name.length + 1).trimEnd()), result: undefined };
      open.set(pid, { call, name, head: head.trimEnd() });
      events.push({ at: 'start', call });
    } else {
      const call = parseCall(rest, line);
      events.push({ at: 'start', call }, { at: 'end', call });
    }
  }
  return events;
}

function parseCall(text: string, line: string): Call {
  const match = /^(\w+)\((.*)\) += (-?\d+|\?)/.exec(text);
  if (match === null) {
    throw new Error(`no system call: ${line.slice(0, 200)}`);
  }
  const [, name = '', args = '', result = ''] = match;
  return { name, args: argumentsOf(args), result: result === '?' ? undefined : Number(result) };
}

/** Strings are in hex, so that no comma stands in them. */
function argumentsOf(text: string): string[] {
  return text.split(',').map((one) => one.trim()).filter((one) => one !== '');
}

/** The bytes of a string argument. @throws Error when it was cut off, or is none. */
export function bytesOf(argument: string | undefined): Uint8Array {
  const hex = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(argument ?? '')?.[1];
  if (hex === undefined) {
    throw new Error(`no whole string: ${String(argument).slice(0, 80)}`);
  }
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** The text of a string argument. */
export function textOf(argument: string | undefined): string {
  return Buffer.from(bytesOf(argument)).toString('utf8');
}
