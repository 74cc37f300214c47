/** Which value of each setting is in force: the flag's, or else the environment's, or else the file's, or else the default. */
import { readFile } from 'node:fs/promises';
import { CommanderError, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { attributeOf, Given, type Setting, schemaOf } from './setting.ts';

export const configEnvironment = 'XSTATE_RAFT_CONFIG';

/** In order of precedence. */
export type SourceKind = 'flag' | 'environment' | 'file' | 'default';

export interface Resolved {
  readonly setting: Setting;
  readonly given: Given;
  readonly kind: SourceKind;
  /** The flag, the variable or the file. */
  readonly source: string;
}

export interface Sources {
  /** As commander gives them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A value that cannot be used, and where it came from: an error of usage, as a wrong flag is. */
function wrong(message: string): CommanderError {
  return new CommanderError(2, 'xstate-raft.setting', message);
}

/**
 * The values in force, without those that are given nowhere and have no default.
 * @throws CommanderError that names the value at fault, its source and the remedy
 */
export async function resolveSettings(
  settings: readonly Setting[],
  { flags, environment }: Sources,
): Promise<Resolved[]> {
  const { config = environment[configEnvironment] || undefined } = flags;
  const file = await readConfig(settings, config);
  return settings.flatMap((setting): Resolved[] => {
    const flag = flags[attributeOf(setting)];
    if (flag instanceof Given) return [{ setting, given: flag, kind: 'flag', source: `--${setting.name}` }];
    if (typeof flag === 'boolean') {
      const source = flag ? `--${setting.name}` : `--no-${setting.name}`;
      return [{ setting, given: new Given(flag ? 'on' : 'off', flag), kind: 'flag', source }];
    }
    const text = environment[setting.environment];
    // As with other tools: a variable that is empty says nothing.
    if (text !== undefined && text !== '') {
      return [
        { setting, given: readVariable(setting, text), kind: 'environment', source: setting.environment },
      ];
    }
    const inFile = file?.values[setting.name];
    if (file !== undefined && inFile !== undefined) {
      return [{ setting, given: inFile, kind: 'file', source: file.path }];
    }
    const { fallback, read } = setting;
    if (fallback === undefined) return [];
    return [{ setting, given: new Given(fallback, read(fallback)), kind: 'default', source: 'default' }];
  });
}

/** @throws CommanderError */
export function requireSettings(settings: readonly Setting[], resolved: readonly Resolved[]): void {
  const missing = settings.find(
    (setting) => setting.isRequired && !resolved.some((each) => each.setting === setting),
  );
  if (missing === undefined) return;
  const { name, argument, environment } = missing;
  throw wrong(
    `--${name} is missing: give --${name} ${argument}, set ${environment}, or write "${name}" in the file of --config`,
  );
}

/** The options of a command, by the names that its code has for them. */
export function valuesOf(resolved: readonly Resolved[]): Record<string, unknown> {
  return Object.fromEntries(resolved.map(({ setting, given }) => [attributeOf(setting), given.value]));
}

/** How an error names each value: by the flag, the variable, or the name in the file. */
export function sourcesOf(resolved: readonly Resolved[]): Record<string, string> {
  return Object.fromEntries(
    resolved.map(({ setting, kind, source }) => [
      attributeOf(setting),
      kind === 'file' ? `"${setting.name}" in ${source}:` : source,
    ]),
  );
}

function readVariable(setting: Setting, text: string): Given {
  try {
    return new Given(text, setting.read(text));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrong(`${setting.environment} is "${text}" in the environment, which is invalid. ${error.message}`);
  }
}

interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, Given | undefined>>;
}

async function readConfig(settings: readonly Setting[], path: unknown): Promise<ConfigFile | undefined> {
  if (typeof path !== 'string') return undefined;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { message } = error as Error; // all that readFile and parse throw
    const isJson = error instanceof SyntaxError;
    throw wrong(
      isJson
        ? `${path} is no JSON: ${message}. Correct it; comments are not JSON`
        : `The file of --config cannot be read: ${message}. Correct its path`,
    );
  }
  const schema = z.strictObject(
    Object.fromEntries(settings.map((setting) => [setting.name, schemaOf(setting).optional()])),
  );
  const parsed = schema.safeParse(content);
  if (parsed.success) return { path, values: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const names = settings.map(({ name }) => name).join(', ');
    throw wrong(`"${issue.keys[0]}" in ${path} is no setting here: there are ${names}`);
  }
  const name = String(issue?.path[0] ?? '');
  if (name === '') throw wrong(`${path} holds no settings: write {"name": value, ...}`);
  const value = JSON.stringify((content as Record<string, unknown>)[name]); // an object, as it has a value at fault
  throw wrong(`"${name}" in ${path} is ${value}, which is invalid. ${issue?.message}`);
}
