import { Command, CommanderError } from "commander";
import { type ErrorKind, SettlementError } from "../core/error.ts";
import { version } from "../version.ts";
import { commandOf } from "./command.ts";
import { commandsFor, groups } from "./commands.ts";
import { harmless, type Io, styled } from "./io.ts";

/** Exit codes: 0 good, 1 the evidence says no, 2 wrong use, 3 not provable now, 70 a bug. */
const exitCodes = { good: 0, refuted: 1, usage: 2, notNow: 3, bug: 70 } as const;

/** Exit code of a failure by its kind. */
export const exitOf: Readonly<Record<ErrorKind, number>> = {
  invalid: exitCodes.usage,
  absent: exitCodes.usage,
  conflict: exitCodes.usage,
  refuted: exitCodes.refuted,
  unavailable: exitCodes.notNow,
  uncertain: exitCodes.notNow,
};

function usageError({ message }: CommanderError): SettlementError {
  const what = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace(/\.$/, "");
  return new SettlementError("USAGE_INVALID", `${what}; add --help for what there is`);
}

function report(error: unknown, wantsJson: boolean, io: Io): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.good;
    // Without a command, help is the answer and is there already.
    return error.code === "commander.help" ? exitCodes.usage : report(usageError(error), wantsJson, io);
  }
  if (error instanceof SettlementError) {
    const { code, kind, message } = error;
    if (wantsJson) io.out(`${JSON.stringify({ error: { code, kind, message } })}\n`);
    else io.err(`${styled(io, "red", code)}: ${harmless(message)}\n`);
    return exitOf[kind];
  }
  io.err(
    `This is a bug in settlement ${version}; please report it.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.bug;
}

/** The format of errors, which may come before the settings could be read. */
function formatAsked(args: readonly string[], { env }: Io): string | undefined {
  const at = args.findLastIndex((arg) => arg === "--format" || arg.startsWith("--format="));
  if (at < 0) return env["SETTLEMENT_FORMAT"];
  return args[at] === "--format" ? args[at + 1] : args[at]?.slice("--format=".length);
}

/** The group that a command of two words belongs to, made with the first of them. */
function groupOf(name: string, program: Command): Command {
  const [first = "", second] = name.split(" ");
  if (second === undefined) return program;
  const known = program.commands.find((command) => command.name() === first);
  if (known) return known;
  const group = new Command(first).description(groups[first] ?? "").copyInheritedSettings(program);
  program.addCommand(group);
  return group;
}

function withCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
}

/** Runs `settlement` with arguments. Never throws; resolves to the exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.good;
  const program = new Command("settlement")
    .description(
      "Settlement node of a RepoMesh network: validates its ledger, closes and anchors its months on the XRP Ledger, and proves its events.",
    )
    .version(version)
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
    .addHelpText("after", "\nExit codes: 0 good, 1 the evidence says no, 2 wrong use, 3 not provable now, 70 a bug.\n");
  try {
    for (const spec of await commandsFor(args)) {
      const command = commandOf(spec, io, (result) => {
        code = result;
      });
      const parent = groupOf(spec.name, program);
      parent.addCommand(command.copyInheritedSettings(program));
    }
    for (const command of withCommands(program)) command.exitOverride();
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error, formatAsked(args, io) === "json", io);
  }
}
