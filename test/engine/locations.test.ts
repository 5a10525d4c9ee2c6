/** An engine that is carried from one network to another: servers, levels and policy change, and it is never restarted. */
import { afterEach, describe, expect, it } from 'vitest';
import { retroWord } from '../../src/engine/life/retro/judge.js';
import type { EngineConfig } from '../../src/engine/options.js';
import type { LocationProbe } from '../../src/location/location-probe.js';
import type { GivenParts } from '../../src/preset/parts.js';
import { createPlaces, flagged, globalAddress, locals, locations, pass, referenceAddress, type Network, type Places } from '../support/places.js';

const opened: Places[] = [];

async function places(start: Network, how: { readonly config?: Partial<EngineConfig>; readonly parts?: GivenParts; readonly networkMark?: () => string } = {}): Promise<Places> {
  const made = await createPlaces(start, how);
  opened.push(made);
  await made.clock.run(made.engine.ready());
  return made;
}

async function moved(made: Places, network: Network): Promise<void> {
  made.move(network);
  await made.clock.run(made.engine.maintain());
  made.asked();
}

afterEach(async () => {
  for (const made of opened.splice(0)) {
    await made.clock.run(made.engine.close());
    expect(made.clock.sleeping).toBe(0);
  }
});

const serversOf = (made: Places): string[] => made.engine.status().servers.map((server) => server.id);

describe('an engine inside', () => {
  it('knows it from the first check on, by the reference server', async () => {
    const made = await places('inside');
    expect(made.engine.status()).toMatchObject({ location: 'internal', locatedBy: `reference server ${referenceAddress}` });
    expect(made.events.filter((event) => event.kind === 'location')).toEqual([{ kind: 'location', location: 'internal', by: `reference server ${referenceAddress}` }]);
  });

  it('asks local servers, is lax about ratings, and lets pass what nobody can tell', async () => {
    const made = await places('inside');
    made.asked();
    expect(await made.file()).toEqual(['malicious', 'block']);
    expect(made.asked()).toEqual([locals[0]]);
    expect(await made.url()).toEqual(['suspicious', 'warn']);
    made.move('none');
    expect(await made.file('unlisted')).toEqual(['unknown', 'allow']);
  });

  it('asks external servers behind them only where that is allowed', async () => {
    for (const [fallback, asked] of [[false, [...locals]], [true, [...locals, globalAddress]]] as const) {
      const made = await places('inside', { config: { locations: { ...locations, internal: { ...locations.internal, fallback } } } });
      made.asked();
      made.move('outside');
      expect(await made.file()).toEqual(fallback ? ['malicious', 'block'] : ['unknown', 'allow']);
      expect(made.asked()).toEqual([...asked].sort());
    }
  });
});

describe('an engine that leaves', () => {
  it('asks global servers, is strict about ratings, and holds what nobody can tell', async () => {
    const made = await places('inside');
    await moved(made, 'outside');
    expect(made.engine.status().location).toBe('external');
    expect(await made.file()).toEqual(['malicious', 'block']);
    expect(made.asked()).toEqual([globalAddress]);
    expect(await made.url()).toEqual(['suspicious', 'block']);
    made.move('none');
    expect(await made.file('unlisted')).toEqual(['unknown', 'hold']);
  });

  it('and comes back is as it was, again and again', async () => {
    const made = await places('outside');
    for (let round = 0; round < 3; round++) {
      await moved(made, 'inside');
      expect([made.engine.status().location, serversOf(made), await made.url()]).toEqual(['internal', [...locals], ['suspicious', 'warn']]);
      await moved(made, 'outside');
      expect([made.engine.status().location, serversOf(made), await made.url()]).toEqual(['external', [globalAddress, locals[1]], ['suspicious', 'block']]);
    }
    expect(made.events.filter((event) => event.kind === 'location').map(({ location }) => location)).toEqual(['internal', 'external', 'internal', 'external', 'internal', 'external']);
  });

  it('takes what was not verified with it, and settles it where somebody answers', async () => {
    const made = await places('none', { config: { background: 'timers' } });
    expect(await made.file()).toEqual(['unknown', 'hold']);
    made.move('inside');
    // Its place in the minute: a thousand hosts may have come at the same time.
    await pass(made, 300_000);
    expect(await flagged(made)).toBe(0);
    expect(made.engine.stats()['late.malicious']).toBe(1);
  });

  it('flags what nobody may be asked about, where a profile has no server at all', async () => {
    const alone = { ...locations, external: { ...locations.external, servers: [] } };
    const made = await places('outside', { config: { locations: alone } });
    made.asked();
    expect(await made.file()).toEqual(['unknown', 'hold']);
    expect(made.asked()).toEqual([]);
    expect(await flagged(made)).toBe(1);
    await moved(made, 'inside');
    await pass(made, 70_000);
    await made.clock.run(made.engine.maintain());
    expect(made.engine.stats()['late.malicious']).toBe(1);
  });
});

describe('a hostile host with the address of the gateway', () => {
  it('changes nothing but the order of servers', async () => {
    const plain = await places('outside');
    const hinted = await places('hostile');
    expect(hinted.engine.status()).toMatchObject({ location: 'external', locatedBy: 'gateway 10.1.0.1' });
    expect(serversOf(plain)).toEqual([globalAddress, locals[1]]);
    expect(serversOf(hinted)).toEqual([locals[1], globalAddress]);
    hinted.asked();
    expect(await hinted.file('unlisted')).toEqual(['clean', 'allow']);
    expect(hinted.asked()).toEqual([locals[1], globalAddress]);
    expect(await hinted.url()).toEqual(await plain.url());
    expect(await hinted.file()).toEqual(await plain.file());
    hinted.move('none');
    expect(await hinted.file('another')).toEqual(['unknown', 'hold']);
  });

  it('is not believed when the engine comes from inside', async () => {
    const made = await places('inside');
    await moved(made, 'hostile');
    expect(made.engine.status().location).toBe('external');
    expect(await made.url()).toEqual(['suspicious', 'block']);
    expect(made.asked()).not.toContain(locals[0]);
  });

  it('would be believed by an engine that takes the gateway for a proof (sabotage of these tests)', async () => {
    const believing: LocationProbe = { locate: async () => ({ location: 'internal', by: 'gateway 10.1.0.1' }) };
    const made = await places('hostile', { parts: { location: believing } });
    expect(made.engine.status().location).toBe('internal');
    expect(await made.file('unlisted')).not.toEqual(['clean', 'allow']);
    expect(made.asked()).toContain(locals[0]);
  });
});

describe('the place is looked at', () => {
  it('when the network changes, within some seconds', async () => {
    const made = await places('inside', { config: { background: 'timers' } });
    made.move('outside');
    await made.clock.advance(12_000);
    expect(made.engine.status().location).toBe('external');
    made.move('inside');
    await made.clock.advance(12_000);
    expect(made.engine.status().location).toBe('internal');
  });

  it('when the host says so, and is outside until something is proven', async () => {
    const made = await places('inside');
    made.move('outside');
    made.engine.networkChanged();
    expect(made.engine.status()).toMatchObject({ location: 'external', locatedBy: 'the network has changed' });
    made.move('inside');
    made.engine.networkChanged();
    await made.clock.run(made.engine.maintain());
    expect(made.engine.status().location).toBe('internal');
  });

  it('hourly, or as often as the configuration says', async () => {
    for (const [recheckMs, everyMs] of [[undefined, 3_600_000], [60_000, 60_000]] as const) {
      const made = await places('inside', { config: { locations: { ...locations, ...(recheckMs === undefined ? {} : { recheckMs }) } } });
      await made.clock.run(made.engine.maintain());
      made.asked();
      await made.clock.advance(everyMs - 1_000);
      await made.clock.run(made.engine.maintain());
      expect(made.asked()).toEqual([]);
      await made.clock.advance(1_000);
      await made.clock.run(made.engine.maintain());
      expect(made.asked()).toEqual([referenceAddress]);
    }
  });

  it('again within a minute, where the reference server did not answer', async () => {
    const made = await places('none', { config: { background: 'timers', locations: { ...locations, watchMs: 3_600_000 } } });
    made.move('inside');
    await made.clock.advance(60_000);
    expect(made.engine.status().location).toBe('internal');
  });

  it('when a local server is given up: the network may be another one that looks the same', async () => {
    const made = await places('inside', { config: { background: 'timers', locations: { ...locations, watchMs: 3_600_000 } } });
    await made.clock.advance(61_000);
    made.move('hostile');
    for (let i = 0; i < 4; i++) {
      await made.file(`unlisted ${i}`);
    }
    await made.clock.advance(5_000);
    expect(made.engine.status().location).toBe('external');
  });

  it('in spite of a network that cannot be looked at, which is told once', async () => {
    let isBroken = false;
    const networkMark = (): string => {
      if (isBroken) {
        throw new Error('no interfaces');
      }
      return 'same';
    };
    const made = await places('inside', { config: { background: 'timers' }, networkMark });
    isBroken = true;
    await pass(made, 30_000);
    expect(made.events.filter((event) => event.kind === 'fault' && event.where === 'network')).toHaveLength(1);
    made.move('outside');
    made.engine.networkChanged();
    await pass(made, 5_000);
    expect(made.engine.status().location).toBe('external');
  });

  it('when the machine was asleep', async () => {
    const made = await places('inside', { config: { background: 'timers', locations: { ...locations, watchMs: 5_000 } } });
    await made.clock.advance(6_000);
    made.asked();
    made.clock.jumpWall(600_000);
    await made.clock.advance(6_000);
    expect(made.asked()).toContain(referenceAddress);
  });

  it('anew when the network changes during a look: what that finds is of the network before', async () => {
    const looks: ((location: 'internal' | 'external') => void)[] = [];
    const locate: LocationProbe['locate'] = () => new Promise((resolve) => void looks.push((location) => resolve({ location, by: 'the host' })));
    const made = await places('inside', { parts: { location: { locate } } });
    made.engine.networkChanged();
    const overtaken = made.engine.maintain();
    await made.clock.advance(0);
    expect(looks).toHaveLength(2);
    made.engine.networkChanged();
    looks[1]!('internal');
    await made.clock.advance(0);
    expect(made.engine.status().location).toBe('external');
    await made.clock.run(overtaken);
    const next = made.engine.maintain();
    await made.clock.advance(0);
    looks.at(-1)!('internal');
    await made.clock.run(next);
    expect(made.engine.status()).toMatchObject({ location: 'internal', locatedBy: 'the host' });
  });

  it('and is outside where a probe fails, hangs or says nonsense', async () => {
    const probes: LocationProbe['locate'][] = [
      () => Promise.reject(new Error('no route')),
      () => new Promise(() => undefined),
      () => Promise.resolve({ location: 'moon', by: 'x' } as never),
      () => Promise.resolve(undefined as never),
    ];
    for (const locate of probes) {
      const made = await places('inside', { parts: { location: { locate } } });
      expect(made.engine.status().location).toBe('external');
    }
  });
});

describe('what may be asked about', () => {
  it('is said for everywhere, and for each location', async () => {
    const here = { ...locations, internal: { ...locations.internal, mayAsk: ['file' as const] }, external: { ...locations.external, mayAsk: [] } };
    const made = await places('inside', { config: { query: { mayAsk: ['url'] }, locations: here } });
    made.asked();
    expect(await made.file()).toEqual(['malicious', 'block']);
    expect((await made.clock.run(made.engine.check({ kind: 'url', url: 'http://rated.example/' }))).verdict.reason).toBe('not-asked');
    await moved(made, 'outside');
    expect(await made.file('unlisted')).toEqual(['unknown', 'hold']);
    expect(made.asked()).toEqual([]);
  });

  it('is not taken for harmless by a hunt', () => {
    expect(retroWord({ disposition: 'unknown', threats: [], source: 'none', reason: 'not-asked', generations: {} })).toEqual({ kind: 'open', reason: 'not-asked' });
  });

  it('is not settled unasked: what was flagged waits for a place where it may be', async () => {
    const quiet = { ...locations, external: { ...locations.external, mayAsk: [] } };
    const made = await places('inside', { config: { locations: quiet } });
    made.move('none');
    expect(await made.file()).toEqual(['unknown', 'allow']);
    await moved(made, 'outside');
    await made.clock.advance(120_000);
    await made.clock.run(made.engine.maintain());
    expect(made.asked()).toEqual([referenceAddress]);
    expect(await flagged(made)).toBe(1);
    await moved(made, 'inside');
    await made.clock.advance(3_600_000);
    await made.clock.run(made.engine.maintain());
    expect(made.engine.stats()['late.malicious']).toBe(1);
  });
});

describe('a new configuration', () => {
  it('is one of the place where the engine is, and the place is looked at anew', async () => {
    const made = await places('inside');
    made.asked();
    await made.clock.run(made.engine.configure({ background: 'manual', locations: { ...locations, references: [] } }));
    expect([made.engine.status().location, serversOf(made)]).toEqual(['external', [globalAddress, locals[1]]]);
    await made.clock.run(made.engine.maintain());
    expect(made.engine.status()).toMatchObject({ location: 'external', locatedBy: 'gateway 10.1.0.1' });
    await made.clock.run(made.engine.configure({ background: 'manual', locations }));
    await made.clock.run(made.engine.maintain());
    expect(made.engine.status().location).toBe('internal');
  });

  it('with a fault leaves everything as it is', async () => {
    const made = await places('inside');
    const outside = { address: 'http://203.0.113.1', scope: 'global' as const };
    await expect(made.engine.configure({ background: 'manual', locations: { ...locations, external: { servers: [outside] } } })).rejects.toMatchObject({ code: 'config-invalid' });
    expect([made.engine.status().location, serversOf(made)]).toEqual(['internal', [...locals]]);
  });
});
