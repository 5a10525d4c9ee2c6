import { describe, expect, it } from 'vitest';
import { initialFacts, type Facts, type Find, type StepName } from '../../src/engine/story/facts.js';
import { nextStep } from '../../src/engine/story/next-step.js';

const fingerprint = { kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32) } as const;
const examined = { kind: 'file', sha256: new Uint8Array(32), fingerprints: [fingerprint], threats: [] } as const;
const malicious: Find = { disposition: 'malicious', threats: [{ name: 'X', type: 'trojan' }], source: 'scan', rank: 0 };
const suspicious: Find = { ...malicious, disposition: 'suspicious' };

function facts(did: readonly StepName[], change: Partial<Facts> = {}): Facts {
  const start = initialFacts({ kind: 'file', layers: 'all', allMatches: false });
  return { ...start, did, ...(did.includes('examine') ? { examined, open: [fingerprint] } : {}), ...change };
}

describe('the next step', () => {
  const table: readonly (readonly [string, Facts, ReturnType<typeof nextStep>])[] = [
    ['opens the subject first', facts([]), 'examine'],
    [
      'ends when the subject cannot be read',
      facts(['examine'], { examined: { kind: 'failed', reason: 'unreadable', detail: '' }, open: [] }),
      'conclude',
    ],
    ['asks the lists once the subject is known', facts(['examine']), 'lists'],
    [
      'ends when the host has decided',
      facts(['examine', 'lists'], { listed: { effect: 'blocked', rule: '1', list: 'host' } }),
      'conclude',
    ],
    ['asks the agent pattern of what nobody has listed', facts(['examine', 'lists']), 'scan'],
    ['ends with a find', facts(['examine', 'lists', 'scan'], { finds: [malicious] }), 'conclude'],
    ['goes on after a find when every match is wanted', facts(['examine', 'lists', 'scan'], { finds: [malicious], allMatches: true }), 'filter'],
    ['goes on after something merely suspicious', facts(['examine', 'lists', 'scan'], { finds: [suspicious] }), 'filter'],
    ['ends when the allow list has it', facts(['examine', 'lists', 'scan'], { approvedBy: 'agent pattern 1', allMatches: true }), 'conclude'],
    ['asks the filter of what the scan cannot tell', facts(['examine', 'lists', 'scan']), 'filter'],
    ['ends when the filter clears everything', facts(['examine', 'lists', 'scan', 'filter'], { open: [] }), 'conclude'],
    ['looks into the cache for what is open', facts(['examine', 'lists', 'scan', 'filter']), 'cache'],
    ['stops before the cache in the local layers', facts(['examine', 'lists', 'scan', 'filter'], { layers: 'local' }), 'conclude'],
    ['starts at the cache in the remote layers', facts(['examine', 'lists'], { layers: 'remote' }), 'cache'],
    ['asks the lists in the remote layers too', facts(['examine'], { layers: 'remote' }), 'lists'],
    ['ends with a positive of the cache', facts(['examine', 'lists', 'scan', 'filter', 'cache'], { finds: [malicious] }), 'conclude'],
    ['ends when the cache answers everything', facts(['examine', 'lists', 'scan', 'filter', 'cache'], { open: [] }), 'conclude'],
    ['asks the servers for the rest', facts(['examine', 'lists', 'scan', 'filter', 'cache']), 'query'],
    ['ends after the servers, answered or not', facts(['examine', 'lists', 'scan', 'filter', 'cache', 'query']), 'conclude'],
  ];

  it.each(table)('%s', (_name, given, expected) => {
    expect(nextStep(given)).toBe(expected);
  });

  it('comes to an end from every state, whatever the layers say', () => {
    for (const layers of ['all', 'local', 'remote'] as const) {
      for (const allMatches of [false, true]) {
        let given: Facts = { ...initialFacts({ kind: 'file', layers, allMatches }), examined, open: [fingerprint] };
        let steps = 0;
        for (let step = nextStep(given); step !== 'conclude'; step = nextStep(given)) {
          given = { ...given, did: [...given.did, step] };
          expect(++steps).toBeLessThan(10);
        }
      }
    }
  });
});
