/** Bytes as base58 text in one alphabet and back; each leading zero byte is one leading first digit. */
export interface Base58 {
  encode(bytes: Uint8Array): string;
  /** Undefined where a character is none of the alphabet. The caller bounds the length: the time grows with its square. */
  decode(text: string): Uint8Array | undefined;
}

/** @param alphabet - 58 different characters, the digit 0 first */
export function base58(alphabet: string): Base58 {
  const digitOf = new Map(Array.from(alphabet, (char, digit) => [char, digit]));
  const zero = alphabet.charAt(0);
  return {
    encode(bytes) {
      let number = 0n;
      for (const byte of bytes) number = (number << 8n) | BigInt(byte);
      let text = "";
      for (; number > 0n; number /= 58n) text = alphabet.charAt(Number(number % 58n)) + text;
      const zeros = bytes.findIndex((byte) => byte !== 0);
      return zero.repeat(zeros === -1 ? bytes.length : zeros) + text;
    },
    decode(text) {
      let number = 0n;
      for (const char of text) {
        const digit = digitOf.get(char);
        if (digit === undefined) return undefined;
        number = number * 58n + BigInt(digit);
      }
      const body: number[] = [];
      for (; number > 0n; number >>= 8n) body.unshift(Number(number & 255n));
      let zeros = 0;
      while (text.charAt(zeros) === zero) zeros++;
      return Uint8Array.from([...Array.from({ length: zeros }, () => 0), ...body]);
    },
  };
}

/** The alphabet of Bitcoin, which multibase calls base58btc. */
export const base58btc = base58("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
