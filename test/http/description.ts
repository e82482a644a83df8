import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { ErrorCode } from "../../src/core/error.ts";
import { problemMediaType } from "../../src/http/problem.ts";

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Reference | { readonly value: unknown }>>;
}
interface Reference {
  readonly $ref: string;
}
type Contents = Readonly<Record<string, Media>>;

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Reference | { readonly name: string; readonly in: string })[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, Reference | { readonly content?: Contents }>>;
  readonly "x-problem-codes": readonly ErrorCode[];
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly "x-common-problem-codes": readonly ErrorCode[];
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A place in the document, name by name. */
type Place = readonly string[];

/** An OpenAPI document that answers can be held against. */
export interface Description {
  readonly document: Document;
  operations(): readonly (readonly [path: string, method: string, operation: Operation])[];
  resolve<T>(node: Reference | T): T;
  /** What is wrong with a value by the schema at a place. */
  schemaFaults(place: Place, value: unknown): readonly string[];
  /** Examples with the place of their schema. */
  examples(): readonly (readonly [place: Place, value: unknown])[];
  /** What an answer has that the description does not say, and the reverse. */
  answerFaults(method: string, path: string, response: Response): Promise<readonly string[]>;
}

const documentId = "https://repomesh.dev/settlement/openapi.json";

/** The same schemas, where an object that names its members has no other: the document lets answers grow, tests do not. */
function closedObjects(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closedObjects);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closedObjects(value)]));
  const named = copy["type"] === "object" && copy["properties"] && copy["additionalProperties"] === undefined;
  return named ? { ...copy, additionalProperties: false } : copy;
}

/** @param document - complete: no schema is looked for elsewhere */
export function describedBy(document: Document): Description {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...(closedObjects(document) as object), $id: documentId }, documentId, false, false);

  const validator = (place: Place): ValidateFunction => {
    const pointer = place.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    return ajv.compile({ $ref: `${documentId}#/${pointer}` });
  };
  const schemaFaults: Description["schemaFaults"] = (place, value) => {
    const validate = validator(place);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
  const resolve: Description["resolve"] = <T>(node: Reference | T): T => {
    if (typeof node !== "object" || node === null || !("$ref" in node)) return node;
    const [, , group = "", name = ""] = node.$ref.split("/");
    return document.components[group]?.[name] as T;
  };
  const operations: Description["operations"] = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [path, method, operation] as const),
    );
  return {
    document,
    operations,
    resolve,
    schemaFaults,
    examples: () =>
      contents(operations()).flatMap(([place, { example, examples = {} }]) => {
        const values = Object.values(examples).map((each) => resolve<{ value: unknown }>(each).value);
        return [...values, ...(example === undefined ? [] : [example])].map((value) => [place, value] as const);
      }),
    async answerFaults(method, path, response) {
      const operation = document.paths[path]?.[method];
      const status = String(response.status);
      const documented = operation?.responses[status];
      if (!operation || !documented) return [`${method} ${path} is not said to answer ${status}`];
      const type = response.headers.get("Content-Type") ?? "";
      const media = resolve<{ readonly content?: Contents }>(documented).content?.[type];
      if (!media) return [`${method} ${path} ${status} is not said to be of type ${type}`];
      const text = await response.text();
      if (type === "application/octet-stream") return [];
      const value: unknown = type.includes("json") ? JSON.parse(text) : text;
      const at =
        "$ref" in documented ? documented.$ref.split("/").slice(1) : ["paths", path, method, "responses", status];
      const codes = [...operation["x-problem-codes"], ...document["x-common-problem-codes"]];
      const code = type === problemMediaType ? (value as { code: ErrorCode }).code : undefined;
      const unsaid =
        code === undefined || codes.includes(code) ? [] : [`${method} ${path} is not said to answer ${code}`];
      return [...schemaFaults([...at, "content", type, "schema"], value), ...unsaid];
    },
  };
}

function contents(operations: ReturnType<Description["operations"]>): (readonly [Place, Media])[] {
  return operations.flatMap(([path, method, { responses, requestBody }]) => {
    const answers = Object.entries(responses).map(([status, answer]) => [["responses", status], answer] as const);
    return [...answers, [["requestBody"], requestBody ?? {}] as const].flatMap(([place, node]) =>
      Object.entries((node as { readonly content?: Contents }).content ?? {}).map(
        ([type, media]) => [["paths", path, method, ...place, "content", type, "schema"], media] as const,
      ),
    );
  });
}
