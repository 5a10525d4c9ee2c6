/** From the commands' own descriptions to a parser, and from a command line to the call that it stands for. */
import { Command as Parser, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Command, OptionSpec } from './command.js';
import type { Io } from './io.js';
import { wrapped } from './output/text.js';

/** The whole command line. */
export interface Grammar {
  readonly name: string;
  readonly about: string;
  readonly version: string;
  readonly commands: readonly Command[];
  /** Lines after the general help. */
  readonly notes: readonly string[];
}

/** One command with what it was given: a value of the right type for every one of its options. */
export interface CommandCall {
  readonly command: Command;
  readonly args: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a command line comes to. */
export type Parsed =
  | { readonly kind: 'call'; readonly call: CommandCall }
  /** Help or version was asked for, and printed. */
  | { readonly kind: 'told' }
  /** One line on standard error says what is wrong. */
  | { readonly kind: 'refused' };

/** Parses one command line (without node and script). Runs nothing. */
export function parseCommandLine(args: readonly string[], grammar: Grammar, io: Io): Parsed {
  let call: CommandCall | undefined;
  try {
    createParser(grammar, io, (chosen) => {
      call = chosen;
    }).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      return { kind: error.exitCode === 0 ? 'told' : 'refused' };
    }
    throw error;
  }
  return call === undefined ? { kind: 'refused' } : { kind: 'call', call };
}

function createParser(grammar: Grammar, io: Io, chosen: (call: CommandCall) => void): Parser {
  const root = configured(new Parser(grammar.name), io)
    .description(grammar.about)
    .version(grammar.version)
    .addHelpText('after', `\n${grammar.notes.join('\n')}`);
  for (const command of grammar.commands) {
    const [first = '', second] = command.name.split(' ');
    const parent = second === undefined ? root : groupOf(root, first, { grammar, io });
    addCommand(configured(parent.command(second ?? first), io), { command, width: io.width, chosen });
  }
  return root;
}

function groupOf(root: Parser, name: string, of: { readonly grammar: Grammar; readonly io: Io }): Parser {
  const known = root.commands.find((one) => one.name() === name);
  if (known !== undefined) {
    return known;
  }
  const members = of.grammar.commands.filter((one) => one.name.startsWith(`${name} `)).map((one) => one.name.slice(name.length + 1));
  return configured(root.command(name), of.io).description(`${members.join(', ')}: each has its own --help`);
}

function addCommand(
  parser: Parser,
  what: { readonly command: Command; readonly width: number; readonly chosen: (call: CommandCall) => void },
): void {
  const { command, width, chosen } = what;
  parser.description(command.summary);
  if (command.argument !== undefined) {
    parser.argument(argumentGrammar(command.argument));
  }
  for (const [key, spec] of Object.entries(command.options)) {
    parser.addOption(optionGrammar(key, spec));
  }
  if (command.notes !== undefined) {
    parser.addHelpText('after', `\n${wrapped(command.notes, width, '').join('\n')}`);
  }
  parser.action(() => chosen({ command, args: parser.args, values: valuesOf(parser, command) }));
}

/** One way to fail for every level of the grammar: a line on standard error, and an exception instead of an exit. */
function configured(parser: Parser, io: Io): Parser {
  return parser
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: io.width })
    .configureOutput({
      writeOut: (text) => void io.line(text.replace(/\n$/, '')),
      outputError: (text) => io.note(`vedette: ${text.trim().replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')}`),
    });
}

function argumentGrammar({ name, count }: NonNullable<Command['argument']>): string {
  switch (count) {
    case 'one':
      return `<${name}>`;
    case 'some':
      return `<${name}...>`;
    case 'any':
      return `[${name}...]`;
  }
}

function optionGrammar(key: string, spec: OptionSpec): Option {
  const name = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  switch (spec.kind) {
    case 'switch':
      return new Option(name, spec.help);
    case 'text':
      return new Option(`${name} <${spec.value}>`, spec.help).makeOptionMandatory(spec.required === true);
    case 'texts':
      return new Option(`${name} <${spec.value}>`, `${spec.help}; repeatable`).argParser((value, before: readonly string[] | undefined) => [...(before ?? []), value]);
    case 'whole':
      return new Option(`${name} <${spec.value}>`, spec.help).argParser((value) => wholeNumber(value, spec));
    case 'choice':
      return new Option(`${name} <${spec.values.join('|')}>`, spec.help).argParser((value) => oneOf(value, spec.values));
  }
}

function wholeNumber(text: string, range: { readonly min: number; readonly max: number }): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < range.min || value > range.max) {
    throw new InvalidArgumentError(`Expected a whole number from ${range.min} to ${range.max}.`);
  }
  return value;
}

function oneOf(text: string, values: readonly string[]): string {
  if (!values.includes(text)) {
    throw new InvalidArgumentError(`Expected ${values.join(', ')}.`);
  }
  return text;
}

/** A value for every option of the command, given or not. */
function valuesOf(parser: Parser, command: Command): Readonly<Record<string, unknown>> {
  const given = parser.opts<Record<string, unknown>>();
  const absent = { switch: false, text: undefined, texts: [], whole: undefined, choice: undefined } as const;
  return Object.fromEntries(Object.entries(command.options).map(([key, spec]) => [key, given[key] ?? absent[spec.kind]]));
}
