import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { Chance } from "../simulator/chance.ts";
import { mutateText, respeltSignature, type Told } from "./mutate-texts.ts";
import { anyPlace, isList, pathText, placesOf, replaced, valueAt, withMember } from "./places.ts";

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  255,
  256,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e21,
  1e308,
  5e-324,
];

function mutateNumber(value: number, chance: Chance): Told<JsonValue> {
  switch (chance.below(4)) {
    case 0:
      return ["one more or less", value + chance.pick([1, -1])];
    case 1:
      return ["flips a bit", Number(BigInt.asUintN(53, BigInt(Math.trunc(value)) ^ (1n << BigInt(chance.below(40)))))];
    case 2:
      return ["as a text", String(value)];
    default:
      return ["takes another number", chance.pick(numbers)];
  }
}

/** How often a value is repeated: more than any limit, unless that takes megabytes. */
function many(value: JsonValue, chance: Chance): number {
  const isSmall = typeof value !== "object" && String(value).length < 1000;
  return chance.pick(isSmall ? [1, 4, 15, 70, 400, 600] : [1, 4, 16]);
}

/** Hex with another byte near its end each time: so many signatures that have to be looked at. */
function nearly(value: JsonValue, at: number): JsonValue {
  if (typeof value !== "string" || !/^[0-9A-F]{60,}$/.test(value)) return value;
  const place = value.length - 2 * (1 + (at % 20));
  const byte = ((Number.parseInt(value.slice(place, place + 2), 16) + 1 + at) % 256).toString(16).toUpperCase();
  return value.slice(0, place) + byte.padStart(2, "0") + value.slice(place + 2);
}

function mutateList(list: readonly JsonValue[], chance: Chance): Told<JsonValue> {
  const at = chance.below(list.length);
  const item = list[at] ?? null;
  switch (chance.below(6)) {
    case 0:
      return ["drops an item", list.toSpliced(at, 1)];
    case 1:
      return ["doubles an item", list.toSpliced(at, 0, item)];
    case 2:
      return ["swaps two items", list.toSpliced(at, 2, ...list.slice(at, at + 2).toReversed())];
    case 3:
      return ["cuts the list", list.slice(0, at)];
    case 4:
      return ["nests an item", list.toSpliced(at, 1, [item])];
    default:
      return ["adds many items", [...list, ...Array.from({ length: many(item, chance) }, () => item)]];
  }
}

const names = ["", "0", "v", "id", "unheard", "chain", "manifests", "constructor", "__proto__", "toString"];

function mutateObject(object: JsonObject, chance: Chance): Told<JsonValue> {
  const own = Object.keys(object);
  if (own.length === 0) return ["adds a member", { unheard: 1 }];
  const name = chance.pick(own);
  const rest = Object.fromEntries(Object.entries(object).filter(([each]) => each !== name));
  const value = object[name] ?? null;
  switch (chance.below(6)) {
    case 0:
      return [`drops ${name}`, rest];
    case 1:
      return [`renames ${name}`, withMember(rest, chance.pick(names), value)];
    case 2:
      return [
        "adds a member",
        withMember(object, chance.pick(names), chance.pick<JsonValue>([null, 1, "", [], {}, value])),
      ];
    case 3: {
      const other = chance.pick(own);
      return [`swaps ${name} and ${other}`, withMember(withMember(object, name, object[other] ?? null), other, value)];
    }
    case 4:
      return [
        `doubles ${name} under another name`,
        withMember(object, `${name}${chance.pick(["", "0", " ", "\u0000"])}x`, value),
      ];
    default: {
      const more = Array.from({ length: many(value, chance) }, (_, at) => [`${name}${at}`, nearly(value, at)] as const);
      return [`adds many of ${name}`, { ...object, ...Object.fromEntries(more) }];
    }
  }
}

const others: readonly JsonValue[] = [null, true, false, 0, "", "0", [], {}, [[]], { v: 1 }];

function nested(chance: Chance): JsonValue {
  const depth = chance.pick([3, 20, 63, 64, 65, 140, 400]);
  const isList = chance.happens(0.5);
  let value: JsonValue = chance.pick(others);
  for (let at = 0; at < depth; at++) value = isList ? [value] : { a: value };
  return value;
}

/** Another value of the same or of another kind. */
function mutateValue(value: JsonValue, chance: Chance): Told<JsonValue> {
  if (chance.happens(0.06)) return ["becomes something else", chance.pick(others)];
  if (chance.happens(0.02)) return ["becomes deep", nested(chance)];
  if (typeof value === "string") return mutateText(value, chance, mutateJson);
  if (typeof value === "number") return mutateNumber(value, chance);
  if (isList(value)) return mutateList(value, chance);
  if (isJsonObject(value)) return mutateObject(value, chance);
  return ["becomes something else", chance.pick(others)];
}

/** A document with one value changed. */
export function mutateJson(document: JsonValue, chance: Chance): Told<JsonValue> {
  const { path, value } = anyPlace(document, chance);
  const [how, changed] = mutateValue(value, chance);
  return [`${pathText(path)}: ${how}`, replaced(document, path, changed)];
}

/** A document with one value that comes from another document, or from another place of its own. */
export function crossJson(document: JsonValue, donor: JsonValue, chance: Chance): Told<JsonValue> {
  const { path, value } = anyPlace(document, chance);
  const counterpart = valueAt(donor, path);
  if (counterpart !== undefined && chance.happens(0.7))
    return [`${pathText(path)}: as the donor has it`, replaced(document, path, counterpart)];
  const kin = placesOf(chance.happens(0.5) ? donor : document).filter(
    (place) => typeof place.value === typeof value && isList(place.value) === isList(value),
  );
  if (kin.length === 0) return [`${pathText(path)}: stays`, document];
  const from = chance.pick(kin);
  return [`${pathText(path)}: what stands at ${pathText(from.path)}`, replaced(document, path, from.value)];
}

/** Members that hold what validators and publishers signed. */
const signedMembers = /\.(data\.[^.]*|unl\.(signature|manifest)|manifests\.\d+)$/;

/** A document with a validator's or a publisher's signature in another spelling; undefined where none has another. */
export function respellJson(document: JsonValue, chance: Chance): Told<JsonValue> | undefined {
  const signed = placesOf(document).filter(({ path }) => signedMembers.test(pathText(path)));
  if (signed.length === 0) return undefined;
  const { path, value } = chance.pick(signed);
  const [how, text] = (typeof value === "string" && respeltSignature(value, chance)) || [];
  return how && text ? [`${pathText(path)}: ${how}`, replaced(document, path, text)] : undefined;
}
