//! How this server is known to the provider.

use mcp_oauth_token::ProviderUrl;
use secrecy::{ExposeSecret, SecretString};

use crate::{ConfigProblem, Field, problem::Problems};

/// The client that the provider knows this server as.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginConfig {
    /// Its identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Where the provider sends people back to, exactly as it is registered there.
    pub redirect_uri: String,
}

impl LoginConfig {
    /// A client.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        client_secret: SecretString,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret,
            redirect_uri: redirect_uri.into(),
        }
    }

    /// Adds what is wrong with it to `problems`.
    pub(crate) fn check(&self, problems: &mut Problems) {
        if self.client_id.trim().is_empty() {
            problems.add(
                Field::ClientId,
                "there is no client id",
                "name the client that is registered for this server at the provider",
            );
        }
        if self.client_secret.expose_secret().trim().is_empty() {
            problems.add(
                Field::ClientSecret,
                "there is no client secret",
                "use that of the client that is registered for this server at the provider",
            );
        }
        // Codes are sent there, so that it follows the rules for where secrets may go.
        if let Err(error) = ProviderUrl::new(&self.redirect_uri) {
            problems.add(
                Field::RedirectUri,
                format!("the redirect URI cannot be used: {error}"),
                "use the https URL that is registered at the provider",
            );
        }
    }
}

/// What is wrong, for a provider where nobody logs in.
pub(crate) fn nobody_logs_in() -> Vec<ConfigProblem> {
    let mut problems = Problems::default();
    problems.add(
        Field::ClientId,
        "with the provider hmac there is nobody to log in at",
        "use another provider",
    );
    problems.into_vec()
}
