/**
 * A mail filter at 200 messages a second: all attachments and links of a message are one batch of questions, and the
 * message goes the way of the worst of them.
 */
import { bytesSubject, urlSubject, worst } from 'vedette';
import type { CheckResult, Checker, Locator, Subject } from 'vedette';

/** A message as the mail server hands it over. */
export interface Message {
  readonly id: string;
  readonly attachments: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly links: readonly string[];
}

/** What the mail server is to do with it. */
export type Routing =
  | { readonly kind: 'deliver'; readonly warning?: string }
  | { readonly kind: 'hold'; readonly pending: readonly string[] }
  | { readonly kind: 'reject'; readonly threats: readonly string[] };

/** Judges a message within the time that the mail server waits. */
export async function route(checker: Checker, message: Message, signal: AbortSignal): Promise<Routing> {
  const subjects = subjectsOf(message);
  if (subjects.length === 0) {
    return { kind: 'deliver' };
  }
  const results = await checker.checkMany(subjects, { signal, deadlineMs: 20_000 });
  const { verdict, decision } = worst(results);
  switch (decision.access) {
    case 'allow':
      return { kind: 'deliver' };
    case 'warn':
      return { kind: 'deliver', warning: verdict.threats[0]?.name ?? verdict.reason ?? 'suspicious' };
    case 'hold':
      return { kind: 'hold', pending: pendingIds(results) };
    case 'block':
      return { kind: 'reject', threats: results.flatMap((one) => one.verdict.threats.map((threat) => threat.name)) };
  }
}

/** Locators lead back to the message in the spool: what is flagged can be opened again by `parts.openers.mail`. */
function subjectsOf(message: Message): Subject[] {
  const locator = (part: string): Locator => ({ scheme: 'mail', ref: `${message.id}/${part}` });
  return [
    ...message.attachments.map(({ name, bytes }, i) => bytesSubject(bytes, { label: name, locator: locator(`attachment/${i}`) })),
    ...message.links.map((link, i) => urlSubject(link, { label: link, locator: locator(`link/${i}`) })),
  ];
}

function pendingIds(results: readonly CheckResult[]): string[] {
  return results.flatMap(({ pending }) => (pending.kind === 'queued' ? [pending.id] : []));
}
