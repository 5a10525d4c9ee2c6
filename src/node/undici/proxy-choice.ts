/**
 * Which way to a server: straight, or through which proxy. Pure: the environment comes in as a value. The variables are
 * those that curl, Go and others read; `HTTP_PROXY` in capitals is left alone where the process is a CGI script, whose
 * callers can set it by a header (`Proxy: …`).
 */
import { BlockList, isIP } from 'node:net';
import { VedetteError } from '../../base/errors.js';

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for a URL, or undefined for the straight way. */
export type ProxyChoice = (url: URL) => URL | undefined;

/** `environment`, `none`, or the URL of a proxy (`http://user:password@host:port`) for everything. */
export type ProxySetting = 'environment' | 'none' | (string & {});

/**
 * How to choose. Loopback is always reached straight: what is believed because it comes from this machine must not come
 * from a proxy's.
 * @throws VedetteError `config-invalid` for a proxy that is no http: or https: URL.
 */
export function chooseProxy(setting: ProxySetting, env: Environment): ProxyChoice {
  if (setting === 'none') {
    return () => undefined;
  }
  if (setting !== 'environment') {
    const proxy = parseProxy('proxy', setting);
    return (url) => (isLoopback(bareHost(url)) ? undefined : proxy);
  }
  const isCgi = env['REQUEST_METHOD'] !== undefined;
  const http = fromVariable(env, isCgi ? ['http_proxy'] : ['http_proxy', 'HTTP_PROXY']);
  const https = fromVariable(env, ['https_proxy', 'HTTPS_PROXY']);
  const excepted = exceptions(variable(env, ['no_proxy', 'NO_PROXY'])?.text ?? '');
  return (url) => (isLoopback(bareHost(url)) || excepted(url) ? undefined : url.protocol === 'https:' ? https : http);
}

/** The host of a URL without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The port of a URL, also where it is the default one. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function variable(env: Environment, names: readonly string[]): { readonly name: string; readonly text: string } | undefined {
  const name = names.find((one) => (env[one] ?? '').trim() !== '');
  return name === undefined ? undefined : { name, text: (env[name] ?? '').trim() };
}

function fromVariable(env: Environment, names: readonly string[]): URL | undefined {
  const found = variable(env, names);
  return found === undefined ? undefined : parseProxy(found.name, found.text);
}

/** A proxy may be written without its scheme. */
function parseProxy(what: string, text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    // Said below, without the text: it may hold a password.
  }
  if (url === undefined || url.hostname === '' || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new VedetteError('config-invalid', `${what}: expected the http: or https: URL of a proxy`, { detail: { what } });
  }
  return url;
}

/** True for what `NO_PROXY` excepts: `*`, hosts with all below them, either with a port, addresses and CIDR blocks. */
function exceptions(text: string): (url: URL) => boolean {
  const tests = text.toLowerCase().split(/[\s,]+/).filter((part) => part !== '').map(exception);
  return (url) => tests.some((test) => test(url));
}

function exception(part: string): (url: URL) => boolean {
  if (part === '*') {
    return () => true;
  }
  const block = cidrBlock(part);
  if (block !== undefined) {
    return (url) => holds(block, bareHost(url));
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*))(?::(\d+))?$/.exec(part) ?? [];
  const host = (bracketed ?? plain ?? part).replace(/^\*?\./, '').replace(/\.$/, '');
  return (url) => {
    const asked = bareHost(url).replace(/\.$/, '');
    return (asked === host || asked.endsWith(`.${host}`)) && (port === undefined || Number(port) === portOf(url));
  };
}

function cidrBlock(part: string): BlockList | undefined {
  const [, address = '', bits = ''] = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(part) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) {
    return undefined;
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  return block;
}

function holds(block: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && block.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Literal loopback, and the name for it. */
function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost') || (isIP(host) === 4 && host.startsWith('127.'));
}
