import { SettlementError } from "../core/error.ts";
import { parseTilePath } from "../core/tiles.ts";
import { readLedgerTile } from "../settle/ledger-tiles.ts";
import type { PartitionView } from "../settle/ledger-view.ts";
import { type Answer, jsonMediaType, textMediaType } from "./answer.ts";
import type { Context } from "./context.ts";
import { partitionOf } from "./partitions.ts";
import type { Route } from "./route.ts";

/** Files of a closed month, by the last part of their path. */
const closedFiles = [
  { path: "checkpoint", file: "checkpoint", type: textMediaType },
  { path: "ledger-checkpoint", file: "ledger-checkpoint", type: textMediaType },
  { path: "manifest", file: "manifest.json", type: jsonMediaType },
  { path: "evidence", file: "evidence.json", type: jsonMediaType },
  { path: "nodes", file: "nodes.json", type: jsonMediaType },
  { path: "receipt", file: "receipt.json", type: jsonMediaType },
  { path: "xpop", file: "xpop.json", type: jsonMediaType },
] as const;

function requireClosed({ month, manifest }: PartitionView): void {
  if (manifest) return;
  throw new SettlementError("PARTITION_NOT_CLOSED", `${month} is not closed yet, so nothing of it is published`);
}

function requireFile({ month }: PartitionView, name: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes) return bytes;
  if (name === "receipt.json") {
    throw new SettlementError("PARTITION_NOT_ANCHORED", `${month} is closed and not anchored yet: it has no receipt`);
  }
  if (name === "xpop.json") {
    throw new SettlementError(
      "PARTITION_NOT_PROVEN",
      `${month} has no validators' signatures yet, or its network has none`,
    );
  }
  throw new SettlementError("LEDGER_REFUTED", `${name} of ${month} is missing though the month is closed`);
}

/** A file of a closed month as it is stored. @throws SettlementError `PARTITION_NOT_CLOSED`, `PARTITION_NOT_ANCHORED` */
async function fileAnswer(
  context: Context,
  partition: PartitionView,
  { file, type }: { readonly file: string; readonly type: string },
): Promise<Answer> {
  requireClosed(partition);
  const body = requireFile(partition, file, await context.file(partition, file));
  return { type, body, cache: "immutable" };
}

export function partitionFileRoutes(context: Context): readonly Route[] {
  const files = closedFiles.map(({ path, ...file }): Route => ({
    path: `/v1/partitions/:month/${path}`,
    answer: async (input) => fileAnswer(context, partitionOf(await context.view(), input), file),
  }));
  const tiles: Route = {
    path: "/v1/partitions/:month/tile/*tile",
    answer: async (input) => {
      const name = `tile/${input.path("tile")}`;
      parseTilePath(name);
      const partition = partitionOf(await context.view(), input);
      requireClosed(partition);
      const body = await context.file(partition, name);
      if (body) return { type: "application/octet-stream", body, cache: "immutable" };
      throw new SettlementError(
        "TILE_NOT_FOUND",
        `the log of ${partition.month} has ${partition.events.count} leaves and no ${name}`,
      );
    },
  };
  return [...files, tiles];
}

/** The ledger log of closed months, C2SP tlog-tiles: its newest signed checkpoint, and its tiles. */
export function checkpointRoutes(context: Context): readonly Route[] {
  const { archive } = context.deps;
  return [
    {
      path: "/v1/tile/*tile",
      answer: async (input) => {
        const name = `tile/${input.path("tile")}`;
        parseTilePath(name);
        const { closed } = await context.view();
        const body = await context.own(() => readLedgerTile(closed, archive, name));
        if (body) return { type: "application/octet-stream", body, cache: "immutable" };
        const size = closed.at(-1)?.evidence?.s ?? 0;
        throw new SettlementError("TILE_NOT_FOUND", `the ledger log has ${size} leaves and no ${name}`);
      },
    },
    {
      path: "/v1/checkpoint",
      answer: async () => {
        const newest = (await context.view()).partitions.findLast(({ manifest }) => manifest !== undefined);
        if (!newest) throw new SettlementError("PARTITION_NOT_CLOSED", "no month is closed yet");
        const answer = await fileAnswer(context, newest, { file: "ledger-checkpoint", type: textMediaType });
        return { ...answer, cache: "brief" };
      },
    },
  ];
}
