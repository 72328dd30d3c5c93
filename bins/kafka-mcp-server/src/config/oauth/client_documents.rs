//! Whether the documents of clients are fetched, whose ids are the URLs of these.

use std::sync::Arc;

use mcp_oauth_provider::{Reach, ReqwestClient, ReqwestConfig};
use mcp_oauth_token::HttpClient;

use crate::config::{Warnings, reader::Reader, settings::*};

/// Whether the documents of clients are fetched. Where they are not, clients register.
#[derive(Clone, Debug)]
pub(crate) enum ClientDocuments {
    /// They are, by this.
    Fetched(Arc<dyn HttpClient>),
    /// Only a proxy leads to them, and none is used: strangers choose the URLs, so that it is this
    /// server that has to see which addresses are connected to.
    OnlyThroughProxy,
    /// The operator does not want it.
    TurnedOff,
}

impl ClientDocuments {
    /// What is `wanted`, or what is likely to work. `None` if there can be no HTTP client.
    pub(super) fn new(
        wanted: Option<bool>,
        reader: &mut Reader<'_>,
        warnings: &mut Warnings,
    ) -> Option<Self> {
        match wanted {
            Some(false) => Some(Self::TurnedOff),
            None if reader.is_set(HTTPS_PROXY) => {
                warnings.push(ONLY_THROUGH_PROXY.into());
                Some(Self::OnlyThroughProxy)
            }
            _ => public_http(reader).map(Self::Fetched),
        }
    }

    /// What fetches them.
    pub(super) fn http(&self) -> Option<Arc<dyn HttpClient>> {
        match self {
            Self::Fetched(http) => Some(Arc::clone(http)),
            Self::OnlyThroughProxy | Self::TurnedOff => None,
        }
    }
}

fn public_http(reader: &mut Reader<'_>) -> Option<Arc<dyn HttpClient>> {
    let mut config = ReqwestConfig::default();
    config.reach = Reach::Public;
    match ReqwestClient::new(&config) {
        Ok(client) => Some(Arc::new(client)),
        Err(error) => {
            reader.problem(OAUTH_ENABLED, error.to_string());
            None
        }
    }
}

const ONLY_THROUGH_PROXY: &str = "OAUTH_CLIENT_DOCUMENTS: the documents of clients are not fetched, \
                                  because HTTPS_PROXY is set and is not used for them; clients \
                                  register instead. Set it to true if this server reaches them \
                                  without the proxy, or to false";
