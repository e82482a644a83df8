import { type Badge, type BadgeSubject, nodeBadge, releaseBadge } from "../core/badge.ts";
import { SettlementError } from "../core/error.ts";
import type { NodeId } from "../core/node-id.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { JudgeReleaseOptions, ReleaseJudge } from "./judge-release.ts";

export interface BadgeOptions extends Pick<JudgeReleaseOptions, "profile" | "compat"> {
  readonly subject: BadgeSubject;
}

/**
 * The badge of a release, or of a node: that of its newest release, or, where it releases nothing, of its kind.
 *
 * @throws SettlementError `EVENT_NOT_FOUND`, `NODE_NOT_FOUND`, and those of judging
 */
export async function badgeOf(
  { repo, version }: { readonly repo: NodeId; readonly version: string | undefined },
  ledger: { readonly judge: ReleaseJudge; readonly nodes: readonly NodeManifest[] },
  { subject, ...options }: BadgeOptions,
): Promise<Badge> {
  const named = version ?? (await ledger.judge.newest(repo));
  if (named !== undefined) return releaseBadge(await ledger.judge.judge(repo, named, options), subject);
  const node = ledger.nodes.find(({ id }) => id === repo);
  if (node) return nodeBadge(node);
  throw new SettlementError("NODE_NOT_FOUND", `the ledger registers no node ${repo} and holds no release of it`);
}
