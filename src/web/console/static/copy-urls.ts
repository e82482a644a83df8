import type { Copy } from "./open-copy.ts";
import { eventsFile } from "./copy-events.ts";
import { siteFile } from "../../../adapters/static-site.ts";

const fixed: Readonly<Record<string, string>> = {
  v1: "v1",
  verify: "verify.html",
  "v1/registry/nodes": "registry/nodes.json",
  "v1/partitions": siteFile,
  "v1/anchors": siteFile,
};

function monthFile(month: string, name: string | undefined, copy: Copy | undefined): string | undefined {
  switch (name) {
    case undefined:
      return `anchors/${month}/manifest.json`;
    case "events":
      return copy && eventsFile(copy, month);
    case "checkpoint":
    case "ledger-checkpoint":
      return `anchors/${month}/${name}`;
    default:
      return `anchors/${month}/${name}.json`;
  }
}

/** The file of a copy that says what a node answers at a path; undefined where that is made of many. */
export function fileAt(path: string, copy: Copy | undefined): string | undefined {
  const [, month, name] = /^v1\/partitions\/(\d{4}-\d{2})(?:\/([a-z-]+))?$/.exec(path) ?? [];
  if (month !== undefined) return monthFile(month, name, copy);
  const [, node] = /^v1\/nodes\/([^?#]+)$/.exec(path) ?? [];
  return node === undefined ? fixed[path] : `nodes/${node}/node.json`;
}
