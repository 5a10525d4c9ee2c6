/** From a verified container to what the engine uses: the one place that knows which room reads which component. */
import { VedetteError } from '../base/errors.js';
import type { HostRule } from '../base/fingerprint.js';
import type { Clock } from '../base/seams.js';
import type { Component } from '../engine/rooms.js';
import { createFilter } from '../filter/create-filter.js';
import type { FingerprintExtractor } from '../fingerprint/extractor.js';
import { urlPort } from '../fingerprint/url-canonical.js';
import { urlExpression } from '../fingerprint/url-expressions.js';
import type { CompileRegex } from '../lists/list-rule.js';
import { createSiteLists } from '../lists/site-lists.js';
import type { Container } from '../pattern/container.js';
import { decodeFilter } from '../pattern/filter-pattern.js';
import { decodeLists } from '../pattern/lists-pattern.js';
import type { Matcher } from '../scan/matcher.js';
import type { LoadAgentOptions } from './load-agent-pattern.js';

/** What loading depends on. */
export interface LoadOptions extends LoadAgentOptions {
  readonly clock: Clock;
  /** For the rules of site lists. */
  readonly compileRegex?: CompileRegex | undefined;
  /** The host's own matcher, which takes the place of the pattern's byte signatures. */
  readonly matcher: Matcher | undefined;
  /** An extractor of the host rule, or undefined when the preset has none. */
  extractorFor(rule: HostRule): FingerprintExtractor | undefined;
}

/** @throws VedetteError `pattern-refused` for a component that an engine does not use or cannot read. */
export async function loadComponent(container: Container, options: LoadOptions): Promise<Component> {
  if (container.kind !== 'agent-pattern' && container.kind !== 'action-table') {
    return loadSmallComponent(container, options);
  }
  const { loadAgentPattern, loadActionTable } = await import('./load-agent-pattern.js');
  if (container.kind === 'action-table') {
    return { kind: 'action-table', actions: loadActionTable(container) };
  }
  return { kind: 'agent-pattern', local: withMatcher(loadAgentPattern(container, options), options.matcher) };
}

/** The same for filters and lists, at once. */
export function loadSmallComponent(container: Container, options: Omit<LoadOptions, keyof LoadAgentOptions>): Component {
  switch (container.kind) {
    case 'filter': {
      const filter = createFilter(decodeFilter(container), container.generation);
      const extractor = options.extractorFor(filter.hostRule);
      if (extractor === undefined) {
        throw refused(
          'host-rule',
          `the filter was made with host rule ${filter.hostRule}: give parts.registrableDomain of 'vedette/url', or compile with labels5`,
        );
      }
      return { kind: 'filter', filter, extractor };
    }
    case 'lists':
      return {
        kind: 'lists',
        lists: createSiteLists({ rules: decodeLists(container), expression: urlExpression, port: urlPort, compileRegex: options.compileRegex, clock: options.clock }),
      };
    case 'agent-pattern':
    case 'server-pattern':
    case 'action-table':
      throw refused('kind', `an engine does not use a ${container.kind}`);
  }
}

function withMatcher<T extends { readonly matcher: Matcher; readonly byteSignatures: number }>(local: T, matcher: Matcher | undefined): T {
  return matcher === undefined ? local : { ...local, matcher, byteSignatures: Math.max(1, local.byteSignatures) };
}

function refused(cause: string, message: string): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause } });
}
