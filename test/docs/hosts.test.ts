import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, typeErrors } from './blocks.js';

const folder = join(root, 'examples/hosts');
const hosts = readdirSync(folder).filter((name) => name.endsWith('.ts')).sort();

describe('the host sketches', () => {
  it('are the ten kinds of hosts', () => {
    expect(hosts).toEqual([
      'browser-extension.ts',
      'ci-sarif.ts',
      'cloudflare-worker.ts',
      'desktop-agent.ts',
      'mail-filter.ts',
      'npm-proxy.ts',
      'parts-benchmark.ts',
      'second-product.ts',
      'upload-gateway.ts',
      'vendor-backend.ts',
    ]);
  });

  it('type-check against the public entries', { timeout: 120_000 }, () => {
    expect(typeErrors(hosts, folder)).toEqual([]);
  });

  it('name nothing but public entries and Node’s own modules', () => {
    for (const host of hosts) {
      const names = [...readFileSync(join(folder, host), 'utf8').matchAll(/from '([^']+)'/g)].map((found) => found[1] ?? '');
      expect(names.filter((name) => !/^(vedette(\/\w+)?|node:[\w/]+)$/.test(name)), host).toEqual([]);
    }
  });
});
