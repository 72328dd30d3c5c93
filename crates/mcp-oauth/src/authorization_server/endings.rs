//! How families end.

use std::sync::Arc;

use secrecy::SecretString;

use super::{
    background::{Background, Undone},
    event::GrantEvent,
    family::{Families, FamilyId},
    store::StoreError,
    upstream::Upstream,
};

/// Ends families, here and at the identity provider.
///
/// An end that began goes on when the request that asked for it goes away: whoever presents a stolen
/// token could hang up before it is held against them. Nobody waits for the provider.
#[derive(Debug)]
pub(crate) struct Endings {
    families: Arc<Families>,
    upstream: Arc<dyn Upstream>,
    background: Background,
}

impl Endings {
    pub(crate) fn new(families: Arc<Families>, upstream: Arc<dyn Upstream>) -> Self {
        Self {
            families,
            upstream,
            background: Background::default(),
        }
    }

    /// Ends a family. It stays ended.
    pub(crate) async fn end(&self, id: &FamilyId, why: GrantEvent) -> Result<(), NotEnded> {
        let (families, upstream) = (Arc::clone(&self.families), Arc::clone(&self.upstream));
        let id = id.clone();
        let told = self.background.told(|tell| async move {
            let (ended, token) = match families.end(&id, why).await {
                Ok(token) => (Ok(()), token),
                Err(error) => (Err(error.into()), None),
            };
            // Nobody may be there to hear it.
            let _ = tell.send(ended);
            if let Some(token) = token {
                upstream.revoke(&token).await;
            }
        });
        told.await.unwrap_or_else(|undone| Err(undone.into()))
    }

    /// Waits until the identity provider has been told of all ends.
    pub(crate) async fn drain(&self) {
        self.background.drain().await;
    }

    /// Gives a token back to the identity provider that no family has.
    pub(crate) fn give_back(&self, token: SecretString) {
        let upstream = Arc::clone(&self.upstream);
        let begun = self
            .background
            .begin(async move { upstream.revoke(&token).await });
        if let Err(error) = begun {
            tracing::warn!(%error, "the identity provider was not told that a grant is over");
        }
    }
}

/// Why a family is not known to have ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotEnded {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Undone(#[from] Undone),
}
