import { appendEvents, type Appended } from "../../settle/append-events.ts";
import { type LedgerView, readLedgerView } from "../../settle/ledger-view.ts";
import { findEvent } from "../../settle/prove-inclusion.ts";
import type { CommandSpec } from "../command.ts";
import { type Answer, showAnswers } from "../join/answers.ts";
import { readEvents } from "../join/given-files.ts";
import { openWritable } from "../join/open-writable.ts";

async function placedIn(view: LedgerView, answer: Appended): Promise<Answer> {
  if (answer.state === "refused") return answer;
  const { partition, index } = await findEvent(view, answer.id);
  return { state: answer.state, id: answer.id, month: partition.month, leafIndex: index };
}

export const eventAppend: CommandSpec = {
  name: "event append",
  usage: "<FILE>",
  about:
    "Add a signed event, or a JSON array of them, to a ledger folder, judged by every rule first. Exit 1 when one was refused; the good ones are in the ledger then.",
  settings: ["ledger", "policy", "grace", "now", "format"],
  examples: ["event append event.json --ledger ../network", "event append - --ledger ../network < event.json"],
  async run({ config, format, io }, [path = ""]) {
    const events = readEvents(path);
    const { ledger, archive, appending } = await openWritable(config, io);
    const answers = await ledger.alone(() => appendEvents(events, appending));
    const isHeld = answers.some(({ state }) => state !== "refused");
    const view = isHeld ? await readLedgerView({ ledger, archive }) : undefined;
    const shown: Answer[] = [];
    for (const each of answers) shown.push(view ? await placedIn(view, each) : { ...each });
    return showAnswers(io, format, shown);
  },
};
