import { isWebhookUrl } from "./adapters/webhook-sender.ts";
import { readSecret } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import { fromBase64, toHex, utf8 } from "./core/bytes.ts";
import { SettlementError } from "./core/error.ts";
import { type FieldReader, fieldsOf } from "./core/fields.ts";
import { sha256 } from "./core/hash.ts";
import { type JsonValue, parseJson } from "./core/json.ts";
import type { NoticeType, WebhookEndpoint } from "./ports.ts";

const noticeTypes: readonly NoticeType[] = [
  "partition.closed",
  "partition.anchored",
  "partition.proven",
  "partition.failed",
];

const maxBytes = 1_000_000;
const maxEndpoints = 100;

/** Standard Webhooks asks for 24 to 64 bytes. */
function isSecret(text: string): boolean {
  if (!text.startsWith("whsec_")) return false;
  try {
    const { length } = fromBase64(text.slice("whsec_".length));
    return length >= 24 && length <= 64;
  } catch {
    return false;
  }
}

/** Host, for people, and a piece of a hash, for the difference: the rest of a URL may be a secret. */
function nameOf(url: string): string {
  return `${new URL(url).host} ${toHex(sha256(utf8(url))).slice(0, 8)}`;
}

function parseTypes(fields: FieldReader): readonly NoticeType[] {
  if (!fields.has("types")) return noticeTypes;
  const types = fields.list("types", noticeTypes.length).map((type) => noticeTypes.find((known) => known === type));
  const known = types.filter((type) => type !== undefined);
  if (known.length === types.length && known.length > 0) return known;
  return fields.fail(`member "types" must be a list of ${noticeTypes.join(", ")}`);
}

function parseEndpoint(value: JsonValue, at: number): WebhookEndpoint {
  const fields = fieldsOf("CONFIG_INVALID", `--webhooks-file, webhook ${at + 1}`, value);
  // Not even the name of an unknown member is shown: it may be a secret in the wrong place.
  const unknown = Object.keys(fields.object).some((name) => !["url", "secret", "types"].includes(name));
  if (unknown) fields.fail("the only members are url, secret and types");
  const url = fields.text("url", 2000);
  if (!isWebhookUrl(url)) {
    fields.fail('member "url" must be an https:// address without credentials; http:// only for this machine');
  }
  const secrets = fields.text("secret", 1000).split(" ");
  if (!secrets.every(isSecret)) {
    fields.fail('member "secret" must be whsec_ and 24 to 64 bytes in base64; several are set apart by one space each');
  }
  return { name: nameOf(url), url, secrets, types: parseTypes(fields) };
}

function parseList(text: string): readonly JsonValue[] {
  try {
    const list = parseJson(text, { maxBytes });
    if (Array.isArray(list) && list.length <= maxEndpoints) return list as readonly JsonValue[];
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    // The rest of the message, and so the error itself as a cause, may quote the text.
    const [place = ""] = error.message.split(":");
    throw new SettlementError("CONFIG_INVALID", `--webhooks-file is not JSON (${error.code}, ${place})`);
  }
  throw new SettlementError(
    "CONFIG_INVALID",
    `--webhooks-file must hold a JSON list of at most ${maxEndpoints} webhooks`,
  );
}

/**
 * Webhooks as an operator lists them: `[{"url", "secret", "types"?}]`.
 *
 * @throws SettlementError `CONFIG_INVALID` naming the place; no message holds an address or a secret
 */
export function parseWebhooks(text: string): readonly WebhookEndpoint[] {
  const list = parseList(text);
  const endpoints = list.map(parseEndpoint);
  const twice = endpoints.findIndex(({ url }, at) => endpoints.findIndex((other) => other.url === url) !== at);
  if (twice < 0) return endpoints;
  throw new SettlementError(
    "CONFIG_INVALID",
    `--webhooks-file, webhook ${twice + 1}: its url is listed before; keep one`,
  );
}

/** The webhooks of the configuration; none without a file. @throws SettlementError `CONFIG_INVALID` */
export function readWebhooks({ webhooksFile }: Config): readonly WebhookEndpoint[] {
  return webhooksFile === undefined
    ? []
    : parseWebhooks(readSecret(webhooksFile, "list of webhooks", "--webhooks-file"));
}
