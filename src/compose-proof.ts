import { validatorLists } from "./adapters/validator-lists.ts";
import { listenToValidations, type Listening } from "./adapters/xrpl-validations.ts";
import { configuredTrust, fast } from "./compose-judging.ts";
import type { Witnesses } from "./compose-chain.ts";
import type { Config } from "./config.ts";
import type { PinnedPublisher } from "./core/trust.ts";
import type { Archive, Chain, EvidenceStore, Log } from "./ports.ts";
import type { ProveMonthDeps } from "./settle/prove-month.ts";

/** Publishers whose lists prove something to those who believe this node: those of the configuration, and its own network's. */
export function pinnedPublishers(
  config: Config,
  { publisher }: Pick<Witnesses, "publisher">,
): readonly PinnedPublisher[] {
  const { publishers } = configuredTrust(config);
  return publisher ? [...publishers, publisher] : publishers;
}

/** Lists change a few times a year. */
const listReuseMs = 60_000;

/** A local network serves its list where it is reached, so who pins its publisher need not say where. */
function localLists(config: Config, endpoints: readonly string[]): readonly string[] {
  if (config.network !== "local") return [];
  const pinned = configuredTrust(config).publishers.filter(({ network }) => network === "local");
  return pinned.flatMap(({ publicKey }) =>
    endpoints.map((endpoint) => new URL(`/vl/${publicKey}`, endpoint.replace(/^ws/, "http")).href),
  );
}

/** Validators listened to, and the way to prove months by what they say. */
export interface Proving {
  readonly deps: ProveMonthDeps;
  close(): Promise<void>;
}

/**
 * Listens to the validators of a network, which has to be before anything is submitted: resolves when one server sends
 * what they sign, or none does soon. Undefined where nobody publishes who they are.
 */
export async function openProving(
  config: Config,
  witnesses: Witnesses,
  parts: { readonly archive: Archive; readonly chain: Chain; readonly evidence: EvidenceStore; readonly log?: Log },
): Promise<Proving | undefined> {
  const { endpoints } = witnesses;
  const listUrls = witnesses.listUrls.length > 0 ? witnesses.listUrls : localLists(config, endpoints);
  if (listUrls.length === 0) return undefined;
  const { archive, chain, evidence, log } = parts;
  const told = log ? { log } : {};
  if (config.network !== "local" && endpoints.length === 1) {
    const message = "one server alone is listened to: what it does not pass on is missed; name a second --endpoint";
    log?.({ level: "warn", message, network: config.network });
  }
  const validations: Listening = listenToValidations({ endpoints, ...told });
  const trust = { publishers: pinnedPublishers(config, witnesses) };
  const lists = validatorLists(listUrls, { ...told, reuseMs: config.network === "local" ? 0 : listReuseMs });
  await validations.ready;
  return {
    deps: { archive, chain, evidence, validations, lists, trust, verify: fast.verify },
    close: () => validations.close(),
  };
}
