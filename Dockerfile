# One image for every role: `docker build -t repomesh-settlement:local .`, or `docker compose up --build`.

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# What runs. No package has an install script that is needed, so none may run.
FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM base AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json LICENSE ./
COPY scripts scripts
COPY src src
COPY jobs jobs
COPY schemas schemas
COPY ledger ledger
# Files keep the modes of the checkout they come from, and the user below must be able to read them.
RUN npm run build && chmod -R a+rX package.json LICENSE dist schemas scripts/templates ledger

FROM node:24.21.0-bookworm-slim AS node
LABEL org.opencontainers.image.title="repomesh-settlement" \
      org.opencontainers.image.description="Settlement node of a RepoMesh network" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    SETTLEMENT_LEDGER=/ledger \
    SETTLEMENT_DATA=/data \
    SETTLEMENT_HOST=0.0.0.0
WORKDIR /app
# A new volume takes the owner of the folder it is mounted on. Only these folders are ever written.
RUN install --directory --owner=1000 --group=1000 /data /ledger \
      /secrets /secrets/api /secrets/worker /secrets/postgres /secrets/redis \
    && ln -s /app/dist/src/cli/main.js /usr/local/bin/settlement
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/schemas schemas
COPY --from=build /app/scripts/templates scripts/templates
COPY --from=build /app/ledger ledger
COPY --from=build /app/dist dist
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.SETTLEMENT_PORT ?? 8080) + '/v1/health').then(({ ok }) => process.exit(Number(!ok)), () => process.exit(1))"]
ENTRYPOINT ["settlement"]
CMD ["run"]
