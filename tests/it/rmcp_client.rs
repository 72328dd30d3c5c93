//! rmcp's own client logs in by itself: it knows the address of the endpoint, and nothing else.

use rmcp::{
    ClientLifecycleMode, ClientServiceExt, RoleClient,
    model::CallToolRequestParams,
    service::{ClientInitializeError, RunningService},
    transport::{
        StreamableHttpClientTransport,
        auth::{
            AuthClient, AuthError, AuthorizationManager, AuthorizationRequest, CredentialStore,
            InMemoryCredentialStore, OAuthState,
        },
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};
use testkit::{FakeKafka, HMAC_SECRET, LoadBalancer, McpClient};
use url::form_urlencoded::Serializer;

use crate::{consent_form::ConsentForm, oauth::Protected, rmcp_lifecycles::lifecycles};

#[tokio::test]
async fn rmcp_logs_in_calls_a_tool_renews_its_token_and_is_locked_out() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    let ways = ["native", "proxy"].map(|mode| lifecycles().map(|lifecycle| (mode, lifecycle)));
    for (mode, lifecycle) in ways.into_iter().flatten() {
        let desk = Desk::open(&kafka, mode).await;
        let refused = McpClient::connect_to(desk.server.server(), None).await;
        assert!(refused.is_err(), "nobody gets in without a token");

        let client = desk.log_in().await;
        let service = desk.connect(&client, lifecycle).await;
        let service = service.expect("it is let in");
        assert_eq!(topics(&service).await.expect("topics"), ["orders"]);

        let first = desk.tokens().await;
        desk.let_an_hour_pass().await;
        assert_eq!(topics(&service).await.expect("topics"), ["orders"]);
        let second = desk.tokens().await;
        for token in ["access_token", "refresh_token"] {
            assert_ne!(first[token], second[token], "{token} was not renewed");
        }

        desk.revoke(&second).await;
        let error = topics(&service).await.expect_err("it was locked out");
        assert!(error.contains("invalid_token"), "{error}");
        let manager = client.auth_manager.lock().await;
        let refused = manager.refresh_token().await;
        assert!(
            matches!(refused, Err(AuthError::TokenRefreshRejected(_))),
            "{refused:?}"
        );
    }
}

/// A server with the login for development, and what a client keeps of it.
struct Desk {
    server: Protected,
    /// Its name is its address, which has to be known before it starts.
    origin: LoadBalancer,
    kept: InMemoryCredentialStore,
}

impl Desk {
    async fn open(kafka: &FakeKafka, mode: &str) -> Self {
        let balancer = LoadBalancer::start().await;
        let origin = balancer.origin();
        let brokers = kafka.proxy().address().to_string();
        let settings = [
            ("KAFKA_BROKERS", &*brokers),
            ("KAFKA_MCP_TIMEOUT", "10s"),
            ("OAUTH_ENABLED", "true"),
            ("OAUTH_PROVIDER", "hmac"),
            ("OAUTH_MODE", mode),
            ("OAUTH_SERVER_URL", &origin),
            ("OIDC_ISSUER", &origin),
            ("OIDC_AUDIENCE", "api://kafka-mcp-server"),
            ("JWT_SECRET", HMAC_SECRET),
        ];
        let server = Protected::start(&[], &settings).await;
        balancer.lead_to(&[server.server().address()]);
        Self {
            server: server.behind(&balancer),
            origin: balancer,
            kept: InMemoryCredentialStore::new(),
        }
    }

    fn endpoint(&self) -> String {
        format!("{}/mcp", self.origin.origin())
    }

    /// Finds the server, registers, sends somebody there, and gets tokens.
    async fn log_in(&self) -> AuthClient<reqwest::Client> {
        let manager = AuthorizationManager::new(self.endpoint()).await;
        let mut manager = manager.expect("a client");
        manager.set_credential_store(self.kept.clone());
        let mut login = OAuthState::Unauthorized(manager);
        let request = AuthorizationRequest::new(REDIRECT_URI).with_client_name("rmcp");
        let begun = login.start_authorization(request).await;
        begun.expect("it finds the server and registers");
        let address = login.get_authorization_url().await.expect("an address");
        let back = self.agree(&address).await;
        let finished = login.handle_callback_url(&back).await;
        finished.expect("it gets tokens");
        let manager = login.into_authorization_manager();
        AuthClient::new(reqwest::Client::new(), manager.expect("it is logged in"))
    }

    /// Where the browser of somebody who agrees is sent.
    async fn agree(&self, address: &str) -> String {
        let line = "Development login: any name, with the code ";
        let printed = self.server.server().logged(line).await;
        let (_, code) = printed.split_once(line).expect("it is there");
        let form = ConsentForm::open(&self.server, address).await;
        let typed = [("name", "alice"), ("code", code)];
        let answer = form.agree(&self.server, &typed).await;
        answer.header("Location").to_owned()
    }

    async fn connect(
        &self,
        client: &AuthClient<reqwest::Client>,
        lifecycle: ClientLifecycleMode,
    ) -> Result<RunningService<RoleClient, ()>, ClientInitializeError> {
        let config = StreamableHttpClientTransportConfig::with_uri(self.endpoint());
        let transport = StreamableHttpClientTransport::with_client(client.clone(), config);
        ().serve_with_lifecycle(transport, lifecycle).await
    }

    /// The tokens that the client has now.
    async fn tokens(&self) -> Value {
        let kept = self.kept.load().await.expect("it is in memory");
        json!(kept.expect("it is logged in").token_response)
    }

    /// Has the client believe that it got its tokens an hour ago.
    async fn let_an_hour_pass(&self) {
        let kept = self.kept.load().await.expect("it is in memory");
        let mut kept = kept.expect("it is logged in");
        let received_at = kept.token_received_at.expect("it looked at its clock");
        kept.token_received_at = Some(received_at - 3600);
        self.kept.save(kept).await.expect("it is in memory");
    }

    /// Revokes a refresh token, which rmcp has no function for (RFC 7009 section 2.1).
    async fn revoke(&self, tokens: &Value) {
        let kept = self.kept.load().await.expect("it is in memory");
        let client_id = kept.expect("it is logged in").client_id;
        let token = tokens["refresh_token"].as_str().expect("a token");
        let form = Serializer::new(String::new())
            .extend_pairs([("token", token), ("client_id", &client_id)])
            .finish();
        let revoked = self.server.post_form("/oauth/revoke", "", &form).await;
        assert_eq!(revoked.status(), 200, "{revoked:?}");
    }
}

async fn topics(service: &RunningService<RoleClient, ()>) -> Result<Vec<String>, String> {
    let call = service.call_tool(CallToolRequestParams::new("list_topics"));
    let result = call.await.map_err(|error| format!("{error:?}"))?;
    let structure = result.structured_content.expect("a structure");
    let topics = structure["topics"].as_array().expect("topics");
    let names = topics.iter().map(|topic| topic["name"].as_str());
    Ok(names.map(|name| name.expect("a name").to_owned()).collect())
}

const REDIRECT_URI: &str = "http://127.0.0.1:33418/callback";
