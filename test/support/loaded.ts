/**
 * Everything that the core loads when it is first needed, loaded now: a fake clock does not wait for modules, and time
 * would run on while one is being read.
 */
import '../../src/audit/memory-audit.js';
import '../../src/engine/life/pending/queue-work.js';
import '../../src/engine/life/retro/pursuit.js';
import '../../src/pending/memory-queue.js';
import '../../src/retro/memory-retro.js';
