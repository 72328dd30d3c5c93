//! The table of all settings. The environment, the configuration file, the flags, `--help`,
//! `print-config` and the reference are all made from it.

use super::setting::{Exposure, Section, Setting};

/// Declares one constant per setting, and the list of all of them by section.
macro_rules! settings {
    ($($title:literal {
        $($(#[doc = $doc:literal])+ $name:ident($allowed:expr) $(= $default:literal)? $(, $flag:ident $value:expr)*;)+
    })+) => {
        $($($(#[doc = $doc])+ pub(crate) const $name: &Setting = &Setting {
            name: stringify!($name),
            allowed: $allowed,
            doc: concat!($($doc),+).trim_ascii_start(),
            $(default: Some($default),)?
            $($flag: $value,)*
            ..UNSET
        };)+)+

        /// All settings, in the order of the reference.
        pub(crate) const SECTIONS: &[Section] =
            &[$(Section { title: $title, settings: &[$($name),+] }),+];
    };
}

/// All settings, without their sections.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS
        .iter()
        .flat_map(|section| section.settings)
        .copied()
}

/// The setting that somebody may have meant who wrote `name`.
pub(crate) fn similar_to(name: &str) -> Option<&'static Setting> {
    let name = name.to_ascii_lowercase();
    let similarity = |setting: &Setting| strsim::jaro_winkler(&setting.key(), &name);
    let similar = all().map(|setting| (similarity(setting), setting));
    let similar = similar.filter(|(similarity, _)| *similarity > 0.8);
    let nearest = similar.max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, setting)| setting)
}

settings! {
    "Kafka" {
        /// The bootstrap brokers; one that answers is enough.
        KAFKA_BROKERS("comma list of host:port, IPv6 addresses in brackets") = "localhost:9092",
            aliases &["KAFKA_BOOTSTRAP_SERVERS"];
        /// The client id in every request, as it appears in broker logs and quotas.
        KAFKA_CLIENT_ID("a name") = "kafka-mcp-server";
        /// The Kafka client that does the work: `krafka` can do everything, `rskafka` is lean and
        /// knows neither groups nor configs.
        KAFKA_ENGINE("krafka, rskafka") = "krafka";
        /// How to authenticate at the brokers; unset means not at all.
        KAFKA_SASL_MECHANISM(MECHANISMS);
        /// The user for plain and scram.
        KAFKA_SASL_USER("a name");
        /// The password for plain and scram.
        KAFKA_SASL_PASSWORD("a password"), exposure Exposure::Secret;
        /// A file with the password instead; one newline at its end is not part of it.
        KAFKA_SASL_PASSWORD_FILE("a readable file");
        /// The token endpoint for oauthbearer, which uses the client credentials grant.
        KAFKA_SASL_OAUTH_TOKEN_URL("an https URL without credentials"), exposure Exposure::Url;
        /// The client id for oauthbearer.
        KAFKA_SASL_OAUTH_CLIENT_ID("a name");
        /// The client secret for oauthbearer.
        KAFKA_SASL_OAUTH_CLIENT_SECRET("a secret"), exposure Exposure::Secret;
        /// A file with the client secret instead; one newline at its end is not part of it.
        KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE("a readable file");
        /// The scope to ask for with oauthbearer.
        KAFKA_SASL_OAUTH_SCOPE("scopes, separated by spaces");
        /// Whether to speak TLS to the brokers, with the certificate authorities of the system.
        KAFKA_TLS_ENABLE(BOOLEAN) = "false";
        /// Dangerous: accept any certificate, so that anybody can impersonate a broker.
        KAFKA_TLS_INSECURE_SKIP_VERIFY(BOOLEAN) = "false";
        /// Certificate authorities to trust besides the system's.
        KAFKA_TLS_CA_FILE("a PEM file");
        /// The client certificate, for mutual TLS; goes with KAFKA_TLS_KEY_FILE.
        KAFKA_TLS_CERT_FILE("a PEM file");
        /// The key of the client certificate.
        KAFKA_TLS_KEY_FILE("a PEM file, unencrypted");
    }
    "Access and limits" {
        /// Whether tools that write are hidden and refused.
        KAFKA_MCP_READ_ONLY(BOOLEAN) = "false";
        /// Whether people are asked before a tool writes. `when-possible` is where their client
        /// says that it can ask them (form elicitation, from protocol 2026-07-28 on); others write
        /// at once.
        KAFKA_MCP_CONFIRM_WRITES("when-possible, never") = "when-possible";
        /// The topics that may be seen and used; unset means all. Internal ones have to be spelt
        /// out, such as `__consumer_offsets`: `*` does not mean them.
        KAFKA_MCP_TOPICS_ALLOW(PATTERNS);
        /// The topics that may not, even if they are allowed.
        KAFKA_MCP_TOPICS_DENY(PATTERNS);
        /// The consumer groups that may be seen; unset means all.
        KAFKA_MCP_GROUPS_ALLOW(PATTERNS);
        /// The consumer groups that may not, even if they are allowed.
        KAFKA_MCP_GROUPS_DENY(PATTERNS);
        /// The key that seals what clients keep for the server: cursors, and what a call that
        /// somebody has to confirm goes on with. Servers behind one address need the same.
        /// Unset means a random one, with which cursors end when the process does. One is printed
        /// by `kafka-mcp-server keys`.
        KAFKA_MCP_STATE_KEY("a secret of at least 32 bytes"), exposure Exposure::Secret;
        /// A file with KAFKA_MCP_STATE_KEY, the key that seals cursors; one newline at its end is not
        /// part of it.
        KAFKA_MCP_STATE_KEY_FILE("a readable file");
        /// The deadline of one call, everything included.
        KAFKA_MCP_TIMEOUT("a duration from 100ms to 10m, such as 10s") = "10s";
        /// The most bytes of JSON in one result; whole rows are left out beyond it, and it says so.
        /// Tools send the JSON as text and as structured content.
        KAFKA_MCP_MAX_RESULT_BYTES("a number from 4096 to 16777216") = "80000";
        /// How often resources are measured that somebody subscribes to: so long after the last time.
        KAFKA_MCP_POLL_INTERVAL("a duration from 1s to 10m, such as 5s") = "5s";
        /// How many streams of updates may be open. They take no place of a call. Over HTTP others
        /// get 503.
        KAFKA_MCP_MAX_STREAMS("a number from 1 to 65536") = "100";
        /// How many of them one caller may have. Over HTTP without OAuth all callers are one, and
        /// this is no ceiling.
        KAFKA_MCP_MAX_STREAMS_PER_CALLER("a number from 1 to 65536") = "10";
        /// The largest request: one HTTP body, or one line of stdio.
        MCP_MAX_REQUEST_BYTES("a number from 1024 to 67108864") = "4194304";
    }
    "Transport" {
        /// How clients connect: by standard input and output, or by Streamable HTTP at `/mcp`.
        MCP_TRANSPORT("stdio, http") = "stdio";
        /// The address to listen on. Unset means 127.0.0.1, or 0.0.0.0 when OAuth is on and
        /// OAUTH_SERVER_URL is public. Any other than loopback needs OAuth, or
        /// MCP_HTTP_ALLOW_UNAUTHENTICATED.
        MCP_HTTP_HOST("an IP address, or localhost");
        /// The port to listen on; 0 means any free one, which is printed at start.
        MCP_HTTP_PORT("a number from 0 to 65535") = "8080";
        /// Whether everybody who can reach the address may use the server, without OAuth.
        MCP_HTTP_ALLOW_UNAUTHENTICATED(BOOLEAN) = "false";
        /// Values of the Host header to accept besides loopback ones, the address listened on, and
        /// the host of OAUTH_SERVER_URL; without a port, with any port.
        MCP_ALLOWED_HOSTS("comma list of host or host:port");
        /// Web pages that may call the server, besides those on loopback and at OAUTH_SERVER_URL;
        /// without a port, on the default port of the scheme.
        MCP_ALLOWED_ORIGINS("comma list of scheme://host or scheme://host:port");
        /// How many connections may be open. Beyond that, idle ones are closed and new ones wait.
        MCP_HTTP_MAX_CONNECTIONS("a number from 1 to 1000000") = "16384";
        /// How many calls may run at a time. Others wait a second, then get 503.
        MCP_HTTP_MAX_CONCURRENT_CALLS("a number from 1 to 65536") = "256";
        /// How many calls may start in a second. Others get 429. 0 means any number.
        MCP_HTTP_CALLS_PER_SECOND("a number from 0 to 1000000") = "1000";
        /// How long a connection may be idle, or take to send the head of a request.
        MCP_HTTP_IDLE_TIMEOUT("a duration from 100ms to 1h, such as 30s") = "30s";
        /// How long a client may take to send the body of a request.
        MCP_HTTP_BODY_TIMEOUT("a duration from 100ms to 10m, such as 10s") = "10s";
        /// How long calls in flight may go on after SIGTERM or SIGINT.
        MCP_SHUTDOWN_GRACE("a duration from 0s to 10m, such as 5s") = "5s";
    }
    "OAuth" {
        /// Whether every request to `/mcp` needs an access token. Only with MCP_TRANSPORT=http.
        OAUTH_ENABLED(BOOLEAN) = "false";
        /// Who logs people in: `native` leaves it to the clients, which get their tokens from the
        /// provider. In `proxy` mode this server does it, at the provider, and issues tokens of its
        /// own, so that clients register here and nowhere else.
        OAUTH_MODE("native, proxy") = "native";
        /// Who issues the tokens: `hmac` is for development and tests, with tokens made by
        /// `kafka-mcp-server token`; `azure` is Microsoft Entra, and `azuread` means the same;
        /// `oidc` is any other OpenID Connect provider whose access tokens are JWTs.
        OAUTH_PROVIDER("hmac, okta, google, azure, oidc") = "okta";
        /// The public origin of this server, as clients reach it; required. The MCP endpoint is
        /// `/mcp` below it.
        OAUTH_SERVER_URL("https://host or https://host:port, http on loopback only");
        /// The issuer of the tokens, exactly as the provider spells it; required.
        OIDC_ISSUER("an https URL, http on loopback only");
        /// The audiences of tokens for this server; required in native mode. With google the client
        /// ids.
        OIDC_AUDIENCE("comma list of names or URLs");
        /// The client id of this server at the provider; required in proxy mode. In native mode
        /// with azure it is an audience of tokens of version 2.0, unless OIDC_AUDIENCE names it.
        OIDC_CLIENT_ID("a name");
        /// The client secret; required in proxy mode.
        OIDC_CLIENT_SECRET("a secret"), exposure Exposure::Secret;
        /// A file with the client secret instead; one newline at its end is not part of it.
        OIDC_CLIENT_SECRET_FILE("a readable file");
        /// Where logins end up. The entry on OAUTH_SERVER_URL is where the provider sends people
        /// back to, as it is registered there; without one, that is `/oauth/callback` below it. The
        /// others are redirect URIs of clients, besides those of well-known clients and all on
        /// loopback.
        OAUTH_REDIRECT_URIS("comma list of URLs");
        /// Whether the id of a client may be the URL of a document about it, which is then fetched: from
        /// public addresses alone, and never through a proxy. Clients are told which it is, and
        /// register where it may not. Unset means true, or false when HTTPS_PROXY is set.
        OAUTH_CLIENT_DOCUMENTS(BOOLEAN);
        /// Where logins are kept: in `memory`, where a restart ends them; in a file, for one server;
        /// or in Redis, for any number of them.
        OAUTH_STORE("memory, file:PATH, redis://host:port, rediss://host:port") = "memory",
            exposure Exposure::Url;
        /// A file with that instead, for an address that holds a password; one newline at its end is
        /// not part of it.
        OAUTH_STORE_FILE("a readable file");
        /// How long a refresh token that was replaced still gets the same successor, so that a lost
        /// answer logs nobody out.
        OAUTH_REFRESH_GRACE("a duration from 0s to 5m, such as 30s") = "30s";
        /// Proxies in front whose `X-Forwarded-For` says where a request comes from, for the ceilings
        /// per address. Nothing else is read from such headers.
        OAUTH_TRUSTED_PROXIES("comma list of IP addresses and networks such as 10.0.0.0/8");
        /// Whether people log in with a code that the server prints at start, and any name. With
        /// hmac it is on where nobody but this machine can connect and OAUTH_SERVER_URL is loopback;
        /// elsewhere it cannot be had.
        OAUTH_DEV_LOGIN(BOOLEAN);
        /// The secret that keys are made of, with hmac and in proxy mode; `kafka-mcp-server keys`
        /// prints one.
        JWT_SECRET("a secret of at least 32 bytes"), exposure Exposure::Secret;
        /// A file with JWT_SECRET, which keys are made of; one newline at its end is not part of it.
        JWT_SECRET_FILE("a readable file");
        /// Secrets that JWT_SECRET replaced: what was made with them is still accepted.
        JWT_SECRET_PREVIOUS("comma list of secrets"), exposure Exposure::Secret;
        /// A file with JWT_SECRET_PREVIOUS, the replaced secrets; one newline at its end is not part of
        /// them.
        JWT_SECRET_PREVIOUS_FILE("a readable file");
        /// Which scopes, roles and groups of the provider stand for which scope of this server.
        /// `kafka:admin` contains `kafka:write`, which contains `kafka:read`.
        OAUTH_SCOPE_MAP("comma list of provider-scope=kafka:read, role:Name=…, group:name=…");
        /// What a valid token may do that names none of this server's scopes, while there is no
        /// OAUTH_SCOPE_MAP. Not with hmac, whose tokens say what they may do.
        OAUTH_DEFAULT_SCOPES("kafka:read, kafka:write, kafka:admin") = "kafka:read";
        /// Google Workspace domains whose accounts may enter; `*` says that any account may.
        OAUTH_ALLOWED_DOMAINS("comma list of domains, or *");
        /// Entra tenants whose accounts may enter, if the issuer is one of many tenants.
        OAUTH_ALLOWED_TENANTS("comma list of tenant ids");
        /// Groups one of which an account has to be in.
        OAUTH_ALLOWED_GROUPS("comma list of groups, as the provider names them in tokens");
        /// Clients whose tokens are accepted; unset means all.
        OAUTH_ALLOWED_CLIENTS("comma list of client ids");
        /// The claim that lists the groups of an account.
        OAUTH_GROUPS_CLAIM("the name of a claim");
        /// Whether opaque access tokens of google are accepted, by asking Google about each.
        OAUTH_GOOGLE_TOKENINFO(BOOLEAN) = "false";
        /// Whether tokens of azure that stand for a program and no user are accepted.
        OAUTH_ALLOW_APP_TOKENS(BOOLEAN) = "false";
        /// Certificate authorities to trust at the provider besides the system's.
        OIDC_CA_FILE("a PEM file");
        /// The proxy to reach the provider through.
        HTTPS_PROXY("a URL, or host:port"), aliases &["https_proxy"], ambient true,
            exposure Exposure::Url;
        /// Hosts to reach without the proxy.
        NO_PROXY("comma list of hosts, domains and networks"), aliases &["no_proxy"], ambient true;
    }
    "Logs" {
        /// What to log, to standard error. A level holds for this server, and at most warn for the
        /// libraries in it. Each call is one event of level info and target `audit`, which
        /// `warn,audit=info` keeps. Directives such as `info,rmcp=debug` can reach their debug logs, which
        /// may contain what clients send.
        LOG_LEVEL("off, error, warn, info, debug, trace, or filter directives") = "info";
        /// How to write it.
        LOG_FORMAT("text, json") = "text";
    }
}

pub(crate) const BOOLEAN: &str = "true, false, 1, 0, yes, no, on, off";
pub(crate) const MECHANISMS: &str = "plain, scram-sha-256, scram-sha-512, oauthbearer";
const PATTERNS: &str = "comma list of glob patterns, such as orders-*";

const UNSET: Setting = Setting {
    name: "",
    default: None,
    allowed: "",
    doc: "",
    aliases: &[],
    ambient: false,
    exposure: Exposure::Full,
};
