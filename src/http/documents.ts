import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Route } from "./route.ts";

/** Beside package.json, wherever this file was compiled to. */
const schemaFolder = join(
  dirname(createRequire(import.meta.url).resolve("repomesh-settlement/package.json")),
  "schemas",
);

const openapiMediaType = "application/vnd.oai.openapi";

/** Every JSON Schema of the package by its path below `schemas/`: the only names that can be asked for. */
function readSchemas(): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(schemaFolder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".json"))
    .toSorted();
  return new Map(names.map((name) => [name, readFileSync(join(schemaFolder, name))]));
}

/** The description with every JSON Schema it refers to inside, under the names they have, so that it needs no other file. */
function compoundOpenapi(yaml: Uint8Array, schemas: ReadonlyMap<string, Uint8Array>): unknown {
  const document = parse(fromUtf8(yaml)) as { components: { schemas: Record<string, unknown> } };
  const embedded = Array.from(schemas, ([name, bytes]) => {
    const key = name.replaceAll("/", ".").replace(/(\.schema)?\.json$/, "");
    return [`file.${key}`, JSON.parse(fromUtf8(bytes)) as unknown] as const;
  });
  const { components } = document;
  return {
    ...document,
    components: { ...components, schemas: { ...components.schemas, ...Object.fromEntries(embedded) } },
  };
}

export function documentRoutes(): readonly Route[] {
  const schemas = readSchemas();
  const yaml = readFileSync(join(schemaFolder, "openapi.yaml"));
  let json: Answer | undefined;
  return [
    {
      path: "/v1/openapi.yaml",
      answer: () => ({ type: `${openapiMediaType};version=3.1`, body: yaml, cache: "brief" }),
    },
    {
      path: "/v1/openapi.json",
      answer: () =>
        (json ??= jsonAnswer(compoundOpenapi(yaml, schemas), "brief", `${openapiMediaType}+json;version=3.1`)),
    },
    {
      path: "/v1/schemas",
      answer: () => jsonAnswer({ schemas: Array.from(schemas.keys(), (name) => `/v1/schemas/${name}`) }),
    },
    {
      path: "/v1/schemas/*name",
      answer: (input) => {
        const name = input.path("name");
        const body = schemas.get(name);
        if (body) return { type: "application/schema+json", body, cache: "brief" };
        throw new SettlementError(
          "SCHEMA_NOT_FOUND",
          `there is no schema ${JSON.stringify(name.slice(0, 60))}; /v1/schemas lists all`,
        );
      },
    },
  ];
}
