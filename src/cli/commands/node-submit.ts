import { handIn } from "../../adapters/event-submission.ts";
import { toBase64 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { fieldsOf } from "../../core/fields.ts";
import { isJsonObject, parseJson } from "../../core/json.ts";
import { parseNodeManifest } from "../../core/node-manifest.ts";
import { nodeRequestMessage } from "../../core/node-request.ts";
import { ledgerOrigin, parseHost } from "../../core/settlement-info.ts";
import { formatTimestamp } from "../../core/time.ts";
import type { CommandSpec } from "../command.ts";
import { harmless, styled } from "../io.ts";
import { readGiven } from "../join/given-files.ts";
import { nowOf } from "../join/open-writable.ts";
import { signingKey } from "../join/signing-key.ts";
import { noteTo } from "../notes.ts";

const maxAnswerBytes = 1_000_000;

export const nodeSubmit: CommandSpec = {
  name: "node submit",
  usage: "<FILE>",
  about:
    "Ask a settlement node over HTTP to take a new node in, in the name of the network's governance: signed by a key of the governance node that --id names. Exit 1 when the rules of the ledger refuse the manifest.",
  settings: ["url", "origin", "id", "keyFile", "now", "format"],
  examples: [
    "node submit node.json --url https://ledger.example.org --origin ledger.example.org --id network/governance --key-file governance.pem",
  ],
  async run({ config, format, io }, [path = ""]) {
    const { url, origin: host, id: by } = config;
    if (url === undefined || host === undefined || by === undefined) {
      throw new SettlementError(
        "CONFIG_INVALID",
        "node submit needs --url, --origin (what the ledger is called) and --id (the governance node that asks)",
      );
    }
    const node = parseJson(readGiven(path));
    const { id } = parseNodeManifest(node);
    if (!isJsonObject(node)) throw new TypeError("a manifest is an object");
    const request = { v: 1, at: formatTimestamp(nowOf(config)), by, node, origin: ledgerOrigin(parseHost(host)) };
    const signature = toBase64(signingKey(config).sign(nodeRequestMessage(request)));
    const note = noteTo(io);
    const bytes = await handIn("nodes", JSON.stringify({ ...request, signature }), maxAnswerBytes, {
      url,
      signal: io.stop,
      onWait: (why, waitMs) => note(`${why}; trying again in ${Math.ceil(waitMs / 1000)} s`),
    });
    const answer = fieldsOf("SUBMISSION_UNANSWERED", "answer", parseJson(bytes));
    const state = answer.oneOf("state", ["added", "known", "refused"]);
    if (format === "json") io.out(`${JSON.stringify(answer.object)}\n`);
    else if (state === "refused") {
      for (const fault of answer.list("errors", 1000)) {
        const told = fieldsOf("SUBMISSION_UNANSWERED", "answer", fault);
        io.out(
          `${styled(io, "red", "REFUSED")} ${harmless(told.text("code", 100))}: ${harmless(told.text("reason", 4096))}\n`,
        );
      }
    } else
      io.out(`${styled(io, "green", "✓")} ${id} ${state === "added" ? "was added" : "is in the ledger already"}\n`);
    return state === "refused" ? 1 : 0;
  },
};
