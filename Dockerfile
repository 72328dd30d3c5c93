# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Without the demo and its embedded broker, which have nothing to do where a server runs for others.
RUN cargo build --locked --release --package kafka-mcp-server --no-default-features

# glibc, the system's certificate authorities, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/kafka-mcp-server /usr/local/bin/kafka-mcp-server
# Inside a container loopback is reachable by nobody, so HTTP listens on every address. The server
# still refuses to do so without authentication unless MCP_HTTP_ALLOW_UNAUTHENTICATED=true is given.
ENV MCP_HTTP_HOST=0.0.0.0
EXPOSE 8080
USER nonroot
ENTRYPOINT ["/usr/local/bin/kafka-mcp-server"]
