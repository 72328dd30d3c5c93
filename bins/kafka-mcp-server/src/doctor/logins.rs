//! Logins at this server: where they end up, and where they are kept.

use http::StatusCode;
use mcp_oauth::StoreKey;

use super::{
    finding::{Finding, chain},
    identity::get,
};
use crate::config::{ClientDocuments, Logins, OAuth, StoreSetting};

/// Looks at what logins need besides the provider.
pub(super) async fn examine(oauth: &OAuth, logins: &Logins) -> Vec<Finding> {
    let mut findings = vec![
        store(&logins.store).await,
        client_documents(&logins.client_documents),
    ];
    match &logins.callback {
        Some(callback) => findings.push(redirect_uri(oauth, callback).await),
        None => findings.push(Finding::note(
            "login",
            "people log in with any name, and the code that the server prints at start",
        )),
    }
    findings
}

fn client_documents(setting: &ClientDocuments) -> Finding {
    let found = match setting {
        ClientDocuments::Fetched(_) => {
            "they are fetched, from public addresses and through no proxy; clients may register, too"
        }
        ClientDocuments::OnlyThroughProxy => {
            "they are not fetched, because HTTPS_PROXY is set and OAUTH_CLIENT_DOCUMENTS is not: \
             clients register"
        }
        ClientDocuments::TurnedOff => {
            "they are not fetched, because OAUTH_CLIENT_DOCUMENTS is false: clients register"
        }
    };
    Finding::note("client documents", found)
}

async fn store(setting: &StoreSetting) -> Finding {
    let about = "store";
    let answer = match setting.open() {
        Ok(store) => {
            let found = store.get(&StoreKey::from_bytes([0; 32])).await;
            found.map(|_| ()).map_err(|error| chain(&error))
        }
        Err(error) => Err(chain(&error)),
    };
    match (setting, answer) {
        (StoreSetting::Memory, _) => {
            Finding::note(about, "logins are kept in memory: a restart ends them")
        }
        (_, Ok(())) => Finding::good(about, "it answers"),
        (StoreSetting::File(_), Err(error)) => Finding::doubtful(
            about,
            error,
            "if the server runs, the file is its own; else see that OAUTH_STORE names a file that \
             it may write",
        ),
        (StoreSetting::Redis(_), Err(error)) => Finding::bad(
            about,
            error,
            "see that Redis runs where OAUTH_STORE says, and that the URL has its user and password",
        ),
    }
}

/// Whether the address that people are sent back to leads here. Whether the provider knows it shows
/// at the first login only.
async fn redirect_uri(oauth: &OAuth, callback: &str) -> Finding {
    let about = "redirect uri";
    match get(&*oauth.http, callback).await {
        // Without an answer of the provider there is nothing to go on with.
        Ok(answer) if answer.status() == StatusCode::BAD_REQUEST => Finding::note(
            about,
            format!("{callback} leads here; it has to be registered at the provider to the letter"),
        ),
        Ok(answer) => Finding::bad(
            about,
            format!("{callback} answers {}", answer.status()),
            "something else answers there: see that a proxy in front passes the path on",
        ),
        Err(error) => Finding::doubtful(
            about,
            format!("{callback}: {}", chain(&error)),
            "start the server; register this address at the provider to the letter",
        ),
    }
}
