import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import common from "../../schemas/common.schema.json" with { type: "json" };
import eventJsonl from "../../schemas/event-jsonl.schema.json" with { type: "json" };
import event from "../../schemas/event.schema.json" with { type: "json" };
import attestationPublished from "../../schemas/events/AttestationPublished.json" with { type: "json" };
import breakingChangeDetected from "../../schemas/events/BreakingChangeDetected.json" with { type: "json" };
import dependencyVulnFound from "../../schemas/events/DependencyVulnFound.json" with { type: "json" };
import healthCheckFailed from "../../schemas/events/HealthCheckFailed.json" with { type: "json" };
import interfaceUpdated from "../../schemas/events/InterfaceUpdated.json" with { type: "json" };
import policyViolation from "../../schemas/events/PolicyViolation.json" with { type: "json" };
import releasePublished from "../../schemas/events/ReleasePublished.json" with { type: "json" };
import evidence from "../../schemas/evidence.schema.json" with { type: "json" };
import manifest from "../../schemas/manifest.schema.json" with { type: "json" };
import node from "../../schemas/node.schema.json" with { type: "json" };
import nodes from "../../schemas/nodes.schema.json" with { type: "json" };
import settlement from "../../schemas/settlement.schema.json" with { type: "json" };
import trust from "../../schemas/trust.schema.json" with { type: "json" };
import type { JsonValue } from "../core/json.ts";

/** Every published schema by its short name; those of payloads by the type of event. */
export const schemas = {
  event,
  eventJsonl,
  node,
  nodes,
  settlement,
  manifest,
  evidence,
  trust,
  ReleasePublished: releasePublished,
  AttestationPublished: attestationPublished,
  BreakingChangeDetected: breakingChangeDetected,
  HealthCheckFailed: healthCheckFailed,
  DependencyVulnFound: dependencyVulnFound,
  InterfaceUpdated: interfaceUpdated,
  PolicyViolation: policyViolation,
} as const;

export type SchemaName = keyof typeof schemas;

export interface SchemaFault {
  /** JSON pointer to the value at fault, RFC 6901; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

let ajv: Ajv2020 | undefined;
const validators = new Map<SchemaName, ValidateFunction>();

function validatorOf(name: SchemaName): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  if (!ajv) {
    // That the schemas are valid themselves does not change.
    ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, meta: false, validateSchema: false });
    addFormats.default(ajv);
    ajv.addSchema([common, ...Object.values(schemas)]);
  }
  const validate = ajv.getSchema(schemas[name].$id);
  if (!validate) throw new TypeError(`no schema ${name}`);
  validators.set(name, validate);
  return validate;
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
