import { Command, Option } from "commander";
import { type Config, flagOf, readConfig, type SettingName, settings, variableOf } from "../config.ts";
import type { Io } from "./io.ts";

export type Flags = Readonly<Record<string, unknown>>;

/** What a command runs with. */
export interface Context {
  readonly config: Config;
  readonly flags: Flags;
  readonly io: Io;
}

/** One command of `settlement`. */
export interface CommandSpec {
  readonly name: string;
  /** `<required>` and `[optional]` arguments. */
  readonly usage?: string;
  readonly about: string;
  readonly settings: readonly SettingName[];
  /** Flags of this command alone. */
  readonly flags?: readonly (readonly [flags: string, about: string])[];
  readonly examples: readonly string[];
  /** Resolves to the exit code. */
  run(context: Context, args: readonly string[]): Promise<number>;
}

function settingOption(name: SettingName): Option {
  const setting: {
    readonly about: string;
    readonly kind: string;
    readonly holder?: string;
    readonly value?: string | number | boolean;
  } = settings[name];
  const holder = setting.holder === undefined ? "" : ` <${setting.holder}>`;
  const fallback = setting.value === undefined || setting.value === false ? "" : `, default ${String(setting.value)}`;
  const option = new Option(`${flagOf(name)}${holder}`, `${setting.about} (${variableOf(name)}${fallback})`);
  return setting.kind === "list"
    ? option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    : option;
}

/** The commander command of a spec; `finish` gets the exit code. */
export function commandOf(spec: CommandSpec, io: Io, finish: (code: number) => void): Command {
  const command = new Command(spec.name).description(spec.about);
  if (spec.usage !== undefined) command.arguments(spec.usage);
  for (const name of spec.settings) command.addOption(settingOption(name));
  for (const [flags, about] of spec.flags ?? []) command.option(flags, about);
  command.option("--config <FILE>", "JSON file with any of the settings (SETTLEMENT_CONFIG)");
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((line) => `  $ settlement ${line}\n`).join("")}`);
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2).filter((value) => typeof value === "string");
    const flags: Flags = command.opts();
    finish(await spec.run({ config: readConfig(flags, io.env), flags, io }, args));
  });
  return command;
}

/** Value of `--format`, which is text unless said otherwise. */
export function formatOf(flags: Flags): string {
  return typeof flags["format"] === "string" ? flags["format"] : "text";
}
