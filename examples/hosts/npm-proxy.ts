/**
 * An npm registry proxy: a package is fetched once, judged with the links of its manifest before anybody gets it, and
 * what was let through is recorded with the verdict that it was let through by.
 */
import { bytesSubject, toRecord, urlSubject, worst, VedetteError } from 'vedette';
import type { Checker, Json } from 'vedette';

/** A package as it came from the registry behind. */
export interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  readonly tarball: Uint8Array;
  readonly homepage?: string;
}

/** What the proxy answers its client. */
export interface ProxyAnswer {
  readonly status: 200 | 403 | 503;
  readonly retryAfterSeconds?: number;
  readonly audit: Json;
}

/** Judges one package. The client's disconnect aborts it and flags nothing. */
export async function admit(checker: Checker, fetched: FetchedPackage, signal: AbortSignal): Promise<ProxyAnswer> {
  const label = `${fetched.name}@${fetched.version}`;
  const tag = { package: fetched.name, version: fetched.version };
  try {
    const results = await checker.checkMany(
      [
        bytesSubject(fetched.tarball, { label, tag, locator: { scheme: 'npm', ref: label } }),
        ...(fetched.homepage === undefined ? [] : [urlSubject(fetched.homepage, { label: fetched.homepage, tag })]),
      ],
      { signal, deadlineMs: 10_000, trace: true },
    );
    const audit = results.map(toRecord);
    const { decision } = worst(results);
    if (decision.access === 'hold') {
      return { status: 503, retryAfterSeconds: 30, audit };
    }
    return { status: decision.access === 'block' ? 403 : 200, audit };
  } catch (error) {
    // Only the client's own abort and a closed engine get here: what a subject or a server does is a verdict.
    if (VedetteError.is(error) && error.code === 'closed') {
      return { status: 503, retryAfterSeconds: 5, audit: null };
    }
    throw error;
  }
}
