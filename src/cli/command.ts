/**
 * What a command of the command line is: its grammar as data, which `program.ts` turns into a parser, and the function
 * behind it, which is given values of the types that the grammar promises.
 */
import type { ExitCode } from './exit-code.js';
import type { Io } from './io.js';

/** One option. Its key `serverPattern` in a command is `--server-pattern` on the command line. */
export type OptionSpec =
  | { readonly kind: 'switch'; readonly help: string }
  | { readonly kind: 'text'; readonly value: string; readonly help: string; readonly required?: boolean }
  /** May be given more than once. */
  | { readonly kind: 'texts'; readonly value: string; readonly help: string }
  | { readonly kind: 'whole'; readonly value: string; readonly min: number; readonly max: number; readonly help: string }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly help: string };

/** Options by key. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The type of one option's value. */
export type OptionValue<S extends OptionSpec> = S extends { readonly kind: 'switch' }
  ? boolean
  : S extends { readonly kind: 'text'; readonly required: true }
    ? string
    : S extends { readonly kind: 'text' }
      ? string | undefined
      : S extends { readonly kind: 'texts' }
        ? readonly string[]
        : S extends { readonly kind: 'whole' }
          ? number | undefined
          : S extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
            ? V | undefined
            : never;

/** The values of all options. */
export type OptionValues<O extends OptionSpecs> = { readonly [K in keyof O]: OptionValue<O[K]> };

/** One call of a command. */
export interface Invocation<O extends OptionSpecs> {
  readonly args: readonly string[];
  readonly options: OptionValues<O>;
  readonly io: Io;
}

/** A command with its types. */
export interface CommandDefinition<O extends OptionSpecs> {
  /** One word, or two for a command of a group (`pending list`). */
  readonly name: string;
  readonly summary: string;
  /** What follows the name: one, one or more, any number. */
  readonly argument?: { readonly name: string; readonly count: 'one' | 'some' | 'any' };
  readonly options: O;
  /** A paragraph after the list of options. */
  readonly notes?: string;
  readonly run: (invocation: Invocation<O>) => Promise<ExitCode>;
}

/** A command as the parser sees it. */
export interface Command extends Omit<CommandDefinition<OptionSpecs>, 'run'> {
  /** `values` has one value of the right type for each of the options. */
  start(args: readonly string[], values: Readonly<Record<string, unknown>>, io: Io): Promise<ExitCode>;
}

/** Takes the types away from a definition, once it was checked against them. */
export function defineCommand<const O extends OptionSpecs>(definition: CommandDefinition<O>): Command {
  const { run, ...grammar } = definition;
  return { ...grammar, start: (args, values, io) => run({ args, options: values as OptionValues<O>, io }) };
}
