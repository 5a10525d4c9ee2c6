/** The logs over restarts with wall clocks that were set: nothing leaves sooner, and nothing stays for ever. */
import { describe, expect, it } from 'vitest';
import type { SteadyClock } from '../../src/base/seams.js';
import { openJournalAudit, type JournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { openJournalRetro, type JournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { SimDisk } from '../support/sim-disk.js';

const dayMs = 86_400_000;
const keyOf = (mark: number): string => mark.toString(16).padStart(64, '0');

/** A machine that is killed and started, with a clock of its own that counts what the wall clock may not. */
class Machine {
  readonly clock = new FakeClock();
  #disk = new SimDisk();
  #boot = 0;

  get steady(): SteadyClock {
    return { id: `boot-${this.#boot}`, nowMs: () => this.clock.monotonicMs() };
  }

  kill(): void {
    this.#disk = new SimDisk(new Map([...this.#disk.image()].filter(([path]) => !path.includes('.lock-'))));
  }

  restart(): void {
    this.kill();
    this.#boot++;
  }

  retro(): Promise<JournalRetro> {
    return openJournalRetro({ dir: '/data', clock: this.clock, steady: this.steady, days: 4, files: this.#disk.files, lagMs: 0 });
  }

  audit(): Promise<JournalAudit> {
    return openJournalAudit({ dir: '/audit', clock: this.clock, steady: this.steady, days: 4, files: this.#disk.files });
  }

  async see(log: JournalRetro, ...marks: readonly number[]): Promise<void> {
    for (const mark of marks) {
      const subject = { label: '/a', locator: { scheme: 'file', ref: '/a' } };
      await this.clock.run(log.remember({ owner: 'default', kind: 'file', key: keyOf(mark), fingerprints: [], subject }));
    }
  }
}

describe('the retro log', () => {
  it.each([4000 * dayMs, -4000 * dayMs])('in the same boot keeps its window when the wall clock moved by %i ms', async (jumpMs) => {
    const machine = new Machine();
    await machine.see(await machine.retro(), 1);
    machine.clock.jumpWall(jumpMs);
    machine.kill();
    const second = await machine.retro();
    expect(await second.keys()).toEqual([keyOf(1)]);
    await machine.see(second, 2);
    await machine.clock.advance(2 * dayMs);
    machine.kill();
    const third = await machine.retro();
    expect(await third.keys()).toEqual([keyOf(1), keyOf(2)]);
    await machine.clock.advance(2.5 * dayMs);
    expect(await third.keys()).toEqual([]);
  });

  it('after a restart believes at most half a window of what the wall clock says', async () => {
    const machine = new Machine();
    const log = await machine.retro();
    await machine.see(log, 1);
    await machine.clock.advance(3 * dayMs);
    await machine.see(log, 2);
    machine.clock.jumpWall(4000 * dayMs);
    machine.restart();
    // The older half is gone; a machine that was off for weeks is hunted through when it is back.
    expect(await (await machine.retro()).keys()).toEqual([keyOf(2)]);
  });

  it('written down while the wall clock was wrong goes on when it is right again', async () => {
    const machine = new Machine();
    await machine.see(await machine.retro(), 1);
    machine.clock.jumpWall(4000 * dayMs);
    machine.kill();
    const wrong = await machine.retro();
    await machine.see(wrong, 2);
    machine.clock.jumpWall(-4000 * dayMs);
    machine.restart();
    const right = await machine.retro();
    expect(await right.keys()).toEqual([keyOf(1), keyOf(2)]);
    await machine.clock.advance(4.5 * dayMs);
    expect(await right.keys()).toEqual([]);
  });
});

describe('the audit log', () => {
  const subject = { label: '/a', locator: { scheme: 'file', ref: '/a' } };

  async function put(log: JournalAudit, id: string, at: number): Promise<void> {
    await log.allowed({ pendingId: id, at, owner: 'default', kind: 'file', subject, reason: 'unreachable', access: 'allow', policy: 'endpoint' });
    await log.resolved({ pendingId: id, at, subject, disposition: 'clean', threats: [], access: 'allow', remedy: 'none' });
  }

  async function idsIn(log: JournalAudit): Promise<string[]> {
    const ids: string[] = [];
    for await (const { pendingId } of log.read()) {
      ids.push(pendingId);
    }
    return ids;
  }

  it('keeps ended records for its days, whatever is done to the wall clock between and during its lives', async () => {
    const machine = new Machine();
    const { clock } = machine;
    await put(await clock.run(machine.audit()), 'first', clock.now());
    for (let life = 0; life < 6; life++) {
      clock.jumpWall(life % 2 === 0 ? 4000 * dayMs : -4000 * dayMs);
      machine.kill();
      const log = await clock.run(machine.audit());
      await put(log, `life-${life}`, clock.now());
      await clock.advance(dayMs / 2);
      await put(log, `later-${life}`, clock.now());
    }
    machine.kill();
    const all = await idsIn(await clock.run(machine.audit()));
    expect(all).toHaveLength(13);
    machine.kill();
    const last = await clock.run(machine.audit());
    for (let day = 0; day < 5; day++) {
      await clock.advance(dayMs);
      await put(last, `last-${day}`, clock.now());
    }
    expect((await idsIn(last)).filter((id) => !id.startsWith('last'))).toEqual([]);
  });
});
