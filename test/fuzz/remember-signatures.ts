// Loaded with --import before the verifier, which then gets its curve secp256k1 from remembered-secp256k1.ts.
import { registerHooks } from "node:module";

const { href: remembered } = new URL("remembered-secp256k1.ts", import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const isOfVerifier = context.parentURL?.endsWith("/src/core/xrpl/secp256k1.ts") ?? false;
    return next(isOfVerifier && specifier === "@noble/curves/secp256k1.js" ? remembered : specifier, context);
  },
});
