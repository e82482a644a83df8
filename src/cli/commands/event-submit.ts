import { submitEvents } from "../../adapters/event-submission.ts";
import { SettlementError } from "../../core/error.ts";
import type { CommandSpec } from "../command.ts";
import { showAnswers } from "../join/answers.ts";
import { readEvents } from "../join/given-files.ts";
import { noteTo } from "../notes.ts";

export const eventSubmit: CommandSpec = {
  name: "event submit",
  usage: "<FILE>",
  about:
    "Hand a signed event, or a JSON array of them, in to a settlement node over HTTP. No token is needed: the signature says who speaks. A server that is busy is asked again, as long as it asks for no more than two minutes; handing the same event in again does no harm. Exit 1 when one was refused.",
  settings: ["url", "format"],
  examples: ["event submit event.json --url https://ledger.example.org"],
  async run({ config, format, io }, [path = ""]) {
    const { url } = config;
    if (url === undefined) {
      throw new SettlementError("CONFIG_INVALID", "event submit needs --url: the address of the settlement node");
    }
    const events = readEvents(path);
    const note = noteTo(io);
    const answers = await submitEvents(events, {
      url,
      signal: io.stop,
      onWait: (why, waitMs) => note(`${why}; trying again in ${Math.ceil(waitMs / 1000)} s`),
    });
    return showAnswers(io, format, answers);
  },
};
