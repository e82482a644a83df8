import { validatorLists } from "./adapters/validator-lists.ts";
import { listenToValidations, type Listening } from "./adapters/xrpl-validations.ts";
import { configuredTrust, fast } from "./compose.ts";
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

/** Validators listened to, and the way to prove months by what they say. */
export interface Proving {
  readonly deps: ProveMonthDeps;
  close(): Promise<void>;
}

/**
 * Begins to listen to the validators of a network, which has to be before anything is submitted; undefined where nobody
 * publishes who they are.
 */
export function openProving(
  config: Config,
  witnesses: Witnesses,
  parts: { readonly archive: Archive; readonly chain: Chain; readonly evidence: EvidenceStore; readonly log?: Log },
): Proving | undefined {
  const { endpoints, listUrls } = witnesses;
  if (listUrls.length === 0) return undefined;
  const { archive, chain, evidence, log } = parts;
  const told = log ? { log } : {};
  const validations: Listening = listenToValidations({ endpoints, ...told });
  const trust = { publishers: pinnedPublishers(config, witnesses) };
  const lists = validatorLists(listUrls, log);
  return {
    deps: { archive, chain, evidence, validations, lists, trust, verify: fast.verify },
    close: () => validations.close(),
  };
}
