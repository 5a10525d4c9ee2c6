/** `vedette pending audit`: what was let through unverified, when and why, and how and when that came to an end. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRecord } from '../../audit/audit-log.js';
import type { Json } from '../../base/seams.js';
import { readJournalAudit } from '../../node/audit/read-journal-audit.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { fileError } from '../input/read-file.js';
import { outputOptions } from '../output/options.js';
import { counted, dated, grouped, printable } from '../output/text.js';
import { reasonWords } from '../output/words.js';

/** Every temporary allow on record. Also while an engine is at work on the directory. */
export const pendingAuditCommand: Command = defineCommand({
  name: 'pending audit',
  summary: 'show what was let through unverified, and how it ended',
  options: {
    data: { kind: 'text', value: 'DIR', help: 'the data directory with the record', required: true },
    open: { kind: 'switch', help: 'only what is still unverified' },
    json: outputOptions.json,
  },
  async run({ options, io }) {
    await stat(options.data).catch((error: unknown) => {
      throw fileError(options.data, error);
    });
    const audit = await readJournalAudit({
      dir: join(options.data, 'audit'),
      onLoss: (path) => io.note(`vedette: a part of ${path} is damaged and not shown`),
    });
    let shown = 0;
    let open = 0;
    for await (const record of audit.read(options.open ? { open: true } : {})) {
      shown++;
      open += record.resolution === undefined ? 1 : 0;
      for (const line of options.json ? [JSON.stringify(auditRecord(record))] : auditLines(record)) {
        await io.line(line);
      }
    }
    await io.line(options.json ? JSON.stringify({ kind: 'summary', records: shown, open }) : `${counted(shown, 'record', 'records')} (${grouped(open)} still open)`);
    return exitClean;
  },
});

/** The JSON line: instants are epoch ms. */
function auditRecord({ subject, kind, resolution, ...record }: AuditRecord): Json {
  const { label, locator } = subject;
  return {
    kind: 'audit',
    subject: kind,
    path: label ?? locator?.ref ?? null,
    ...record,
    resolution: resolution === undefined ? null : endOf(resolution),
  };
}

function endOf({ at, disposition, reason, threats, access, remedy, outcome }: NonNullable<AuditRecord['resolution']>): Json {
  return { at, disposition, reason: reason ?? null, threats, access, remedy, outcome: outcome ?? null };
}

function auditLines(record: AuditRecord): string[] {
  const { subject, resolution, repeats } = record;
  const times = repeats === undefined ? '' : `, ${grouped(repeats.times)} times more until ${dated(repeats.lastAt)}`;
  const end = resolution === undefined ? 'still unverified' : `${dated(resolution.at)}  ${endWords(resolution)}`;
  return [
    printable(subject.label ?? subject.locator?.ref ?? record.url ?? record.sha256 ?? record.pendingId),
    `  ${dated(record.at)}  ${record.access === 'warn' ? 'let through with a warning' : 'let through'}: ${reasonWords[record.reason]} (policy ${printable(record.policy)}${times})`,
    `  ${end}`,
  ];
}

function endWords({ disposition, reason, threats, remedy, outcome }: NonNullable<AuditRecord['resolution']>): string {
  const found = threats.length === 0 ? disposition : `${disposition} (${threats.map(printable).join(', ')})`;
  const why = disposition === 'unknown' && reason !== undefined ? `: ${reasonWords[reason]}` : '';
  return `${found}${why}${outcome === undefined ? '' : `, ${remedy}: ${outcome}`}`;
}
