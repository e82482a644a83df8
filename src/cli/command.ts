import { Command, Option } from "commander";
import { type Config, flagOf, readConfig, variableOf } from "../config.ts";
import { SettlementError } from "../core/error.ts";
import { type Setting, type SettingName, settings } from "../settings.ts";
import type { Io } from "./io.ts";

type Format = "text" | "json" | "sarif" | "github" | "markdown";

/** What a command runs with. */
export interface Context {
  readonly config: Config;
  /** One of the command's formats. */
  readonly format: Format;
  readonly io: Io;
}

/** One command of `settlement`. */
export interface CommandSpec {
  /** One word, or two: those of a group and of the command in it. */
  readonly name: string;
  /** `<required>` and `[optional]` arguments. */
  readonly usage?: string;
  readonly about: string;
  readonly settings: readonly SettingName[];
  /** What it can print; text and json unless said otherwise. */
  readonly formats?: readonly Format[];
  readonly examples: readonly string[];
  /** Resolves to the exit code. */
  run(context: Context, args: readonly string[]): Promise<number>;
}

function settingOption(name: SettingName): Option {
  const setting: Setting = settings[name];
  const holder = setting.holder === undefined ? "" : ` <${setting.holder}>`;
  const short = setting.short === undefined ? "" : `${setting.short}, `;
  const fallback = setting.value === undefined || setting.value === false ? "" : `, default ${String(setting.value)}`;
  const option = new Option(`${short}${flagOf(name)}${holder}`, `${setting.about} (${variableOf(name)}${fallback})`);
  return setting.kind === "list"
    ? option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    : option;
}

/** The commander command of a spec; `finish` gets the exit code. */
export function commandOf(spec: CommandSpec, io: Io, finish: (code: number) => void): Command {
  const command = new Command(spec.name.split(" ").at(-1) ?? "").description(spec.about);
  if (spec.usage !== undefined) command.arguments(spec.usage);
  for (const name of spec.settings) command.addOption(settingOption(name));
  command.option("--config <FILE>", "JSON file with any of the settings (SETTLEMENT_CONFIG)");
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((line) => `  $ settlement ${line}\n`).join("")}`);
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2).filter((value) => typeof value === "string");
    const config = readConfig(command.opts(), io.env);
    finish(await spec.run({ config, format: formatOf(spec, config), io }, args));
  });
  return command;
}

function formatOf({ formats = ["text", "json"] }: CommandSpec, { format }: Config): Format {
  const found = formats.find((known) => known === format);
  if (found) return found;
  throw new SettlementError(
    "CONFIG_INVALID",
    `--format takes ${formats.join(", ")} here, not ${JSON.stringify(format.slice(0, 40))}`,
  );
}
