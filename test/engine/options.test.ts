import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { parseConfig, settingsFrom } from '../../src/engine/options.js';

function faultsOf(json: unknown): string[] {
  try {
    parseConfig(json);
    return [];
  } catch (error) {
    expect(VedetteError.is(error) && error.code).toBe('config-invalid');
    const { detail } = error as VedetteError;
    return (detail as { faults: { path: string }[] }).faults.map((fault) => fault.path);
  }
}

describe('the configuration', () => {
  it('may be empty', () => {
    expect(faultsOf({})).toEqual([]);
    expect(settingsFrom({})).toMatchObject({ name: 'default', policy: 'endpoint', query: { holdMs: 10_000 } });
  });

  it('reports every fault at once, each with its path', () => {
    const faults = faultsOf({
      servers: [{ address: 'https://a.example', scope: 'galactic' }],
      policy: 'open',
      limits: { maxConcurrent: 0 },
      query: { holdMs: '10' },
      colour: 'blue',
    });
    expect(faults).toEqual(expect.arrayContaining(['servers.0.scope', 'policy', 'limits.maxConcurrent', 'query.holdMs', 'colour']));
  });

  it('refuses plain HTTP for a global server and the same address twice', () => {
    const servers = [
      { address: 'http://a.example', scope: 'global' },
      { address: 'http://127.0.0.1:1', scope: 'local' },
      { address: 'http://127.0.0.1:1', scope: 'local' },
    ];
    expect(faultsOf({ servers })).toEqual(['servers.0.address', 'servers.2.address']);
  });

  it.each([[null], [1], ['x'], [[]], [[1]], [undefined]])('refuses %j as a whole', (json) => {
    expect(faultsOf(json).length).toBeGreaterThan(0);
  });

  it('refuses keys that are no public key', () => {
    expect(faultsOf({ trust: ['ed25519:short'] })).toEqual(['trust.0']);
  });
});
