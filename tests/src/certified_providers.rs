//! Identity providers that have nothing to do with the code under test.

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{CLIENT_ID, NodeProgram, Personality, Rotation, TokenRecipe};

/// Certified OpenID providers in the shape of Okta, Google and Entra. Their tokens come out of real
/// flows, and say otherwise only what a recipe asks for.
#[derive(Debug)]
pub struct CertifiedProviders {
    issuers: Value,
    program: Mutex<NodeProgram>,
}

impl CertifiedProviders {
    /// Those that are played.
    pub const PERSONALITIES: [Personality; 4] = [
        Personality::EntraV1,
        Personality::EntraV2,
        Personality::Google,
        Personality::OktaCustom,
    ];

    /// Starts all of them; `None`, with a note, if they are not installed.
    ///
    /// # Panics
    ///
    /// If they do not start.
    pub async fn start() -> Option<Self> {
        let mut program = NodeProgram::start("providers.mjs")?;
        Some(Self {
            issuers: program.answer().await,
            program: Mutex::new(program),
        })
    }

    /// The issuer of one of them, as an operator configures it.
    ///
    /// # Panics
    ///
    /// If it is none of [`PERSONALITIES`](Self::PERSONALITIES).
    #[must_use]
    pub fn issuer(&self, personality: Personality) -> &str {
        self.issuers[name(personality)].as_str().expect("an issuer")
    }

    /// The environment of a server that trusts one of them.
    ///
    /// # Panics
    ///
    /// If it is none of [`PERSONALITIES`](Self::PERSONALITIES).
    #[must_use]
    pub fn settings(&self, personality: Personality) -> Vec<(&'static str, String)> {
        personality.settings(self.issuer(personality))
    }

    /// A token after `recipe`.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn mint(&self, personality: Personality, recipe: &TokenRecipe) -> String {
        let question = json!({"provider": name(personality), "mint": recipe});
        let answer = self.program.lock().await.ask(&question).await;
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// Where the browser of somebody who signs in at this address is sent.
    ///
    /// # Panics
    ///
    /// If nobody can sign in there.
    pub async fn sign_in(&self, personality: Personality, authorize_url: &str) -> String {
        let question = json!({"provider": name(personality), "visit": authorize_url});
        let answer = self.program.lock().await.ask(&question).await;
        let location = answer["location"].as_str();
        location.expect("an address").to_owned()
    }

    /// The client that is registered there, besides [`CLIENT_SECRET`](crate::CLIENT_SECRET).
    #[must_use]
    pub fn client_id(personality: Personality) -> &'static str {
        match personality {
            Personality::OktaCustom => "0oaclient",
            _ => CLIENT_ID,
        }
    }

    /// Replaces the signing key.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn rotate(&self, personality: Personality, rotation: Rotation) {
        let how = match rotation {
            Rotation::Hard => "hard",
            Rotation::Soft => "soft",
        };
        let question = json!({"provider": name(personality), "rotate": how});
        self.program.lock().await.ask(&question).await;
    }
}

fn name(personality: Personality) -> &'static str {
    match personality {
        Personality::EntraV1 => "entra_v1",
        Personality::EntraV2 => "entra_v2",
        Personality::Google => "google",
        Personality::OktaCustom => "okta",
        _ => panic!("{personality:?} is played in process only"),
    }
}
