//! The server: Kafka behind the methods of the protocol.

use std::sync::Arc;

use futures_util::FutureExt as _;
use kafka_tools::Client;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
        CustomRequest, CustomResult, DiscoverResult, GetPromptRequestParams, GetPromptResponse,
        InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
        ReadResourceResponse, ServerCapabilities, ServerConfig, SubscriptionFilter,
    },
    service::{RequestContext, SubscriptionContext},
};

use crate::{
    CallKind, Caller, Grant, Settings, app,
    call::Call,
    completion::{self, Completions},
    confirmation::Confirmations,
    failure::Failure,
    introduction, methods, prompts, resources,
    subscriptions::{self, Subscriptions},
    tools::Toolbox,
};

/// A Model Context Protocol server for one Kafka cluster. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KafkaMcp(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    subscriptions: Subscriptions,
    settings: Settings,
    toolbox: Toolbox,
    confirmations: Confirmations,
    completions: Completions,
}

impl KafkaMcp {
    /// Serves the cluster of `client`. Nothing is contacted before the first call.
    #[must_use]
    pub fn new(client: Client, settings: Settings) -> Self {
        Self(Arc::new(Inner {
            client,
            subscriptions: Subscriptions::new(&settings),
            settings,
            toolbox: Toolbox::new(),
            confirmations: Confirmations::default(),
            completions: Completions::default(),
        }))
    }

    fn call<'a>(
        &'a self,
        kind: CallKind,
        name: &'static str,
        grant: Grant,
        context: &'a RequestContext<RoleServer>,
    ) -> Call<'a> {
        Call::new(kind, name, grant, &self.0.client, &self.0.settings, context)
    }
}

// rmcp makes a task of every request, which takes the room of the largest future here: those that
// are large are boxed, so that other requests do not pay for them.
impl ServerHandler for KafkaMcp {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_prompts()
            .enable_completions()
            .enable_extensions_with(app::extensions())
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(introduction::name())
            .with_instructions(introduction::instructions(self.0.settings.access.read_only))
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        // What it promises to clients of old is `resources/subscribe`, and streams came later.
        if let Some(resources) = &mut result.capabilities.resources {
            resources.subscribe = None;
        }
        Ok(result.with_server_info(introduction::with_looks()))
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let info = self.get_info().with_server_info(introduction::with_looks());
        Ok(DiscoverResult::from_server_info(versions, info)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let caller = Caller::of(&context, &self.0.settings);
        let tools = self.0.toolbox.visible_to(caller, &self.0.settings.access);
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.0.toolbox.find(&request.name) else {
            let call = self.call(CallKind::Tool, UNKNOWN, Grant::Read, &context);
            let failure = self.0.toolbox.unknown(&request.name);
            let result = call.run(async { Err(failure) }).await;
            return result.or_else(Failure::of_tool);
        };
        let call = self.call(CallKind::Tool, tool.name(), tool.grant(), &context);
        let CallToolRequestParams {
            arguments,
            input_responses,
            request_state,
            ..
        } = request;
        let round = self.0.confirmations.round(request_state, input_responses);
        let work = tool.run(&call, arguments.unwrap_or_default(), round);
        call.run(work).await.or_else(Failure::of_tool)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::list())
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(
            ListResourceTemplatesResult::with_all_items(resources::templates())
                .with_ttl_ms(LIST_TTL_MS)
                .with_cache_scope(CacheScope::Public),
        )
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let name = resources::metric_name(&request.uri);
        let call = self.call(CallKind::Resource, name, Grant::Read, &context);
        let work = resources::read(&call, &request.uri);
        Ok(call.run(work.boxed()).await?.into())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(subscriptions::acceptable(requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        subscriptions::check(context.requested())?;
        let request = context.request_context();
        let call = self.call(CallKind::Stream, LISTEN, Grant::Read, request);
        let telling = self.0.subscriptions.tell(&call, context.sink());
        Ok(call.hold(telling.boxed()).await?)
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::list())
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let name = prompts::metric_name(&request.name);
        let call = self.call(CallKind::Prompt, name, Grant::Read, &context);
        let arguments = request.arguments.unwrap_or_default();
        let work = prompts::render(call.view(), &request.name, &arguments);
        Ok(call.run(work.boxed()).await?.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let name = completion::metric_name(&request.r#ref);
        let call = self.call(CallKind::Completion, name, Grant::Read, &context);
        let work = self.0.completions.complete(&call, &request);
        Ok(call.run(work.boxed()).await?)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(methods::not_understood(&request.method))
    }
}

/// The one kind of stream that there is.
const LISTEN: &str = "listen";

/// Stands for every tool that the server does not know.
const UNKNOWN: &str = "unknown";

/// The lists, and what the server can do, change with its configuration only.
const LIST_TTL_MS: u64 = 300_000;
