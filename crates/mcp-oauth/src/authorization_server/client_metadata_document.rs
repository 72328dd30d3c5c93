//! Clients whose id is the URL of a document about them (OAuth Client ID Metadata Document).

use std::sync::Arc;

use mcp_oauth_token::HttpClient;

use super::{client::ClientMetadata, known_clients::KnownClients};

/// The documents of clients.
#[derive(Debug)]
pub(crate) struct ClientDocuments {
    http: Arc<dyn HttpClient>,
}

impl ClientDocuments {
    pub(crate) fn new(http: Arc<dyn HttpClient>) -> Self {
        Self { http }
    }

    /// What the document at `client_id` says.
    pub(crate) async fn find(
        &self,
        _client_id: &str,
        _known: &KnownClients,
    ) -> Result<ClientMetadata, DocumentError> {
        Err(DocumentError::Unreachable)
    }
}

/// Why a URL does not lead to a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("the document cannot be fetched")]
    Unreachable,
}

impl DocumentError {
    pub(crate) const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unreachable)
    }
}
