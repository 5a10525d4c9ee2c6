/** The Node preset: the portable engine with node:crypto, the Public Suffix List, files that can be opened again, and durable stores. */
import { withDefaults } from '../base/defaults.js';
import type { Engine } from '../engine/checker.js';
import type { GivenParts } from '../preset/parts.js';
import { registrableDomain } from '../url.js';
import type { NodeConfig } from './node-config.js';
import { createNodeEngineWith } from './node-engine.js';

/**
 * An engine for Node. Synchronous: opens nothing and starts nothing; the data directory is opened with the first check.
 * Servers are asked over kept connections and the environment's proxies where the package `undici` is installed.
 * Whatever stands in `parts` takes the place of the preset's own and stays the host's to close.
 * @throws VedetteError `config-invalid` with every fault of the configuration.
 */
export function createNodeEngine(config: NodeConfig, parts: GivenParts = {}): Engine {
  return createNodeEngineWith(config, withDefaults({ registrableDomain }, parts));
}
