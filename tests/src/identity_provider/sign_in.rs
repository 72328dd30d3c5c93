//! People sign in: the authorization code flow, and what comes after it.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    AUDIENCE, CLIENT_ID, Personality, Shared, State, TokenKind, TokenRecipe, now, pages::Page,
};

/// The secret of the client with [`CLIENT_ID`]. It has characters that a form encodes.
pub const CLIENT_SECRET: &str = "canary-8d41~+/&=-CLIENT-SECRET";

/// Who has signed in, and what they got.
#[derive(Debug, Default)]
pub(super) struct SignIns {
    codes: HashMap<String, SignIn>,
    refresh_tokens: HashMap<String, SignIn>,
    /// The codes and tokens that were given out.
    pub(super) issued: Vec<String>,
    /// The error that the next people get instead of a code.
    pub(super) refusal: Option<String>,
    /// The error that the token endpoint answers with.
    pub(super) token_refusal: Option<(u16, String)>,
    /// What is wrong with the id tokens.
    pub(super) id_token: Option<TokenRecipe>,
    /// Whether answers come without one.
    pub(super) has_no_id_token: bool,
    /// The forms that the token endpoint has had.
    pub(super) token_requests: Vec<String>,
    /// The tokens that were revoked.
    pub(super) revoked: Vec<String>,
}

#[derive(Clone, Debug)]
struct SignIn {
    redirect_uri: String,
    code_challenge: String,
    nonce: Option<String>,
    scopes: Vec<String>,
    is_offline: bool,
}

type Form = HashMap<String, String>;

impl SignIns {
    /// Ends all that refresh tokens keep alive.
    pub(super) fn end(&mut self) {
        self.refresh_tokens.clear();
    }

    fn issue(&mut self, what: &str) -> String {
        let issued = format!("canary-{what}-{}-{}", self.issued.len(), now());
        self.issued.push(issued.clone());
        issued
    }
}

/// Where the browser of somebody who signs in without hesitation is sent.
pub(super) fn authorize(shared: &Shared, state: &mut State, query: &str) -> Page {
    let form = parse(query);
    let text = |name: &str| form.get(name).map_or("", String::as_str);
    if text("client_id") != CLIENT_ID || text("redirect_uri").is_empty() {
        return Page::refusal(400, "invalid_request");
    }
    let personality = shared.personality;
    let scopes: Vec<_> = text("scope").split(' ').map(str::to_owned).collect();
    let answer = match wrong_request(personality, &form, &scopes) {
        Some(error) => ("error", error.to_owned()),
        None => match &state.sign_ins.refusal {
            Some(error) => ("error", error.clone()),
            None => {
                let code = state.sign_ins.issue("CODE");
                let sign_in = SignIn {
                    redirect_uri: text("redirect_uri").to_owned(),
                    code_challenge: text("code_challenge").to_owned(),
                    nonce: form.get("nonce").cloned(),
                    is_offline: personality.goes_offline(&form, &scopes),
                    scopes,
                };
                state.sign_ins.codes.insert(code.clone(), sign_in);
                ("code", code)
            }
        },
    };
    let mut back = form_urlencoded::Serializer::new(String::new());
    back.append_pair(answer.0, &answer.1);
    back.append_pair("state", text("state"));
    if answer.0 == "error" {
        back.append_pair("error_description", "<b>canary</b> of the provider");
    }
    if personality.names_itself() {
        back.append_pair("iss", &personality.issuer(&shared.origin()));
    }
    let separator = if text("redirect_uri").contains('?') {
        '&'
    } else {
        '?'
    };
    Page::redirect(&format!(
        "{}{separator}{}",
        text("redirect_uri"),
        back.finish()
    ))
}

/// What the token endpoint answers.
pub(super) fn token(shared: &Shared, state: &mut State, head: &str, body: &str) -> Page {
    state.sign_ins.token_requests.push(body.to_owned());
    if let Some((status, error)) = &state.sign_ins.token_refusal {
        return Page::refusal(*status, error);
    }
    let form = parse(body);
    let text = |name: &str| form.get(name).map_or("", String::as_str);
    if !is_client(head, &form) {
        return Page::refusal(401, "invalid_client");
    }
    // Entra says so with AADSTS9010010; the others have no use for it either.
    if form.contains_key("resource") {
        return Page::refusal(400, "invalid_target");
    }
    let personality = shared.personality;
    let sign_in = match text("grant_type") {
        "authorization_code" => state.sign_ins.codes.remove(text("code")).filter(|sign_in| {
            sign_in.redirect_uri == text("redirect_uri")
                && sign_in.code_challenge == sha256(text("code_verifier"))
        }),
        "refresh_token" => state.sign_ins.refreshed(personality, text("refresh_token")),
        _ => return Page::refusal(400, "unsupported_grant_type"),
    };
    let Some(mut sign_in) = sign_in else {
        return Page::refusal(400, "invalid_grant");
    };
    if personality.provider() == "azure" {
        // Without them, it would answer with a token for somebody else.
        let scopes: Vec<_> = text("scope").split(' ').map(str::to_owned).collect();
        if !scopes.iter().all(|scope| personality.knows_scope(scope)) || scopes.len() < 2 {
            return Page::refusal(400, "invalid_scope");
        }
    }
    let is_refresh = text("grant_type") == "refresh_token";
    if is_refresh {
        sign_in.nonce = None;
    }
    tokens(shared, state, &sign_in, is_refresh)
}

/// What the revocation endpoint answers.
pub(super) fn revocation(shared: &Shared, state: &mut State, head: &str, body: &str) -> Page {
    let form = parse(body);
    if !is_client(head, &form) {
        return Page::refusal(401, "invalid_client");
    }
    let token = form.get("token").cloned().unwrap_or_default();
    let is_known = state.sign_ins.refresh_tokens.remove(&token).is_some();
    state.sign_ins.revoked.push(token);
    if !is_known && shared.personality == Personality::Google {
        return Page::refusal(400, "invalid_token");
    }
    Page::json(&json!({}))
}

impl SignIns {
    /// Uses a refresh token, which is good once, or always.
    fn refreshed(&mut self, personality: Personality, token: &str) -> Option<SignIn> {
        match personality {
            Personality::Generic | Personality::OktaCustom | Personality::OktaOrg => {
                self.refresh_tokens.remove(token)
            }
            _ => self.refresh_tokens.get(token).cloned(),
        }
    }
}

fn tokens(shared: &Shared, state: &mut State, sign_in: &SignIn, is_refresh: bool) -> Page {
    let personality = shared.personality;
    let access_token = state.sign_ins.issue("ACCESS-TOKEN");
    let mut answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 3599,
        "scope": personality.echoed(&sign_in.scopes),
    });
    if !state.sign_ins.has_no_id_token {
        let id_token = id_token(shared, state, sign_in, &access_token);
        state.sign_ins.issued.push(id_token.clone());
        answer["id_token"] = id_token.into();
    }
    // Google answers a refresh without one: the old one stays.
    if sign_in.is_offline && !(is_refresh && personality == Personality::Google) {
        let refresh_token = state.sign_ins.issue("REFRESH-TOKEN");
        answer["refresh_token"] = refresh_token.as_str().into();
        let sign_ins = &mut state.sign_ins.refresh_tokens;
        sign_ins.insert(refresh_token, sign_in.clone());
    }
    Page::json(&answer)
}

fn id_token(shared: &Shared, state: &State, sign_in: &SignIn, access_token: &str) -> String {
    let key = &state.signing;
    let personality = shared.personality;
    let mut header = json!({"alg": key.algorithm(), "kid": key.kid()});
    if let Some(typ) = personality.typ(TokenKind::IdToken) {
        header["typ"] = typ.into();
    }
    let mut claims = personality.claims(&shared.origin(), TokenKind::IdToken, now());
    claims["aud"] = CLIENT_ID.into();
    if personality.provider() == "azure" {
        // The endpoints of version 2.0 answer with id tokens of that version.
        let tenant = claims["tid"].as_str().unwrap_or_default();
        claims["iss"] = format!("{}/{tenant}/v2.0", shared.origin()).into();
        claims["ver"] = "2.0".into();
        let claims = claims.as_object_mut().expect("an object");
        for name in ["azp", "appid", "appidacr", "azpacr"] {
            claims.remove(name);
        }
    }
    let claims_of = claims.as_object_mut().expect("an object");
    claims_of.remove("nonce");
    if let Some(nonce) = &sign_in.nonce {
        claims_of.insert("nonce".to_owned(), nonce.as_str().into());
    }
    claims["at_hash"] = at_hash(key.algorithm(), access_token).into();
    if let Some(recipe) = &state.sign_ins.id_token {
        recipe.apply(&mut header, &mut claims);
    }
    key.compact(&header.to_string(), &claims.to_string())
}

impl Personality {
    /// What its discovery document says about signing in.
    pub(super) fn describe_sign_in(self, document: &mut Value, origin: &str) {
        let methods: &[&str] = match self {
            Self::Generic => &["client_secret_basic"],
            _ => &["client_secret_post", "client_secret_basic"],
        };
        document["token_endpoint_auth_methods_supported"] = json!(methods);
        document["scopes_supported"] = match self {
            Self::Google => json!(["openid", "email", "profile"]),
            _ => json!(["openid", "profile", "email", "offline_access"]),
        };
        if self.names_itself() {
            document["authorization_response_iss_parameter_supported"] = true.into();
        }
        if self.provider() != "azure" {
            document["revocation_endpoint"] = format!("{origin}/revoke").into();
        }
    }

    fn names_itself(self) -> bool {
        matches!(self, Self::Generic | Self::Google)
    }

    /// Whether there is a refresh token.
    fn goes_offline(self, form: &Form, scopes: &[String]) -> bool {
        let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
        let is_asked = scopes.iter().any(|scope| scope == "offline_access");
        match self {
            Self::Google => has("access_type", "offline") && has("prompt", "consent"),
            Self::Generic => is_asked && has("prompt", "consent"),
            _ => is_asked,
        }
    }

    fn knows_scope(self, scope: &str) -> bool {
        match (self, scope) {
            (_, "openid" | "profile" | "email") => true,
            (Self::Google, _) => false,
            (_, "offline_access") => true,
            (Self::EntraMultiTenant | Self::EntraV1 | Self::EntraV2, _) => scope
                .strip_prefix(AUDIENCE)
                .is_some_and(|name| name.starts_with('/')),
            (Self::OktaOrg, _) => scope == "groups",
            _ => scope.starts_with("kafka"),
        }
    }

    /// The scopes of the access token: Entra's is for one resource, and has none of OpenID Connect.
    fn echoed(self, scopes: &[String]) -> String {
        let is_echoed = |scope: &&String| self.provider() != "azure" || scope.contains("://");
        let echoed: Vec<_> = scopes
            .iter()
            .filter(is_echoed)
            .map(String::as_str)
            .collect();
        echoed.join(" ")
    }
}

fn wrong_request(personality: Personality, form: &Form, scopes: &[String]) -> Option<&'static str> {
    let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
    let challenge = form.get("code_challenge").map_or(0, String::len);
    if !has("response_type", "code") {
        Some("unsupported_response_type")
    } else if challenge != 43 || !has("code_challenge_method", "S256") {
        Some("invalid_request")
    } else if form.contains_key("resource") {
        Some("invalid_target")
    } else if !scopes.iter().all(|scope| personality.knows_scope(scope))
        || !scopes.iter().any(|scope| scope == "openid")
    {
        Some("invalid_scope")
    } else {
        None
    }
}

/// Whether the client authenticates, in the header or in the body (RFC 6749 section 2.3.1).
fn is_client(head: &str, form: &Form) -> bool {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET));
    let basic = format!("authorization: Basic {}", BASE64_STANDARD.encode(basic));
    let in_header = head.lines().any(|line| line.eq_ignore_ascii_case(&basic));
    let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
    in_header != (has("client_id", CLIENT_ID) && has("client_secret", CLIENT_SECRET))
}

fn at_hash(algorithm: &str, access_token: &str) -> String {
    let hash = match algorithm {
        "ES384" => &digest::SHA384,
        "EdDSA" => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let digest = digest::digest(hash, access_token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

fn sha256(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

fn parse(form: &str) -> Form {
    form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}
