import { bundleJson, bundleMediaType, type Bundle } from "../core/bundle.ts";
import { utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { parseJson } from "../core/json.ts";
import { parseNodeId } from "../core/node-id.ts";
import { inclusionSpellings, spellInclusion } from "../core/spell-inclusion.ts";
import { parseChoice, parseId, parseVersion } from "../core/parameters.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import { type Answer, asDownload, jsonAnswer, jsonMediaType, textMediaType } from "./answer.ts";
import type { Context } from "./context.ts";
import { problemOf } from "./problem.ts";
import type { Route } from "./route.ts";

const spellings = ["bundle", ...inclusionSpellings] as const;

type Spelling = (typeof spellings)[number];

const maxIds = 100;
const maxBytes = 64 * 1024;

async function prove(context: Context, view: LedgerView, name: string): Promise<Bundle> {
  return context.proof(view, await context.find(view, name));
}

/** The proof of one event in one of its spellings, to be saved under a name that tells the event. */
function proofAnswer(bundle: Bundle, spelling: Spelling): Answer {
  const name = bundle.event.id.slice(0, 16);
  if (spelling === "bundle") {
    const cache = bundle.xpop ? "immutable" : "brief";
    return asDownload(jsonAnswer(bundleJson(bundle), cache, bundleMediaType), `${name}.proof.json`);
  }
  const spelt = spellInclusion(bundle, spelling);
  if (typeof spelt !== "string") return jsonAnswer(spelt, "immutable");
  return asDownload({ type: textMediaType, body: utf8(spelt), cache: "immutable" }, `${name}.${spelling}`);
}

/** @throws SettlementError `REQUEST_MALFORMED` and those of `parseJson` */
function parseIds(body: Uint8Array): string[] {
  const fields = fieldsOf("REQUEST_MALFORMED", "request", parseJson(body));
  fields.only("ids");
  const ids = fields.list("ids", maxIds);
  if (ids.length === 0) fields.fail(`member "ids" must name at least one event`);
  return ids.map((id) =>
    typeof id === "string" && /^[0-9a-fA-F]{64}$/.test(id)
      ? id.toLowerCase()
      : fields.fail('member "ids" holds something other than event ids, which are 64 hex digits'),
  );
}

/** The proof of one event among several; what cannot be proven is told beside the others. */
async function proveOne(context: Context, view: LedgerView, id: string): Promise<unknown> {
  try {
    return { id, bundle: bundleJson(await prove(context, view, id)) };
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return { id, problem: problemOf(error, "") };
  }
}

async function proveAll(context: Context, ids: readonly string[]): Promise<Answer> {
  const view = await context.view();
  const found = new Map<string, unknown>();
  for (const id of new Set(ids)) found.set(id, await proveOne(context, view, id));
  return jsonAnswer({ proofs: ids.map((id) => found.get(id)) }, "never");
}

export function proofRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/events/:id/proof",
      query: ["spelling"],
      answer: async (input) => {
        const spelling = parseChoice("spelling", input.query("spelling") ?? "bundle", spellings);
        const id = parseId("id", input.path("id"));
        return proofAnswer(await prove(context, await context.view(), id), spelling);
      },
    },
    {
      path: "/v1/releases/:org/:repo/:version/proof",
      answer: async (input) => {
        const repo = parseNodeId(`${input.path("org")}/${input.path("repo")}`);
        const version = parseVersion("version", input.path("version"));
        const bundle = await prove(context, await context.view(), `${repo}@${version}`);
        const name = `${repo.replace("/", "-")}-${version}.proof.json`;
        return asDownload(proofAnswer(bundle, "bundle"), name);
      },
    },
    {
      path: "/v1/proofs",
      body: { types: [jsonMediaType], maxBytes },
      answer: ({ body }) => proveAll(context, parseIds(body)),
    },
  ];
}
