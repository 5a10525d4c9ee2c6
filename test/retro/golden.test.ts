/** The lines of both logs, version 1, as they are written and as they have to be read for ever. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeAudit, encodeAudit, type AuditEvent } from '../../src/audit/audit-event.js';
import type { Verdict } from '../../src/base/verdict.js';
import { packEntry } from '../../src/retro/retro-text.js';
import { decodeRetro, encodeRetro, type RetroEvent } from '../../src/retro/retro-event.js';
import { packFinding } from '../../src/retro/stored-finding.js';

const key = 'ab'.repeat(32);
const hash = new Uint8Array(32).fill(0xab);
const subject = { label: 'mail', locator: { scheme: 'file', ref: '/srv/a' }, tag: { id: 7 } };
const verdict: Verdict = { disposition: 'malicious', threats: [{ name: 'Late', type: 'trojan' }], source: 'query', generations: { filter: 2 } };
const mark = { log: 1_700_000_000_000, wall: 1_700_000_000_500, steady: 12_345, steadyId: 'uptime-1' };
const entry = { kind: 'file', fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: 7 }], places: [{ owner: 'default', subject }, { owner: 'tenant', subject: { label: '/b' } }], seen: 78_703 } as const;
const url = { kind: 'url', url: 'http://example.com/', fingerprints: [], places: [{ owner: 'default', subject: {} }], seen: 78_703 } as const;

const retro: readonly RetroEvent[] = [
  { kind: 'timed', mark },
  { kind: 'seen', key, text: packEntry(entry) },
  { kind: 'seen', key, text: packEntry(url) },
  { kind: 'found', key, findings: [['id-1', packFinding({ key, ...entry }, entry.places[0], { verdict, at: mark.wall })]], rest: packEntry({ ...entry, places: [entry.places[1]] }) },
  { kind: 'intended', id: 'id-1', intent: '{"key":"id-1","remedy":"quarantine"}' },
  { kind: 'settled', id: 'id-1', outcome: '{"outcome":"done"}' },
  { kind: 'forgotten', key },
  { kind: 'hunted', mark: '[1,0,"filter",2,2]' },
];

const allow = { pendingId: 'p1', at: mark.wall, owner: 'default', kind: 'file', subject, sha256: key, reason: 'unreachable', access: 'warn', policy: 'endpoint' } as const;
const audit: readonly AuditEvent[] = [
  { kind: 'timed', mark },
  { kind: 'allowed', allow },
  { kind: 'allowed', allow, repeats: { times: 3, lastAt: mark.wall + 5 } },
  { kind: 'resolved', resolution: { pendingId: 'p1', at: mark.wall + 9, subject, disposition: 'malicious', threats: ['Late'], access: 'block', remedy: 'quarantine', outcome: 'done' } },
];

function goldenLines(name: string): string[] {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8').trimEnd().split('\n');
}

describe('the lines of the logs', () => {
  it('of the retro log are the recorded ones, both ways', () => {
    expect(retro.map(encodeRetro)).toEqual(goldenLines('retro-v1.txt'));
    expect(goldenLines('retro-v1.txt').map(decodeRetro)).toEqual(retro);
  });

  it('of the audit log are the recorded ones, both ways', () => {
    expect(audit.map(encodeAudit)).toEqual(goldenLines('audit-v1.txt'));
    expect(goldenLines('audit-v1.txt').map(decodeAudit)).toEqual(audit);
  });
});
