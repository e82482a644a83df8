import { staticFiles } from "../../adapters/static-files.ts";
import { staticLedger } from "../../adapters/static-ledger.ts";
import { openLedger } from "../../compose.ts";
import { fast } from "../../compose-judging.ts";
import { type Bundle, bundleJson } from "../../core/bundle.ts";
import { utf8 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { monthOf } from "../../core/month.ts";
import { inclusionSpellings, spellInclusion } from "../../core/spell-inclusion.ts";
import { xpopJson } from "../../core/xrpl/xpop.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { findEvent, monthProver } from "../../settle/prove-inclusion.ts";
import { publishedJson } from "../../settle/published-json.ts";
import type { CommandSpec } from "../command.ts";
import { styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";
import { writeOutput } from "../output.ts";

/** A proof in the form that was asked for. */
function proofBytes(bundle: Bundle, spelling: string): Uint8Array {
  if (spelling === "bundle") return publishedJson(bundleJson(bundle));
  if (spelling === "checkpoint") return utf8(bundle.checkpoint);
  if (spelling === "xpop") {
    if (bundle.xpop) return publishedJson(xpopJson(bundle.xpop));
    throw new SettlementError("PARTITION_NOT_PROVEN", "the month has no validators' signatures yet");
  }
  const known = inclusionSpellings.find((each) => each === spelling);
  if (!known) throw new SettlementError("CONFIG_INVALID", `--spelling takes ${spellings.join(", ")}`);
  const spelt = spellInclusion(bundle, known);
  return utf8(typeof spelt === "string" ? spelt : `${JSON.stringify(spelt)}\n`);
}

const spellings = ["bundle", "xpop", "checkpoint", ...inclusionSpellings];

export const prove: CommandSpec = {
  name: "prove",
  usage: "<EVENT>",
  about:
    "Write the proof of one event, named by its id or, for a release, by org/repo@version: one file that verifies offline.",
  settings: ["ledger", "from", "data", "output", "spelling"],
  examples: [
    "prove your-org/your-repo@1.2.0 -o release.proof.json",
    "prove 4f1c…(64 hex digits) -o event.proof.json",
    "prove 4f1c…(64 hex digits) --spelling tlog-proof -o event.tlog-proof",
    "prove your-org/your-repo@1.2.0 --from https://ledger.example.org/ -o release.proof.json",
  ],
  async run({ config, io }, [name = ""]) {
    const open =
      config.from === undefined
        ? await openLedger(config.ledger, warnOfRecovery(io))
        : staticLedger(staticFiles(config.from), monthOf(Date.now()), fast.sha256);
    const view = await readLedgerView(open);
    const { partition, index } = await findEvent(view, name);
    const bundle = await (await monthProver(view, partition, { ...open, ...fast })).prove(index);
    const bytes = proofBytes(bundle, config.spelling);
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
