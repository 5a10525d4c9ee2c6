/**
 * Three network namespaces and one cable. The machine of the agent keeps its end; the other end is plugged into the
 * network inside, or into the one outside, which can give itself the addresses of the one inside. Needs root on Linux.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** Where the cable leads. `hostile`: outside, to a host that has the gateway's address, and those of the local servers. */
export type Plug = 'inside' | 'outside' | 'hostile';

/** Addresses that servers are asked at. */
export const addresses = { agentInside: '10.1.0.57', agentOutside: '192.0.2.57', gateway: '10.1.0.1', outsideGateway: '192.0.2.1', locals: ['10.1.0.11', '10.1.0.12'], reference: '10.1.0.13', globals: ['203.0.113.10', '203.0.113.11'] } as const;

/** The other end of the cable says the same about itself wherever it is: nothing but what is behind it differs. */
const mac = '02:00:00:00:01:01';

/** The namespaces, and the processes in them. */
export interface Lab {
  /** Pulls the cable and plugs it in elsewhere. */
  plug(where: Plug): void;
  /** Runs node in a namespace. */
  start(where: 'agent' | 'inside' | 'outside', script: string, config: unknown): ChildProcessWithoutNullStreams;
  remove(): void;
}

/** Why there can be no lab here, or undefined. */
export function missing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'network namespaces need root on Linux';
  }
  const name = `vedette-try-${process.pid}`;
  const works = spawnSync('ip', ['netns', 'add', name]).status === 0 && spawnSync('ip', ['-n', name, 'link', 'add', 'name', 'try0', 'type', 'veth', 'peer', 'name', 'try1']).status === 0;
  spawnSync('ip', ['netns', 'del', name]);
  return works ? undefined : 'no network namespaces or virtual cables here (ip netns, veth)';
}

/** A lab with the cable plugged in inside. */
export function createLab(): Lab {
  const name = (where: string): string => `vedette-${where}-${process.pid}`;
  const children: ChildProcessWithoutNullStreams[] = [];
  let at: 'inside' | 'outside' = 'inside';
  const on = (where: string, ...args: readonly string[]): void => run('ip', '-n', name(where), ...args);

  for (const where of ['agent', 'inside', 'outside']) {
    run('ip', 'netns', 'add', name(where));
    on(where, 'link', 'set', 'lo', 'up');
  }
  run('ip', '-n', name('agent'), 'link', 'add', 'name', 'eth0', 'type', 'veth', 'peer', 'name', 'up0', 'netns', name('inside'));
  on('inside', 'link', 'set', 'up0', 'address', mac);
  on('agent', 'link', 'set', 'eth0', 'up');

  /** What a lease of that network would say to the machine. */
  function lease(address: string, gateway: string): void {
    on('agent', 'addr', 'flush', 'dev', 'eth0');
    on('agent', 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    on('agent', 'route', 'replace', 'default', 'via', gateway);
  }

  function plug(where: Plug): void {
    const next = where === 'inside' ? 'inside' : 'outside';
    on(at, 'link', 'set', 'up0', 'down');
    if (next !== at) {
      on(at, 'link', 'set', 'up0', 'netns', name(next));
    }
    at = next;
    on(at, 'addr', 'flush', 'dev', 'up0');
    const isLocal = where !== 'outside';
    const own = isLocal ? [addresses.gateway, ...addresses.locals, addresses.reference] : [addresses.outsideGateway];
    own.forEach((address) => on(at, 'addr', 'add', `${address}/24`, 'dev', 'up0'));
    addresses.globals.slice(where === 'inside' ? 1 : 0).forEach((address) => on(at, 'addr', 'add', `${address}/32`, 'dev', 'up0'));
    on(at, 'link', 'set', 'up0', 'up');
    lease(isLocal ? addresses.agentInside : addresses.agentOutside, isLocal ? addresses.gateway : addresses.outsideGateway);
  }

  plug('inside');
  return {
    plug,
    start(where, script, config) {
      const child = spawn('ip', ['netns', 'exec', name(where), process.execPath, script, JSON.stringify(config)]);
      children.push(child);
      return child;
    },
    remove() {
      children.forEach((child) => child.kill('SIGKILL'));
      ['agent', 'inside', 'outside'].forEach((where) => spawnSync('ip', ['netns', 'del', name(where)]));
    },
  };
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  }
}
