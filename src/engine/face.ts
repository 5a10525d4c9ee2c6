/** The public methods of one engine over its family. */
import { createBreath } from './check/breath.js';
import { checkMany, checkOne } from './check/check.js';
import { checkAll } from './check/check-all.js';
import { createLocalCheck } from './check/check-local.js';
import type { Engine, Status } from './checker.js';
import type { Member } from './family/core.js';
import type { Family } from './family/family.js';
import { createMember } from './family/member.js';
import { parseConfig, settingsFrom } from './options.js';
import { createPendingView } from './pending-view.js';
import { createReceiver } from './check/receive.js';
import { throwIfAborted } from '../base/errors.js';

/** The engine of a member. A derived one ends by leaving the family; the first one ends the family. */
export function createFace(family: Family, member: Member, role: { readonly derived: boolean }): Engine {
  const { core } = family;
  const by = { core, member, breathe: createBreath(core.rooms.clock, core.closing) };

  async function close(): Promise<void> {
    member.leave();
    if (!role.derived) {
      await family.close();
    }
  }

  const engine: Engine = {
    check: (subject, options = {}) => checkOne(by, subject, { options }),
    checkMany: (subjects, options = {}) => checkMany(by, subjects, options),
    checkAll: (subjects, options = {}) => checkAll(by, subjects, options),
    checkLocal: createLocalCheck(by),
    receive: (info, options = {}) => createReceiver(by, info, { ...options, memory: family.memory }),
    async ready(options = {}) {
      throwIfAborted(core.closing);
      throwIfAborted(options.signal);
      await family.ready();
    },
    derive: (options) => createFace(family, createMember(family, options), { derived: true }),
    async configure(config) {
      await family.reconfigure(settingsFrom({ ...parseConfig(config), name: core.settings().name }));
    },
    async install(pattern) {
      throwIfAborted(core.closing);
      await core.settledReady();
      return core.patterns.install(pattern instanceof Uint8Array ? [pattern] : pattern);
    },
    maintain: (options = {}) => family.background.maintain(options),
    networkChanged() {
      family.networkChanged();
    },
    on: (kind, listener) => core.events.on(kind, listener),
    lists: member.lists,
    pending: createPendingView(core, member),
    status: () => statusOf(family),
    stats: () => core.stats.snapshot(),
    close,
    [Symbol.asyncDispose]: close,
  };
  return engine;
}

function statusOf(family: Family): Status {
  const { core } = family;
  const { oldestMs, stale } = core.patterns.age();
  const newest = core.newestGeneration();
  const { generations } = core.patterns.view(core.newestGeneration());
  const updates = core.rooms.upkeep?.status();
  return {
    ready: family.isReady(),
    location: core.location(),
    locatedBy: core.place().by,
    generations: newest === undefined ? generations : { ...generations, server: newest },
    patternAgeMs: oldestMs,
    stale,
    servers: core.query().servers(),
    inFlight: core.query().inFlight(),
    bytesHeld: family.memory.held,
    ...(updates === undefined ? {} : { updates }),
    ...(core.hunt === undefined ? {} : { retro: core.hunt.status() }),
  };
}
