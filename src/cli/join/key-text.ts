import type { Context } from "../command.ts";
import { columns, harmless, styled } from "../io.ts";
import { noteTo } from "../notes.ts";
import { showAnswers } from "./answers.ts";
import type { KeyOutcome } from "./change-keys.ts";

/**
 * Shows what became of a change of keys, and what is to be done now.
 *
 * @param made - files of a key that was made for it
 * @returns the exit code
 */
export function showKeyOutcome(
  { config, format, io }: Context,
  outcome: KeyOutcome,
  what: string,
  made: readonly string[] = [],
): number {
  if (outcome.state === "refused") return showAnswers(io, format, outcome.faults);
  const { node, path, isInLedger, event, keysLeft } = outcome;
  if (keysLeft === 0) {
    noteTo(io)(
      `no key of ${node} may sign from then on: only governance, or whoever keeps the ledger, can give it one`,
    );
  }
  if (format === "json") {
    io.out(`${JSON.stringify({ node, path, event: event?.event ?? null, keysLeft, files: made })}\n`);
    return 0;
  }
  const rows: [string, string][] = [
    ...made.map((file): [string, string] => ["key", `${harmless(file)}, mode 0600; there is no other copy`]),
    ["manifest", harmless(path)],
    ...(event ? [["event", event.id] as [string, string]] : []),
    ["to do", isInLedger ? nextInLedger(event !== null) : nextInFile(event !== null)],
  ];
  io.out(`${styled(io, "green", "✓")} ${harmless(what)}\n${columns(rows)}`);
  if (event && !isInLedger && config.output === undefined) io.out(`${JSON.stringify(event.event)}\n`);
  return 0;
}

function nextInLedger(hasEvent: boolean): string {
  const both = hasEvent ? "the manifest and the event in one commit" : "the manifest";
  return `commit ${both}, signed by a key of the node that was there before and is still good`;
}

function nextInFile(hasEvent: boolean): string {
  const then = hasEvent ? ", then the event with: settlement event append" : "";
  return `hand the manifest to the network, with: settlement node add, in a commit that a good key of the node signs${then}`;
}
