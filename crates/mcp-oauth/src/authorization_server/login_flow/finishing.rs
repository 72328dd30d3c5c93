//! The end of a login of somebody who may enter.

use std::{error::Error, sync::Arc};

use mcp_oauth_token::Principal;

use crate::authorization_server::{
    authorization_code::Codes,
    authorize_error::AuthorizeError,
    background::{Background, Undone},
    grant::Grant,
    login_event::{LoginEnd, LoginObserver},
    store::{SealedStore, StoreError},
    transaction::Transaction,
};

/// Finishes logins.
///
/// What began goes on when the browser goes away: a login that is finished can never be finished
/// again, and so it is to have its code, and its place in the audit.
#[derive(Debug)]
pub(in crate::authorization_server) struct Finishing {
    steps: Steps,
    background: Background,
}

impl Finishing {
    pub(in crate::authorization_server) fn new(
        store: SealedStore,
        codes: Arc<Codes>,
        observer: Arc<dyn LoginObserver>,
    ) -> Self {
        Self {
            steps: Steps {
                store,
                codes,
                observer,
            },
            background: Background::default(),
        }
    }

    /// Ends a login: the client gets its code.
    pub(super) async fn finish(
        &self,
        transaction: &Transaction,
        principal: Principal,
        grant: Grant,
    ) -> Result<String, NoCode> {
        let (steps, transaction) = (self.steps.clone(), transaction.clone());
        let told = self.background.told(|tell| async move {
            let outcome = steps.finish(&transaction, &principal, grant).await;
            if tell.send(outcome).is_err() {
                tracing::info!("the browser went away before its login ended");
            }
        });
        told.await.unwrap_or_else(|undone| Err(undone.into()))
    }

    /// Whether a login was finished before.
    pub(super) async fn is_finished(&self, transaction: &Transaction) -> Result<bool, StoreError> {
        let id = transaction.id();
        let found = self.steps.store.get::<()>(FINISHED, &id).await?;
        Ok(found.is_some())
    }

    /// Waits until all logins that are being finished are.
    pub(in crate::authorization_server) async fn drain(&self) {
        self.background.drain().await;
    }
}

/// The steps that it takes.
#[derive(Clone, Debug)]
struct Steps {
    store: SealedStore,
    codes: Arc<Codes>,
    observer: Arc<dyn LoginObserver>,
}

impl Steps {
    async fn finish(
        &self,
        transaction: &Transaction,
        principal: &Principal,
        grant: Grant,
    ) -> Result<String, NoCode> {
        let request = &transaction.request;
        // Remembered only now: what strangers begin is to cost no memory.
        let id = transaction.id();
        let is_first = self.store.put_new(FINISHED, &id, &(), Transaction::MEMORY);
        if !is_first.await? {
            return Err(NoCode::Finished);
        }
        let challenge = request.code_challenge.clone();
        let redirect_uri = request.return_address.redirect_uri.as_str();
        let code = self.codes.issue(grant, challenge, redirect_uri).await?;
        let end = LoginEnd::Allowed { principal };
        tracing::info!(end = end.as_str(), withheld = 0, "login ended");
        self.observer.ended(&request.client_id, end);
        Ok(code)
    }
}

/// Why a login ends without a code.
#[derive(Clone, Copy, Debug)]
pub(super) enum NoCode {
    /// There has been one.
    Finished,
    /// For this reason, which the client is told.
    Because(AuthorizeError),
}

impl From<StoreError> for NoCode {
    fn from(error: StoreError) -> Self {
        tracing::warn!(
            error = &error as &dyn Error,
            "login failed: the store does not take it"
        );
        Self::Because(AuthorizeError::TemporarilyUnavailable)
    }
}

impl From<Undone> for NoCode {
    fn from(error: Undone) -> Self {
        tracing::error!(%error, "login failed: it cannot be finished now");
        Self::Because(AuthorizeError::TemporarilyUnavailable)
    }
}

/// The kind of the store's entries for logins that are over.
const FINISHED: &str = "finished login";
