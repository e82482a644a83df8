import { fromUtf8 } from "../../core/bytes.ts";
import type { OpenJudge } from "./open-judge.ts";
import type { EventPlaces } from "./sarif.ts";

interface EventFile {
  /** Path from where the command was given. */
  readonly file: string;
  readonly text: string;
}

/** Where in the files of a ledger its events stand. */
export async function eventPlaces({ open, snapshot }: OpenJudge, pathPrefix: string): Promise<EventPlaces> {
  const { tree, prefix } = open;
  const inTree = prefix === "" ? "" : `${prefix}/`;
  const files: EventFile[] = [];
  for (const month of snapshot.files.keys()) {
    const path = `${inTree}${month === "" ? "events/events.jsonl" : `${month}.json`}`;
    const bytes = await tree.read(path);
    if (bytes) files.push({ file: pathPrefix + path, text: fromUtf8(bytes) });
  }
  return {
    place(event) {
      // What an event says of another stands behind that one, so the first to name an id is its own.
      const found = files.find(({ text }) => text.includes(`"${event}"`));
      if (!found) return { file: files[0]?.file ?? "." };
      const before = found.text.slice(0, found.text.indexOf(`"${event}"`));
      return { file: found.file, line: before.split("\n").length };
    },
  };
}
