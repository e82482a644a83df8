import { fast, openLedger } from "../../compose.ts";
import { bundleJson } from "../../core/bundle.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { findEvent, monthProver } from "../../settle/prove-inclusion.ts";
import { publishedJson } from "../../settle/published-json.ts";
import type { CommandSpec } from "../command.ts";
import { styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";
import { writeOutput } from "../output.ts";

export const prove: CommandSpec = {
  name: "prove",
  usage: "<EVENT>",
  about:
    "Write the proof of one event, named by its id or, for a release, by org/repo@version: one file that verifies offline.",
  settings: ["ledger", "data", "output"],
  examples: ["prove your-org/your-repo@1.2.0 -o release.proof.json", "prove 4f1c…(64 hex digits) -o event.proof.json"],
  async run({ config, io }, [name = ""]) {
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const { partition, index } = findEvent(await readLedgerView(open), name);
    const bundle = (await monthProver(partition, { archive: open.archive, ...fast })).prove(index);
    const bytes = publishedJson(bundleJson(bundle));
    const { output } = config;
    if (output === undefined) {
      io.out(new TextDecoder().decode(bytes));
      return 0;
    }
    writeOutput(output, bytes);
    const state = bundle.receipt ? `anchored in ledger ${bundle.receipt.header.index}` : "closed, not anchored yet";
    io.out(
      `${styled(io, "green", "✓")} ${output}: event ${bundle.event.id}, leaf ${index} of ${partition.month} (${state}), ${bytes.length} bytes\n`,
    );
    return 0;
  },
};
