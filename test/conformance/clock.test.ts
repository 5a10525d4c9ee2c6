import { describe, it } from 'vitest';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { describeClock, FakeClock } from '../../src/testing.js';

describeClock({ describe, it }, { name: 'system clock', create: createSystemClock });
describeClock({ describe, it }, { name: 'fake clock', create: () => new FakeClock(), pass: (clock, ms) => clock.advance(ms) });
