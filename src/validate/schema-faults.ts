import type { ErrorObject } from "ajv/dist/2020.js";
import type { JsonValue } from "../core/json.ts";
import type { SchemaName } from "./schemas.ts";
import { validatorOf } from "./validators.ts";

export interface SchemaFault {
  /** JSON pointer to the value at fault, RFC 6901; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

const maxFaults = 50;

/** The ways in which a value breaks a schema, at most 50; none when it is valid. */
export function schemaFaults(name: SchemaName, value: JsonValue): readonly SchemaFault[] {
  const validate = validatorOf(name);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // There may be a million of them, which would stay until the next fault.
  validate.errors = null;
  // An "if" only says that the branch after it failed, which names itself.
  return errors
    .filter(({ keyword }) => keyword !== "if")
    .slice(0, maxFaults)
    .map(faultOf);
}

function faultOf({ instancePath, keyword, params, message = "is not valid" }: ErrorObject): SchemaFault {
  const facts: Readonly<Record<string, unknown>> = params;
  const name = JSON.stringify(facts["additionalProperty"] ?? facts["propertyName"])?.slice(0, 60);
  const allowed = Array.isArray(facts["allowedValues"]) ? facts["allowedValues"].join(", ") : "";
  const said =
    keyword === "additionalProperties"
      ? `has the unknown member ${name}`
      : keyword === "enum"
        ? `must be one of ${allowed}`
        : message;
  return { pointer: instancePath, message: `${instancePath === "" ? "it" : instancePath} ${said}` };
}
