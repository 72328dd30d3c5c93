//! The server's side of SCRAM (RFC 5802), without channel binding.

use std::{fmt, num::NonZeroU32};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::{digest, hmac, pbkdf2, rand};

use super::{Progress, Users};

/// An exchange of messages.
pub(crate) struct Scram {
    algorithm: Algorithm,
    /// What the server adds to the nonce, and the salt.
    nonce: String,
    salt: [u8; 16],
    awaited: Awaited,
}

/// The message that comes next.
enum Awaited {
    First,
    Final(Challenge),
}

/// What the answer of the client is judged by.
struct Challenge {
    user: String,
    salted_password: Vec<u8>,
    nonce: String,
    /// The first message of the client and the answer to it.
    transcript: String,
}

/// The functions of a mechanism.
#[derive(Clone, Copy)]
struct Algorithm {
    name: &'static str,
    hash: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    pbkdf2: pbkdf2::Algorithm,
}

impl Scram {
    /// `None` if the mechanism is not known.
    pub(super) fn new(mechanism: &str) -> Option<Self> {
        let random = rand::SystemRandom::new();
        let nonce: [u8; 18] = rand::generate(&random).ok()?.expose();
        let salt: [u8; 16] = rand::generate(&random).ok()?.expose();
        Some(Self {
            algorithm: Algorithm::find(mechanism)?,
            nonce: BASE64.encode(nonce),
            salt,
            awaited: Awaited::First,
        })
    }

    pub(super) fn step(&mut self, message: &[u8], users: &Users) -> Result<Progress, String> {
        let name = self.algorithm.name;
        let refused = || {
            format!(
                "Authentication failed during authentication due to invalid credentials with SASL \
                 mechanism {name}"
            )
        };
        let message = std::str::from_utf8(message).map_err(|_| refused())?;
        let progress = match &self.awaited {
            Awaited::First => {
                let challenge = self.challenge(message, users);
                challenge.map(|(challenge, answer)| {
                    self.awaited = Awaited::Final(challenge);
                    Progress::Continue(answer.into_bytes())
                })
            }
            Awaited::Final(challenge) => {
                let answer = challenge.judge(self.algorithm, message);
                answer.map(|answer| Progress::Done {
                    user: challenge.user.clone(),
                    answer: answer.into_bytes(),
                })
            }
        };
        progress.ok_or_else(refused)
    }

    /// Answers `n,,n=user,r=nonce` with a nonce, a salt and how often to iterate.
    fn challenge(&self, message: &str, users: &Users) -> Option<(Challenge, String)> {
        // A client that could bind the channel says y, and one that cannot says n.
        let (binding, rest) = message.split_once(',')?;
        let (identity, bare) = rest.split_once(',')?;
        let user = attribute(bare, "n")?
            .replace("=2C", ",")
            .replace("=3D", "=");
        let is_own = identity
            .strip_prefix("a=")
            .is_none_or(|named| named == user);
        if !matches!(binding, "n" | "y") || !is_own {
            return None;
        }
        let nonce = format!("{}{}", attribute(bare, "r")?, self.nonce);
        let password = users.password(&user)?;
        let mut salted_password = vec![0; self.algorithm.hash.output_len()];
        let algorithm = self.algorithm.pbkdf2;
        pbkdf2::derive(
            algorithm,
            ITERATIONS,
            &self.salt,
            password,
            &mut salted_password,
        );
        let answer = format!("r={nonce},s={},i={ITERATIONS}", BASE64.encode(self.salt));
        let challenge = Challenge {
            user,
            salted_password,
            nonce,
            transcript: format!("{bare},{answer}"),
        };
        Some((challenge, answer))
    }
}

impl Challenge {
    /// Answers `c=binding,r=nonce,p=proof` with the signature of the server.
    fn judge(&self, algorithm: Algorithm, message: &str) -> Option<String> {
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let proof = BASE64.decode(proof).ok()?;
        if attribute(without_proof, "r")? != self.nonce {
            return None;
        }
        let signed = format!("{},{without_proof}", self.transcript);
        let sign = |key: &[u8], text: &str| {
            let key = hmac::Key::new(algorithm.hmac, key);
            hmac::sign(&key, text.as_bytes())
        };
        let client_key = sign(&self.salted_password, "Client Key");
        let stored_key = digest::digest(algorithm.hash, client_key.as_ref());
        let signature = sign(stored_key.as_ref(), &signed);
        let shown = signature.as_ref().iter().zip(&proof);
        let shown: Vec<u8> = shown.map(|(signature, proof)| signature ^ proof).collect();
        let is_whole = proof.len() == signature.as_ref().len();
        if !is_whole || digest::digest(algorithm.hash, &shown).as_ref() != stored_key.as_ref() {
            return None;
        }
        let server_key = sign(&self.salted_password, "Server Key");
        let signature = sign(server_key.as_ref(), &signed);
        Some(format!("v={}", BASE64.encode(signature)))
    }
}

impl Algorithm {
    fn find(mechanism: &str) -> Option<Self> {
        match mechanism {
            SHA_256 => Some(Self {
                name: SHA_256,
                hash: &digest::SHA256,
                hmac: hmac::HMAC_SHA256,
                pbkdf2: pbkdf2::PBKDF2_HMAC_SHA256,
            }),
            SHA_512 => Some(Self {
                name: SHA_512,
                hash: &digest::SHA512,
                hmac: hmac::HMAC_SHA512,
                pbkdf2: pbkdf2::PBKDF2_HMAC_SHA512,
            }),
            _ => None,
        }
    }
}

impl fmt::Debug for Scram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scram")
            .field("mechanism", &self.algorithm.name)
            .finish_non_exhaustive()
    }
}

/// The value of `name=value` in a list with commas.
fn attribute<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let mut attributes = message.split(',').filter_map(|part| part.split_once('='));
    attributes.find_map(|(key, value)| (key == name).then_some(value))
}

/// The names of the mechanisms.
pub(super) const MECHANISMS: [&str; 2] = [SHA_256, SHA_512];

const SHA_256: &str = "SCRAM-SHA-256";
const SHA_512: &str = "SCRAM-SHA-512";

/// The least that RFC 7677 allows, and Kafka's default.
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_example_of_the_rfc_is_answered_as_there() {
        let mut scram = example();
        let first = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
        let Progress::Continue(answer) = scram.step(first, &users()).unwrap() else {
            panic!("the exchange goes on")
        };
        let expected = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        assert_eq!(String::from_utf8(answer).unwrap(), expected);
        let Progress::Done { user, answer } = scram.step(FINAL.as_bytes(), &users()).unwrap()
        else {
            panic!("the exchange is over")
        };
        assert_eq!(user, "user");
        let expected = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_wrong_proof_an_unknown_user_and_another_nonce_are_refused_in_the_same_words() {
        let first = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
        let mut reasons = Vec::new();
        for last in [
            FINAL.replace("p=dH", "p=dI"),
            FINAL.replace("r=rO", "r=rP"),
            FINAL.replace(",p=", ",q="),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=".to_owned(),
            String::new(),
        ] {
            let mut scram = example();
            scram.step(first, &users()).unwrap();
            reasons.push(scram.step(last.as_bytes(), &users()).unwrap_err());
        }
        for first in [
            "n,,n=other,r=abc",
            "p=tls-unique,,n=user,r=abc",
            "n,,n=user",
            "",
            "n,a=other,n=user,r=abc",
        ] {
            reasons.push(example().step(first.as_bytes(), &users()).unwrap_err());
        }
        reasons.dedup();
        assert_eq!(reasons.len(), 1, "{reasons:?}");
    }

    fn example() -> Scram {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        Scram {
            algorithm: Algorithm::find(SHA_256).unwrap(),
            nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned(),
            salt: salt.try_into().unwrap(),
            awaited: Awaited::First,
        }
    }

    fn users() -> Users {
        let mut users = Users::default();
        users.add("user", "pencil");
        users
    }

    const FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
}
