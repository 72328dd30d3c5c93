# Each recipe is a job of CI; `.ci/run` runs all of them. The commands also work by hand.

default:
    @just --list

# The hermetic tests: no Kafka, Java, Node or network.
test:
    cargo test --workspace

fmt:
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check

lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features --document-private-items

# Each library alone, with every set of features that differs, and the server without its demo.
features:
    cargo check --package kafka-tools --no-default-features --features krafka
    cargo check --package kafka-tools --no-default-features --features rskafka
    cargo check --package kafka-tools --all-features
    cargo check --package kafka-fake
    cargo check --package kafka-fake --all-features
    cargo check --package kafka-mcp
    cargo check --package mcp-oauth-token
    cargo check --package mcp-oauth-provider --no-default-features
    cargo check --package mcp-oauth --no-default-features
    cargo check --package mcp-oauth
    cargo check --package mcp-oauth --no-default-features --features file-store
    cargo check --package mcp-oauth --no-default-features --features redis-store
    cargo check --package kafka-mcp-server --no-default-features

# Licences, sources, and the arrows between crates. `cargo install --locked cargo-deny`
deny:
    cargo deny check bans licenses sources

# The tests that need a real Kafka; starts one broker and three, and stops them.
kafka:
    tests/run-with-kafka

# Whether what is promised holds, row by row: `just verify --tier 1`.
verify *arguments:
    cargo xtask verify {{ arguments }}

# A server whose brokers fail every few seconds: `just soak --minutes 10`.
soak *arguments:
    cargo xtask soak {{ arguments }}

# The conformance suite of MCP, on the server, and on all that stands before Kafka in it.
conformance:
    tests/run-with-kafka tests/typescript/run conformance.test.ts

# The TypeScript clients, over both transports, on a broker that is up.
typescript:
    tests/typescript/run

# Speed and size, as ratios within one run.
bench *arguments:
    cargo xtask bench {{ arguments }}

# What reads bytes of strangers, for some seconds each. `cargo install --locked cargo-fuzz`
fuzz *arguments:
    fuzz/run {{ arguments }}
