//! How a client is found by its id.

use std::{error::Error, sync::Arc};

use http::HeaderMap;
use mcp_oauth_token::{HttpClient, Quoted};

use super::{
    client::{Client, ClientMetadata},
    client_metadata_document::{ClientDocuments, DocumentError},
    key_ring::{KeyRing, Purpose},
    known_clients::KnownClients,
    registration::{InvalidRegistration, Registration},
    sealed,
};
use crate::log_budget::LogBudget;

/// Knows all clients, and keeps none: the id of a registered client is its sealed metadata, and
/// any other id is a URL where the client says of itself what there is to know.
#[derive(Debug)]
pub(crate) struct Clients {
    keys: KeyRing,
    known: KnownClients,
    documents: Option<ClientDocuments>,
    /// Anybody may register.
    log_budget: LogBudget,
}

impl Clients {
    /// Clients whose ids `keys` seal. With an HTTP client, they may also be URLs: strangers choose
    /// these, so it must connect to public addresses only.
    pub(crate) fn new(
        keys: KeyRing,
        known: KnownClients,
        public_http: Option<Arc<dyn HttpClient>>,
    ) -> Self {
        Self {
            keys,
            known,
            documents: public_http.map(ClientDocuments::new),
            log_budget: LogBudget::new(),
        }
    }

    /// Whether the id of a client may be a URL.
    pub(crate) const fn support_documents(&self) -> bool {
        self.documents.is_some()
    }

    /// Finds a client, with those of its redirect URIs that codes may be sent to today.
    ///
    /// # Errors
    ///
    /// If there is no such client.
    pub(crate) async fn find(&self, client_id: &str) -> Result<Client, UnknownClient> {
        if client_id.len() > MAX_CLIENT_ID_LEN {
            return Err(UnknownClient::NotRegistered);
        }
        let metadata = if client_id.contains(':') {
            let documents = self.documents.as_ref();
            let documents = documents.ok_or(UnknownClient::NoDocuments)?;
            let found = documents.find(client_id, &self.known).await;
            found.map_err(|source| UnknownClient::Document {
                url: client_id.to_owned(),
                source,
            })?
        } else {
            self.registered(client_id)?
        };
        Ok(Client {
            id: client_id.to_owned(),
            metadata,
        })
    }

    /// Registers a client (RFC 7591 section 3). The same request always gives the same id.
    ///
    /// # Errors
    ///
    /// If the client cannot be known by what it says.
    pub(crate) fn register(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Registration, InvalidRegistration> {
        let registration = Registration::new(headers, body, &self.known, |metadata| {
            let id = sealed::seal_deterministic(&self.keys, Purpose::ClientId, metadata);
            (id.len() <= MAX_CLIENT_ID_LEN).then_some(id)
        });
        if let Err(refusal) = &registration
            && let Some(withheld) = self.log_budget.line()
        {
            let error = refusal as &dyn Error;
            tracing::info!(error, withheld, "registration refused");
        }
        registration
    }

    fn registered(&self, client_id: &str) -> Result<ClientMetadata, UnknownClient> {
        let sealed = sealed::open(&self.keys, Purpose::ClientId, client_id);
        let metadata = sealed.map_err(|_| UnknownClient::NotRegistered)?;
        let mut metadata: ClientMetadata =
            serde_json::from_slice(&metadata).map_err(|_| UnknownClient::NotRegistered)?;
        // What the operator allows may have changed since.
        metadata.redirect_uris.retain(|uri| self.known.include(uri));
        if metadata.redirect_uris.is_empty() {
            return Err(UnknownClient::NotRegistered);
        }
        Ok(metadata)
    }
}

/// Why there is no client with an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnknownClient {
    /// The URL that it is does not lead to a client.
    #[error("the document at {} is of no use", Quoted(.url))]
    Document {
        url: String,
        #[source]
        source: DocumentError,
    },
    /// It is a URL, and documents are not fetched.
    #[error("its id is the URL of a document, and this server fetches none")]
    NoDocuments,
    /// Nobody was given this id here, or it was long ago: clients are to register again.
    #[error("no client is registered with this id")]
    NotRegistered,
}

impl UnknownClient {
    /// Whether it is worth trying again.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Document { source, .. } if source.is_temporary())
    }
}

/// Room for a name and several redirect URIs; it travels in URLs, and inside of others.
pub(crate) const MAX_CLIENT_ID_LEN: usize = 1024;

#[cfg(test)]
mod tests;
