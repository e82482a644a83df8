import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { AnchorHistory, Chain, Outcome, SignedAnchor } from "../../src/ports.ts";
import { named } from "../support/xrpl-liar.ts";
import { chainOver, claim, type Network, otherMemos, signed, startNetwork } from "../support/xrpl-network.ts";

let network: Network;
let server: XrplServer;
let anchor: SignedAnchor;
let absent: SignedAnchor;
let outcome: Outcome;
let history: AnchorHistory;

beforeEach(async () => {
  network = await startNetwork();
  ({ server } = network);
  const chain = chainOver([server]);
  anchor = await signed(chain);
  absent = await chain.sign(otherMemos, anchor.sequence);
  await chain.submit(anchor);
  network.close(7);
  outcome = await chain.outcome(anchor);
  history = await chain.history(claim);
});

/** Where in an answer something is altered, and into what. */
interface Mutation {
  readonly request: number;
  readonly isLasting: boolean;
  readonly place: number;
  readonly value: JsonValue | undefined;
}

const mutations = fc.record({
  request: fc.nat(20),
  isLasting: fc.boolean(),
  place: fc.nat(),
  value: fc.oneof(
    fc.constantFrom<JsonValue | undefined>(undefined, null, true, false, "", [], {}, -1, 0, 1, 2 ** 32, 1e300),
    fc.nat(30),
    fc.stringMatching(/^[0-9A-F]{0,64}$/),
    fc.string(),
  ),
});

function places(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name]))];
}

function altered(value: JsonValue, [name, ...rest]: readonly string[], to: JsonValue | undefined): unknown {
  if (name === undefined) return to;
  const copy = (Array.isArray(value) ? [...(value as JsonValue[])] : { ...(value as JsonObject) }) as Record<
    string,
    unknown
  >;
  copy[name] = altered(copy[name] as JsonValue, rest, to);
  return copy;
}

/** A server of whose answers one, or each after it, is altered in one place. */
function mutant({ request: at, isLasting, place, value }: Mutation): XrplServer {
  let requests = 0;
  return {
    ...server,
    endpoint: "mutant",
    async request(command, parameters) {
      const answer = (await server.request(command, parameters)) as JsonObject;
      const number = requests++;
      if (isLasting ? number < at : number !== at) return answer;
      const all = places(answer);
      return altered(answer, all[place % all.length] ?? [], value) as JsonObject;
    },
  };
}

async function said<T>(act: Promise<T>): Promise<T | "a fault"> {
  try {
    return await act;
  } catch (error) {
    if (error instanceof SettlementError) return "a fault";
    throw error;
  }
}

/** The truth, or nothing. */
async function requireTruth(chain: Chain): Promise<void> {
  expect([outcome, { state: "pending" }, "a fault"]).toContainEqual(await said(chain.outcome(anchor)));
  expect([{ state: "expired" }, { state: "pending" }, "a fault"]).toContainEqual(await said(chain.outcome(absent)));
  expect([history, "a fault"]).toContainEqual(await said(chain.history(claim)));
}

test("one altered place in the answers of a server leaves the truth or a fault, whoever stands beside it", async () => {
  const held = fc.asyncProperty(mutations, async (mutation) => {
    await requireTruth(chainOver([mutant(mutation)]));
    await requireTruth(chainOver([mutant(mutation), named(server, "second")]));
    await requireTruth(chainOver([named(server, "second"), mutant(mutation)]));
  });
  await expect(fc.assert(held, { numRuns: 60 })).resolves.toBeUndefined();
});
