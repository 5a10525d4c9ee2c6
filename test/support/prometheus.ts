/**
 * The text that Prometheus scrapes (exposition format 0.0.4), read by a second implementation that takes nothing but what the
 * format allows, and told apart by metric.
 */

/** One metric. */
export interface Metric {
  readonly help: string | undefined;
  readonly type: string;
  /** By labels: `name="value",…` as pairs. */
  readonly samples: readonly { readonly labels: readonly (readonly [string, string])[]; readonly value: number }[];
}

type Sample = Metric['samples'][number];

/** Throws on the first line that breaks the format. */
export function parsePrometheus(text: string): Map<string, Metric> {
  if (!text.endsWith('\n')) {
    throw new Error('the last line does not end');
  }
  const metrics = new Map<string, { help: string | undefined; type: string | undefined; samples: Sample[] }>();
  const closed = new Set<string>();
  let current: string | undefined;
  const enter = (name: string): { help: string | undefined; type: string | undefined; samples: Sample[] } => {
    if (name !== current) {
      if (current !== undefined) {
        closed.add(current);
      }
      if (closed.has(name)) {
        throw new Error(`the lines of ${name} do not stand together`);
      }
      current = name;
    }
    const metric = metrics.get(name) ?? { help: undefined, type: undefined, samples: [] };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name, rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line) ?? [];
    if (name !== undefined) {
      const metric = enter(name);
      if (kind === 'HELP') {
        metric.help = once(`HELP ${name}`, metric.help, unescaped(rest, /\\([\\n])|\\/g));
      } else {
        if (metric.samples.length > 0 || !/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) {
          throw new Error(`TYPE of ${name}: ${rest}`);
        }
        metric.type = once(`TYPE ${name}`, metric.type, rest);
      }
      continue;
    }
    const [, of, labels = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
    if (of === undefined) {
      throw new Error(`not a line of the format: ${JSON.stringify(line)}`);
    }
    const metric = enter(of);
    const sample = { labels: labelsOf(labels), value: numberOf(value!) };
    const key = JSON.stringify(sample.labels);
    if (metric.samples.some((one) => JSON.stringify(one.labels) === key)) {
      throw new Error(`twice: ${line}`);
    }
    if (metric.type === 'counter' && !(sample.value >= 0 && of.endsWith('_total'))) {
      throw new Error(`no counter: ${line}`);
    }
    metric.samples.push(sample);
  }
  return new Map([...metrics].map(([name, { help, type = 'untyped', samples }]) => [name, { help, type, samples }]));
}

function once<T>(what: string, before: T | undefined, now: T): T {
  if (before !== undefined) {
    throw new Error(`${what} twice`);
  }
  return now;
}

function labelsOf(text: string): [string, string][] {
  const labels: [string, string][] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/s.exec(rest) ?? [];
    if (whole === undefined || labels.some(([other]) => other === name)) {
      throw new Error(`not labels: ${text}`);
    }
    labels.push([name!, unescaped(value!, /\\(["\\n])|\\/g)]);
    rest = rest.slice(whole.length);
  }
  return labels.sort(([a], [b]) => (a < b ? -1 : 1));
}

function unescaped(text: string, escapes: RegExp): string {
  return text.replace(escapes, (_, escape: string | undefined) => {
    if (escape === undefined) {
      throw new Error(`a lone backslash in ${text}`);
    }
    return escape === 'n' ? '\n' : escape;
  });
}

function numberOf(text: string): number {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$|^[+-]Inf$|^NaN$/i.test(text)) {
    throw new Error(`not a number: ${text}`);
  }
  return Number(text.replace(/inf$/i, 'Infinity'));
}
