import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import common from "../../../schemas/common.schema.json" with { type: "json" };
import receipt from "../../../schemas/receipt.schema.json" with { type: "json" };
import xpop from "../../../schemas/xpop.schema.json" with { type: "json" };
import type { JsonValue } from "../../../src/core/json.ts";

const ajv = new Ajv2020({ strict: true, strictRequired: false });
addFormats.default(ajv);
ajv.addSchema([common, receipt]);
const validate = ajv.compile(xpop);

/** Is this of the form that `schemas/xpop.schema.json` describes? */
export function isPublishedForm(value: JsonValue): boolean {
  return validate(value);
}
