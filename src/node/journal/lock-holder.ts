/**
 * Who holds a lock, and whether they still live. A process id alone says little: ids are used again, above all in
 * containers, where the same program gets the same one at every start. So the start time, the boot and the pid
 * namespace go with it, where the system tells them (Linux does).
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from '../files/durable-files.js';
import { crc32c } from './crc32c.js';

/** A process; `0` where the system does not tell. */
export interface Holder {
  readonly pid: number;
  /** Clock ticks from boot to its start. */
  readonly start: string;
  readonly boot: string;
  /** Pid namespace; where the system has none, a number for the name of the machine. */
  readonly space: string;
}

/** What can be found out about processes. */
export interface ProcessProbe {
  self(): Holder;
  /** Start of a living process of this namespace, `0` when it is not told; undefined when there is none. */
  startOf(pid: number): string | undefined;
}

/** `unseen`: of another boot, container or machine, from where nothing can be said about it. */
export type HolderState = 'alive' | 'dead' | 'unseen';

/**
 * Whether the holder lives, as far as `self` can see. Where boots are not named, only the name of the machine tells
 * two machines apart, and names change: a process of this id may be the holder then, and nobody is taken for dead.
 */
export function holderState(holder: Holder, probe: ProcessProbe): HolderState {
  const self = probe.self();
  const isHere = holder.space === self.space;
  if (holder.boot !== self.boot || (!isHere && holder.boot !== '0')) {
    return 'unseen';
  }
  const start = probe.startOf(holder.pid);
  const mayBeIt = start !== undefined && (start === holder.start || start === '0' || holder.start === '0');
  return mayBeIt ? 'alive' : isHere ? 'dead' : 'unseen';
}

/** A holder and its token as part of a file name. */
export function formatHolder(holder: Holder, token: string): string {
  return [holder.pid, holder.start, holder.boot, holder.space, token].join('-');
}

/** The inverse of `formatHolder`; undefined for what it never wrote. */
export function parseHolder(text: string): { readonly holder: Holder; readonly token: string } | undefined {
  const match = /^(\d{1,10})-(\d{1,20})-([0-9a-f]{1,8})-(\d{1,20})-([0-9a-f]{1,32})$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, pid = '', start = '', boot = '', space = '', token = ''] = match;
  return { holder: { pid: Number(pid), start, boot, space }, token };
}

/** The processes of this machine. */
export const nodeProcesses: ProcessProbe = {
  self: () => ({ pid: process.pid, start: startOf(process.pid) ?? '0', boot: bootId(), space: pidNamespace() }),
  startOf,
};

function startOf(pid: number): string | undefined {
  const text = readProc(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text === undefined ? (isAlive(pid) ? '0' : undefined) : startInStat(text);
}

/**
 * The start in the text of `/proc/PID/stat`; undefined for a process that is over, `0` when the text does not tell.
 * A killed process whose first thread is gone is over only with its last thread: another may still be in a write.
 */
export function startInStat(text: string): string | undefined {
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const isGone = (state === 'Z' && !(Number(fields[17]) > 1)) || state === 'X';
  return isGone ? undefined : (fields[19] ?? '0');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function bootId(): string {
  const text = readProc(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  return /^[0-9a-f]{8}/.exec(text ?? '')?.[0] ?? '0';
}

function pidNamespace(): string {
  const text = readProc(() => readlinkSync('/proc/self/ns/pid'));
  return /\d{1,20}/.exec(text ?? '')?.[0] ?? String(crc32c(Buffer.from(hostname())));
}

function readProc(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
