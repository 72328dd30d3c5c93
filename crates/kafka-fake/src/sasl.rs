//! Authentication of a connection: SaslHandshake names a mechanism, and SaslAuthenticate carries its
//! messages, until the client has shown that it knows a password, or not.

#[cfg(feature = "scram")]
mod scram;
mod users;

pub(crate) use self::users::Users;
use crate::{Api, ErrorCode};

/// How far a connection has come.
#[derive(Debug)]
pub(crate) enum Sasl {
    /// Nobody is asked who they are.
    NotRequired,
    /// A mechanism is to be chosen.
    Begun,
    /// Messages are exchanged.
    Exchanging(Exchange),
    /// This user has logged in.
    Done(String),
    /// The connection ends with the answer that says so.
    Failed,
}

/// The messages of a mechanism.
#[derive(Debug)]
pub(crate) enum Exchange {
    Plain,
    #[cfg(feature = "scram")]
    Scram(scram::Scram),
}

impl Sasl {
    pub(crate) fn new(users: &Users) -> Self {
        match users.is_empty() {
            true => Self::NotRequired,
            false => Self::Begun,
        }
    }

    /// Whether a request may be answered by now. If not, the connection ends; with this code in an
    /// answer, if Kafka sends one.
    pub(crate) fn admit(&mut self, api: Api) -> Result<(), Option<ErrorCode>> {
        let is_due = match self {
            Self::NotRequired | Self::Done(_) => true,
            Self::Begun => matches!(api, Api::ApiVersions | Api::SaslHandshake),
            Self::Exchanging(_) => api == Api::SaslAuthenticate,
            Self::Failed => false,
        };
        if is_due {
            return Ok(());
        }
        let is_exchanging = matches!(self, Self::Exchanging(_));
        *self = Self::Failed;
        Err(is_exchanging.then_some(ErrorCode::ILLEGAL_SASL_STATE))
    }

    /// Who the client is, as ACLs name it.
    pub(crate) fn principal(&self) -> String {
        match self {
            Self::Done(user) => format!("User:{user}"),
            _ => ANONYMOUS.to_owned(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Failed)
    }

    /// Chooses a mechanism.
    pub(crate) fn choose(&mut self, mechanism: &str) -> Result<(), ErrorCode> {
        if !matches!(self, Self::Begun) {
            return Err(ErrorCode::ILLEGAL_SASL_STATE);
        }
        match Exchange::new(mechanism) {
            Some(exchange) => {
                *self = Self::Exchanging(exchange);
                Ok(())
            }
            None => {
                *self = Self::Failed;
                Err(ErrorCode::UNSUPPORTED_SASL_MECHANISM)
            }
        }
    }

    /// Takes a message of the client, and tells what is answered. The error says why not.
    pub(crate) fn step(
        &mut self,
        message: &[u8],
        users: &Users,
    ) -> Result<Vec<u8>, (ErrorCode, String)> {
        let Self::Exchanging(exchange) = self else {
            let reason = "SaslAuthenticate request received after successful authentication";
            return Err((ErrorCode::ILLEGAL_SASL_STATE, reason.to_owned()));
        };
        match exchange.step(message, users) {
            Ok(Progress::Continue(answer)) => Ok(answer),
            Ok(Progress::Done { user, answer }) => {
                *self = Self::Done(user);
                Ok(answer)
            }
            Err(reason) => {
                *self = Self::Failed;
                Err((ErrorCode::SASL_AUTHENTICATION_FAILED, reason))
            }
        }
    }
}

/// What a mechanism makes of a message; the bytes are for the client.
#[derive(Debug)]
enum Progress {
    #[cfg_attr(
        not(feature = "scram"),
        expect(dead_code, reason = "PLAIN has one message")
    )]
    Continue(Vec<u8>),
    Done {
        user: String,
        answer: Vec<u8>,
    },
}

impl Exchange {
    fn new(mechanism: &str) -> Option<Self> {
        match mechanism {
            PLAIN => Some(Self::Plain),
            #[cfg(feature = "scram")]
            _ => scram::Scram::new(mechanism).map(Self::Scram),
            #[cfg(not(feature = "scram"))]
            _ => None,
        }
    }

    #[cfg_attr(
        not(feature = "scram"),
        expect(
            clippy::needless_pass_by_ref_mut,
            reason = "PLAIN has nothing to remember"
        )
    )]
    fn step(&mut self, message: &[u8], users: &Users) -> Result<Progress, String> {
        match self {
            Self::Plain => plain(message, users),
            #[cfg(feature = "scram")]
            Self::Scram(scram) => scram.step(message, users),
        }
    }
}

/// The mechanisms that clients can choose from.
pub(crate) fn mechanisms() -> impl Iterator<Item = &'static str> {
    #[cfg(feature = "scram")]
    let scram = scram::MECHANISMS;
    #[cfg(not(feature = "scram"))]
    let scram = [];
    std::iter::once(PLAIN).chain(scram)
}

/// RFC 4616: an identity to act for, which may be left out, the user and the password.
fn plain(message: &[u8], users: &Users) -> Result<Progress, String> {
    let refused = || "Authentication failed: Invalid username or password".to_owned();
    let message = std::str::from_utf8(message).map_err(|_| refused())?;
    let parts: Vec<&str> = message.split('\0').collect();
    match parts[..] {
        [identity, user, password]
            if (identity.is_empty() || identity == user) && users.has(user, password) =>
        {
            Ok(Progress::Done {
                user: user.to_owned(),
                answer: Vec::new(),
            })
        }
        _ => Err(refused()),
    }
}

const PLAIN: &str = "PLAIN";

/// Who has not logged in.
const ANONYMOUS: &str = "User:ANONYMOUS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_takes_the_right_password_and_nothing_else() {
        let mut users = Users::default();
        users.add("alice", "secret");
        let judge = |message: &str| {
            let mut sasl = Sasl::new(&users);
            sasl.choose("PLAIN").unwrap();
            let outcome = sasl.step(message.as_bytes(), &users);
            assert_eq!(outcome.is_ok(), matches!(sasl, Sasl::Done(_)));
            assert_eq!(outcome.is_err(), sasl.is_over());
            outcome.is_ok()
        };
        assert!(judge("\0alice\0secret"));
        assert!(judge("alice\0alice\0secret"));
        for message in [
            "",
            "\0alice\0wrong",
            "\0alice\0",
            "\0bob\0secret",
            "bob\0alice\0secret",
            "alice\0secret",
            "\0alice\0secret\0",
        ] {
            assert!(!judge(message), "{message:?}");
        }
    }

    #[test]
    fn nothing_else_is_admitted_before_the_password() {
        let mut users = Users::default();
        assert_eq!(Sasl::new(&users).admit(Api::Metadata), Ok(()));
        users.add("alice", "secret");
        for api in [Api::Metadata, Api::SaslAuthenticate] {
            let mut sasl = Sasl::new(&users);
            assert_eq!(sasl.admit(api), Err(None));
            assert!(sasl.is_over());
        }
        let mut sasl = Sasl::new(&users);
        assert_eq!(sasl.admit(Api::ApiVersions), Ok(()));
        sasl.choose("PLAIN").unwrap();
        assert_eq!(sasl.admit(Api::SaslAuthenticate), Ok(()));
        sasl.step(b"\0alice\0secret", &users).unwrap();
        assert_eq!(sasl.admit(Api::Metadata), Ok(()));
        assert_eq!(sasl.choose("PLAIN"), Err(ErrorCode::ILLEGAL_SASL_STATE));

        let mut sasl = Sasl::new(&users);
        sasl.choose("PLAIN").unwrap();
        let refused = Err(Some(ErrorCode::ILLEGAL_SASL_STATE));
        assert_eq!(sasl.admit(Api::ApiVersions), refused);
        assert!(sasl.is_over());
    }
}
