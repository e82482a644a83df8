import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { NodeKind } from "../../core/event-types.ts";
import type { Dialect } from "../../core/ledger-event.ts";
import type { NodeId } from "../../core/node-id.ts";
import { version } from "../../version.ts";

/** What a workflow is written for. */
export interface WorkflowFor {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly dialect: Dialect;
  /** Address of a node that takes events; a variable of the repository says it when left out. */
  readonly url?: string | undefined;
  /** Repository of the ledger: events come there by pull request. */
  readonly repository?: NodeId | undefined;
}

/** A template of a workflow, beside package.json wherever this file was compiled to. */
export function template(name: string): string {
  const root = dirname(createRequire(import.meta.url).resolve("repomesh-settlement/package.json"));
  return readFileSync(join(root, "scripts", "templates", name), "utf8").trimEnd();
}

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}

/** Does this node publish releases? Then its workflow does; of others it signs the events they have. */
export function releases({ kind, dialect }: Pick<WorkflowFor, "kind" | "dialect">): boolean {
  return kind === "compute" || dialect === "jsonl";
}

/** Path of the workflow, and its YAML. Every value that goes into it has a grammar without anything YAML or a shell reads. */
export function workflow(node: WorkflowFor): { readonly path: string; readonly text: string } {
  const { id, dialect, url, repository } = node;
  const name = releases(node) ? "release" : "event";
  const handIn = template(repository === undefined ? "hand-in-http.yml" : "hand-in-pull-request.yml");
  const values: Readonly<Record<string, string>> = {
    ID: id,
    DIALECT: dialect,
    PACKAGE: `repomesh-settlement@${version}`,
    REPOSITORY: repository ?? "",
    URL: url === undefined ? "${{ vars.SETTLEMENT_URL }}" : new URL(url).href,
  };
  const whole = template(`${name}.yml`)
    .replace(/^ *# @HAND_IN@$/m, () => indented(handIn, 6))
    .replace(/^ *# @DESCRIBE@$/m, () => indented(template(`describe-${dialect}.sh`), 10));
  const text = whole.replaceAll(/@([A-Z_]+)@/g, (found, key: string) => values[key] ?? found);
  return { path: `.github/workflows/repomesh-${name}.yml`, text: `${text}\n` };
}
