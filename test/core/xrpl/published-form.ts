import { readdirSync, readFileSync } from "node:fs";
import { type AnySchemaObject, Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { JsonValue } from "../../../src/core/json.ts";

const folder = new URL("../../../schemas/", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
const schemas = files.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as AnySchemaObject);
const ajv = new Ajv2020({ strict: true, strictRequired: false });
addFormats.default(ajv);
ajv.addSchema(schemas);

/** Is this of the form that a schema of `schemas/` describes? */
export function isPublishedForm(name: "xpop" | "bundle", value: JsonValue): boolean {
  const validate = ajv.getSchema(`https://repomesh.dev/settlement/schemas/${name}.schema.json`);
  if (!validate) throw new Error(`there is no schema ${name}`);
  return validate(value) === true;
}
