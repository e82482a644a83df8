import { acceptor } from "../../src/settle/accept-events.ts";
import { acceptingInto } from "./accepting.ts";
import { nativeEvent, nowUnixMs, releasePayload } from "./build-ledger.ts";

/** Hands events to a ledger one after the other, as a process of its own: folder, first version, number of events. */
const [folder = "", start = "0", count = "0"] = process.argv.slice(2);
const door = acceptor(acceptingInto(folder, () => nowUnixMs));
for (let at = Number(start); at < Number(start) + Number(count); at++) {
  const payload = releasePayload("acme/widget", `9.0.${at}`);
  const [verdict] = await door.accept([
    nativeEvent("ReleasePublished", "acme/widget", "2026-03-20T11:00:00Z", payload),
  ]);
  if (verdict?.state === "refused") throw new Error(`${verdict.code} ${verdict.reason}`);
}
