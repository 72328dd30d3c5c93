//! Logins at this server: where they end up, and where they are kept.

use std::path::Path;

use http::StatusCode;
use mcp_oauth::StoreKey;

use super::{finding::Finding, identity::get};
use crate::causes::with_causes;
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
    if let StoreSetting::File(path) = setting
        && path.try_exists().is_ok_and(|is_there| !is_there)
    {
        return file_to_be(path);
    }
    let answer = match setting.open() {
        Ok(store) => {
            let found = store.get(&StoreKey::from_bytes([0; 32])).await;
            found.map(|_| ()).map_err(|error| with_causes(&error))
        }
        Err(error) => Err(with_causes(&error)),
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

/// Whether there can be a file that is not there yet. It is not made here: whoever runs this need not
/// be the user that the server runs as.
fn file_to_be(path: &Path) -> Finding {
    let about = "store";
    let directory = match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    };
    let obstacle = match directory.metadata() {
        Ok(found) if !found.is_dir() => Some("it is no directory".to_owned()),
        Ok(found) if found.permissions().readonly() => Some("nobody may write to it".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let (path, directory) = (path.display(), directory.display());
    match obstacle {
        None => Finding::note(
            about,
            format!("{path} is not there yet: the server makes it when it starts"),
        ),
        Some(obstacle) => Finding::bad(
            about,
            format!("{path} cannot be made in {directory}: {obstacle}"),
            "make the directory, for the user that the server runs as, or correct OAUTH_STORE",
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
            format!("{callback}: {}", with_causes(&error)),
            "start the server; register this address at the provider to the letter",
        ),
    }
}
