import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseProxy, type Environment } from '../../src/node/undici/proxy-choice.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

function choice(url: string, env: Environment): string {
  return chooseProxy('environment', env)(new URL(url))?.host ?? 'direct';
}

describe('the proxy of the environment', () => {
  const both = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };
  const cases: readonly (readonly [string, string, Environment, string])[] = [
    ['none is named', 'https://a.example', {}, 'direct'],
    ['HTTPS', 'https://a.example', both, 'secure:2'],
    ['HTTP', 'http://a.example', both, 'plain:1'],
    ['only the other is named', 'http://a.example', { HTTPS_PROXY: 'http://secure:2' }, 'direct'],
    ['small letters come first', 'https://a.example', { ...both, https_proxy: 'http://small:3' }, 'small:3'],
    ['an empty one counts as none', 'https://a.example', { ...both, https_proxy: ' ' }, 'secure:2'],
    ['without a scheme', 'https://a.example', { HTTPS_PROXY: 'secure:2' }, 'secure:2'],
    ['with a user', 'https://a.example', { HTTPS_PROXY: 'http://user:word@secure:2' }, 'secure:2'],
    ['a header of a CGI caller is no proxy', 'http://a.example', { ...both, REQUEST_METHOD: 'GET' }, 'direct'],
    ['small letters are, in CGI too', 'http://a.example', { http_proxy: 'small:3', REQUEST_METHOD: 'GET' }, 'small:3'],
    ['127.0.0.1', 'http://127.0.0.1:80', both, 'direct'],
    ['all of 127', 'http://127.9.8.7', both, 'direct'],
    ['[::1]', 'https://[::1]', both, 'direct'],
    ['localhost', 'https://localhost', both, 'direct'],
    ['a name below localhost', 'https://a.localhost', both, 'direct'],
    ['a name that only begins like loopback', 'https://127.0.0.1.example', both, 'secure:2'],
    ['everything excepted', 'https://a.example', { ...both, NO_PROXY: '*' }, 'direct'],
    ['the host', 'https://a.example', { ...both, NO_PROXY: 'b.example, a.example' }, 'direct'],
    ['the host in other letters', 'https://A.Example', { ...both, NO_PROXY: 'a.EXAMPLE' }, 'direct'],
    ['a domain', 'https://a.example', { ...both, NO_PROXY: 'example' }, 'direct'],
    ['a domain with its dot', 'https://a.example', { ...both, NO_PROXY: '.example' }, 'direct'],
    ['a domain with a star', 'https://a.example', { ...both, NO_PROXY: '*.example' }, 'direct'],
    ['a host that only ends alike', 'https://notexample', { ...both, NO_PROXY: 'example' }, 'secure:2'],
    ['the port', 'https://a.example:8443', { ...both, NO_PROXY: 'a.example:8443' }, 'direct'],
    ['the default port', 'https://a.example', { ...both, NO_PROXY: 'a.example:443' }, 'direct'],
    ['another port', 'https://a.example', { ...both, NO_PROXY: 'a.example:8443' }, 'secure:2'],
    ['an address', 'https://10.1.2.3', { ...both, NO_PROXY: '10.1.2.3' }, 'direct'],
    ['an IPv6 address', 'https://[2001:db8::1]', { ...both, NO_PROXY: '2001:db8::1' }, 'direct'],
    ['an IPv6 address with a port', 'https://[2001:db8::1]:8443', { ...both, NO_PROXY: '[2001:db8::1]:8443' }, 'direct'],
    ['a block', 'https://10.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }, 'direct'],
    ['outside of the block', 'https://11.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }, 'secure:2'],
    ['an IPv6 block', 'https://[2001:db8::1]', { ...both, NO_PROXY: '2001:db8::/32' }, 'direct'],
    ['a name is in no block', 'https://a.example', { ...both, NO_PROXY: '0.0.0.0/0' }, 'secure:2'],
    ['a block that is none', 'https://10.1.2.3', { ...both, NO_PROXY: '10.0.0.0/99' }, 'secure:2'],
  ];

  it.each(cases)('%s: %s', (_name, url, env, expected) => {
    expect(choice(url, env)).toBe(expected);
  });

  it('is refused where it is no HTTP proxy, without repeating what it says', () => {
    for (const text of ['socks5://user:word@proxy:1', 'http://', 'http://a b', 'ftp://x']) {
      expect(() => chooseProxy('environment', { HTTPS_PROXY: text })).toThrowError(/^HTTPS_PROXY: expected the http: or https: URL of a proxy$/);
      expect(() => chooseProxy(text, {})).toThrowError(/^proxy: expected/);
    }
  });

  it('reads any exceptions without failing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['direct', 'secure:2']).toContain(choice('https://a.example', { ...both, NO_PROXY: text }));
      }),
      runs,
    );
  });

  it('excepts a domain, and neither its neighbours nor what is above it', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 5 }), fc.nat(), label, (labels, pick, other) => {
        const domain = labels.slice(pick % labels.length).join('.');
        const env = { ...both, NO_PROXY: domain };
        expect(choice(`https://${labels.join('.')}`, env)).toBe('direct');
        expect(choice(`https://${other}${domain}`, env)).toBe('secure:2');
        const above = domain.split('.').slice(1).join('.');
        expect(above === '' ? 'secure:2' : choice(`https://${above}`, env)).toBe('secure:2');
      }),
      runs,
    );
  });
});

describe('a proxy that the host names', () => {
  it('is asked for everything but loopback, whatever the environment says', () => {
    const choose = chooseProxy('http://mine:9', { NO_PROXY: '*', HTTPS_PROXY: 'http://secure:2' });
    expect(choose(new URL('https://a.example'))?.host).toBe('mine:9');
    expect(choose(new URL('http://a.example'))?.host).toBe('mine:9');
    expect(choose(new URL('http://127.0.0.1'))).toBeUndefined();
    expect(chooseProxy('none', { HTTPS_PROXY: 'http://secure:2' })(new URL('https://a.example'))).toBeUndefined();
  });
});
