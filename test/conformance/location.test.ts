import { describe, it } from 'vitest';
import { createFixedLocation } from '../../src/location/location-probe.js';
import { describeLocationProbe } from '../../src/testing.js';

describeLocationProbe({ describe, it }, { name: 'fixed location', create: () => createFixedLocation('internal') });
