import { equalBytes } from "../../core/bytes.ts";
import type { CommandSpec } from "../command.ts";
import { harmless, styled } from "../io.ts";
import { refusalOf, showAnswers } from "../join/answers.ts";
import { type ProposedNode, proposeNode, writeNode } from "../../compose-nodes.ts";
import { readGiven } from "../join/given-files.ts";
import { judgementText, readNode } from "../join/node-facts.ts";
import { beginLedger, judgingOf, nowOf, openWritable } from "../join/open-writable.ts";
import { noteTo } from "../notes.ts";

function stateOf({ errors, previous, bytes }: ProposedNode): "refused" | "known" | "changed" | "added" {
  if (errors.length > 0) return "refused";
  if (!previous) return "added";
  return equalBytes(previous, bytes) ? "known" : "changed";
}

const words = { known: "is in the ledger as it stands", changed: "was changed", added: "was added" } as const;

export const nodeAdd: CommandSpec = {
  name: "node add",
  usage: "<FILE>",
  about:
    "Put a node.json into a ledger folder, or change the one that is there, after every rule of the ledger was asked. In a folder with nothing in it a ledger begins. Exit 1 when it is refused.",
  settings: ["ledger", "policy", "now", "format"],
  examples: ["node add node.json --ledger ../network"],
  async run({ config, format, io }, [path = ""]) {
    const bytes = readGiven(path);
    const { node, faults } = await readNode(bytes, nowOf(config));
    if (!node) return showAnswers(io, format, faults);
    if (await beginLedger(config.ledger)) noteTo(io)(`${config.ledger} was empty; a ledger begins there`);
    const open = await openWritable(config, io);
    const proposed = await open.ledger.alone(async () => {
      const judged = await proposeNode(open, { id: node.id, bytes }, judgingOf(config));
      if (["added", "changed"].includes(stateOf(judged))) await writeNode(open, judged);
      return judged;
    });
    const state = stateOf(proposed);
    if (format === "json") {
      const { errors, warnings } = proposed;
      io.out(
        `${JSON.stringify({ id: node.id, state, path: proposed.path, errors: errors.map(refusalOf), warnings })}\n`,
      );
    } else {
      io.out(judgementText(io, proposed));
      if (state !== "refused") io.out(`${styled(io, "green", "✓")} ${harmless(proposed.path)} ${words[state]}\n`);
    }
    return state === "refused" ? 1 : 0;
  },
};
