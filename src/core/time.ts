import { SettlementError } from "./error.ts";

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const msPerDay = 86_400_000;

/** First instant that is refused, 9999-01-01: within four digits every month has a next one. */
const endUnixMs = 253_370_764_800_000;

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function isDate(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && leap ? 29 : daysInMonth[month - 1];
  return last !== undefined && day >= 1 && day <= last;
}

/** First instant of a month of the proleptic Gregorian calendar, milliseconds since 1970. */
export function startOfMonthUnixMs(year: number, month: number): number {
  return daysFromCivil(year, month, 1) * msPerDay;
}

const nativePattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?Z$/;
const nativeMsLength = "YYYY-MM-DDTHH:MM:SS.mmmZ".length;
const rfc3339Pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

function malformed(text: string, grammar: string): SettlementError {
  return new SettlementError("TIMESTAMP_MALFORMED", `${JSON.stringify(text.slice(0, 40))} is not ${grammar}`);
}

/** Number of so many digits of a text. */
function numberAt(text: string, at: number, digits: number): number {
  let number = 0;
  for (let end = at + digits; at < end; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}

/** @param text - that begins as both patterns do */
function instant(text: string, ms: number, offsetMinutes: number): number | undefined {
  const [year, month, day] = [numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2)];
  const [hour, minute, second] = [numberAt(text, 11, 2), numberAt(text, 14, 2), numberAt(text, 17, 2)];
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const minutes = hour * 60 + minute - offsetMinutes;
  const unixMs = daysFromCivil(year, month, day) * msPerDay + minutes * 60_000 + second * 1000 + ms;
  return unixMs >= 0 && unixMs < endUnixMs ? unixMs : undefined;
}

/**
 * Milliseconds since 1970 of a native timestamp, exactly `YYYY-MM-DDTHH:MM:SS[.mmm]Z` and a real date.
 *
 * @throws SettlementError `TIMESTAMP_MALFORMED`
 */
export function parseTimestamp(text: string): number {
  const ms = text.length === nativeMsLength ? numberAt(text, 20, 3) : 0;
  const unixMs = nativePattern.test(text) ? instant(text, ms, 0) : undefined;
  if (unixMs === undefined)
    throw malformed(text, "a real UTC time from 1970 to 9998, written YYYY-MM-DDTHH:MM:SS[.mmm]Z");
  return unixMs;
}

/**
 * Milliseconds since 1970 of an RFC 3339 date-time with any offset, as jsonl ledgers carry; no leap second.
 *
 * @throws SettlementError `TIMESTAMP_MALFORMED`
 */
export function parseRfc3339(text: string): number {
  const match = rfc3339Pattern.exec(text);
  const zone = match?.[8] ?? "Z";
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  const offset = zone.length === 1 ? 0 : (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
  const ms = Math.floor(Number(`0.${match?.[7] ?? "0"}`) * 1000 + 1e-6);
  const unixMs = match && hours <= 23 && minutes <= 59 ? instant(text, ms, offset) : undefined;
  if (unixMs === undefined) throw malformed(text, "an RFC 3339 date-time from 1970 to 9998");
  return unixMs;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** `YYYY-MM-DDTHH:MM:SS[.mmm]Z` of milliseconds since 1970, years 0 to 9999; milliseconds only where they are not 0. */
export function formatTimestamp(unixMs: number): string {
  const days = Math.floor(unixMs / msPerDay);
  const ms = unixMs - days * msPerDay;
  const { year, month, day } = civilFromDays(days);
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60]
    .map((part) => pad(Math.floor(part), 2))
    .join(":");
  const fraction = ms % 1000 === 0 ? "" : `.${pad(ms % 1000, 3)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}${fraction}Z`;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
