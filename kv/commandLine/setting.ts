/** A setting: a flag, an environment variable and a name in the file of --config, read and checked alike. */
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

/** How a value may be written in the file besides as text, which is read as on the command line. */
export type FileForm = 'text' | 'number' | 'list' | 'map' | 'switch';

export interface Setting {
  /** The flag's name, and the one in the file. */
  readonly name: string;
  /** How help names the value; a switch has none. */
  readonly argument?: string;
  readonly environment: string;
  readonly description: string;
  readonly form: FileForm;
  /** @throws InvalidArgumentError */
  readonly read: (text: string) => unknown;
  /** What it is unless given, as text. */
  readonly fallback?: string;
  readonly isRequired?: true;
  /** Flags that cannot be given with it. */
  readonly conflicts?: string;
}

/** A value as it was written, and as it was read. */
export class Given {
  readonly text: string;
  readonly value: unknown;
  constructor(text: string, value: unknown) {
    this.text = text;
    this.value = value;
  }
}

/** The name of its option in the code: `redis-peers` is `redisPeers`. */
export function attributeOf({ name }: Pick<Setting, 'name'>): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function readSwitch(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw new InvalidArgumentError('Give true or false.');
}

/** The flags of a setting; a switch can be turned off, too, for what the environment or the file says. */
export function optionsOf(setting: Setting): Option[] {
  const { name, argument, description, environment, fallback, read, conflicts = [] } = setting;
  const isDefault = fallback === undefined ? '' : `default: ${fallback}, `;
  const option = new Option(
    argument === undefined ? `--${name}` : `--${name} ${argument}`,
    `${description} (${isDefault}env: ${environment})`,
  ).conflicts(conflicts);
  if (argument !== undefined) return [option.argParser((text) => new Given(text, read(text)))];
  return [option, new Option(`--no-${name}`).hideHelp()];
}

const forms: Record<FileForm, z.ZodType<string>> = {
  text: z.string('Give a text.'),
  number: z.union([z.string(), z.number().transform(String)], 'Give a number.'),
  switch: z.union([z.boolean().transform(String), z.string()], 'Give true or false.'),
  list: z.union(
    [z.string(), z.array(z.string()).transform((items) => items.join(','))],
    'Give a list of texts.',
  ),
  map: z.union(
    [
      z.string(),
      z.record(z.string(), z.string()).transform((entries) =>
        Object.entries(entries)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
      ),
    ],
    'Give a text for each node.',
  ),
};

/** What the file may say of a setting. */
export function schemaOf({ form, read }: Setting): z.ZodType<Given> {
  return forms[form].transform((text, context) => {
    try {
      return new Given(text, read(text));
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}
