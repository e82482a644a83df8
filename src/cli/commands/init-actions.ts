import { statSync } from "node:fs";
import { join } from "node:path";
import { refuseExisting, writeNewFiles } from "../../adapters/new-files.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { version } from "../../version.ts";
import type { CommandSpec } from "../command.ts";
import { columns, harmless, styled, wrapped } from "../io.ts";
import { template } from "../join/templates.ts";

const workflows = ["validate", "settle", "publish"] as const;

/** Every value has a grammar without anything YAML or a shell reads. */
function valuesOf(config: Config, origin: string): Readonly<Record<string, string>> {
  const { branch, pushBranch = branch, network, commits, yesMainnet } = config;
  return {
    PACKAGE: `repomesh-settlement@${version}`,
    BRANCH: branch,
    PUSH_BRANCH: pushBranch,
    NETWORK: network,
    ORIGIN: origin,
    COMMITS: commits ? " --commits" : "",
    YES_MAINNET: String(yesMainnet),
  };
}

/** The settings that a workflow cannot do without. @throws SettlementError `CONFIG_INVALID` */
function requireSettings({ network, origin, yesMainnet }: Config): string {
  if (network === "local") {
    throw new SettlementError(
      "CONFIG_INVALID",
      "init-actions needs --network: testnet, devnet, mainnet or xrpl-<network id>; a local network would end with the runner",
    );
  }
  if (origin === undefined) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "init-actions needs --origin: the host that the ledger's logs are named after",
    );
  }
  if (network === "mainnet" && !yesMainnet) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "anchoring on mainnet spends real XRP each month, unattended: say so with --yes-mainnet",
    );
  }
  return origin;
}

/** What the keeper of the ledger does now, each a line. */
function nextSteps({ branch, pushBranch = branch }: Config): readonly string[] {
  return [
    "make the environment repomesh-settlement in the settings of the repository, for its default branch alone",
    "give it the secrets: gh secret set SETTLEMENT_KEY --env repomesh-settlement < settlement.pem, and SETTLEMENT_SEED < account.seed",
    `protect ${branch}: no force pushes, and RepoMesh validate must pass${pushBranch === branch ? "; let github-actions push closed months there, or choose another --push-branch" : ""}`,
    "choose GitHub Actions as the source of Pages, or delete repomesh-publish.yml",
    "commit what was written, and start RepoMesh settle by hand the first time",
  ];
}

export const initActions: CommandSpec = {
  name: "init-actions",
  usage: "[DIR]",
  about:
    "Make the repository of a ledger settle itself on GitHub: workflows that validate pull requests, close and anchor months by cron, and publish the closed ones on Pages. Nothing that is there is overwritten, and either all is written or nothing.",
  settings: ["network", "origin", "branch", "pushBranch", "commits", "yesMainnet", "format"],
  examples: ["init-actions network --network testnet --origin ledger.example.org --commits"],
  run({ config, format, io }, [folder = "."]) {
    const values = valuesOf(config, requireSettings(config));
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new SettlementError("OUTPUT_UNWRITABLE", `${folder} is no folder; name that of the ledger's repository`);
    }
    const files = workflows.map((name) => {
      const text = template(`ledger-${name}.yml`).replaceAll(
        /@([A-Z_]+)@/g,
        (found, key: string) => values[key] ?? found,
      );
      return { path: `.github/workflows/repomesh-${name}.yml`, text: `${text}\n` };
    });
    refuseExisting(folder, files);
    writeNewFiles(folder, files);
    const next = nextSteps(config);
    const paths = files.map(({ path }) => path);
    if (format === "json") io.out(`${JSON.stringify({ files: paths, next }, null, 2)}\n`);
    else {
      const rows = paths.map((path): [string, string] => ["wrote", harmless(join(folder, path))]);
      const steps = next.map((step, at) => `  ${at + 1}. ${wrapped(io, step, 5)}\n`).join("");
      io.out(
        `${styled(io, "green", "✓")} the repository settles itself from now on\n${columns(rows)}\nNext:\n${steps}`,
      );
    }
    return Promise.resolve(0);
  },
};
