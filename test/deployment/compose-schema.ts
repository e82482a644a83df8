import { Ajv2020 } from "ajv/dist/2020.js";

const text = { type: "string", minLength: 1 };
const texts = { type: "array", items: text };
const someTexts = { ...texts, minItems: 1 };
const duration = { type: "string", pattern: "^(\\d+m)?(\\d+s)?$", minLength: 1 };
const name = "^[a-zA-Z0-9._-]+$";

function object(properties: object, required: readonly string[] = []): object {
  return { type: "object", properties, required, additionalProperties: false };
}

function named(value: object): object {
  return { type: "object", patternProperties: { [name]: value }, additionalProperties: false };
}

const dependency = object(
  {
    condition: { enum: ["service_started", "service_healthy", "service_completed_successfully"] },
    required: { type: "boolean" },
  },
  ["condition"],
);

const healthcheck = object({
  test: { type: "array", items: text, prefixItems: [{ enum: ["CMD", "CMD-SHELL"] }], minItems: 2 },
  disable: { const: true },
  interval: duration,
  timeout: duration,
  start_period: duration,
  retries: { type: "integer", minimum: 1 },
});

const limits = object(
  {
    cpus: { type: "string", pattern: "^\\d+(\\.\\d+)?$" },
    memory: { type: "string", pattern: "^\\d+[MG]$" },
    pids: { type: "integer", minimum: 1 },
  },
  ["cpus", "memory", "pids"],
);

const service = object(
  {
    image: text,
    build: text,
    platform: text,
    pull_policy: { enum: ["never"] },
    profiles: someTexts,
    restart: { enum: ["no", "unless-stopped"] },
    user: { type: "string", pattern: "^[1-9]\\d*:[1-9]\\d*$" },
    init: { type: "boolean" },
    read_only: { type: "boolean" },
    cap_drop: someTexts,
    security_opt: someTexts,
    tmpfs: someTexts,
    logging: object({ driver: text }, ["driver"]),
    entrypoint: someTexts,
    command: someTexts,
    environment: { type: "object", additionalProperties: { type: ["string", "null"] } },
    depends_on: named(dependency),
    volumes: { type: "array", items: { type: "string", pattern: "^[^:]+:/[^:]*(:ro)?$" } },
    networks: someTexts,
    network_mode: { const: "none" },
    ports: { type: "array", items: { type: "string", pattern: "^[\\d.]+:\\d+:\\d+$" } },
    secrets: someTexts,
    healthcheck,
    stop_grace_period: duration,
    deploy: object({ resources: object({ limits }, ["limits"]) }, ["resources"]),
  },
  ["image", "user", "restart", "deploy"],
);

/**
 * What of the Compose Specification this package uses, and nothing beside it: a name misspelt, an option that opens the
 * container to its host, or a text that YAML took for something else is a fault.
 */
const schema = {
  type: "object",
  properties: {
    name: { type: "string", pattern: "^[a-z0-9][a-z0-9_-]*$" },
    services: named(service),
    networks: named(object({ internal: { type: "boolean" } })),
    volumes: named(object({})),
    secrets: named(object({ file: text }, ["file"])),
  },
  patternProperties: { "^x-": {} },
  required: ["name", "services"],
  additionalProperties: false,
};

const validate = new Ajv2020({ allErrors: true, strictTuples: false, allowUnionTypes: true }).compile(schema);

/** Where a Compose file is none, with what is wrong there. */
export function composeFaults(file: unknown): readonly string[] {
  validate(file);
  return (validate.errors ?? []).map(
    ({ instancePath, message = "", params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
