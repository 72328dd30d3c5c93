use serde_json::Value;

use super::Members;
use crate::{Check, Rejection, UnixTime};

/// The claims of a token. A claim of another type than it should have is an error, and never as
/// good as absent.
#[derive(Debug)]
pub struct Claims(Members);

impl Claims {
    pub(super) const fn new(members: Members) -> Self {
        Self(members)
    }

    /// Whether there is a claim of this name, whatever its value.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The names of all claims.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.0.keys().map(String::as_str)
    }

    /// A claim as it is.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.0.get(name)
    }

    /// A claim that is a string.
    ///
    /// # Errors
    ///
    /// [`Check::Syntax`] if it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Rejection> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    /// A claim that is a list of strings, or one string in the place of a list of one, as `aud`
    /// (RFC 7519 section 4.1.3). Empty if there is none.
    ///
    /// # Errors
    ///
    /// [`Check::Syntax`] if it is something else.
    pub fn list(&self, name: &str) -> Result<Vec<&str>, Rejection> {
        let is_wrong = || wrong_type(name, "a string or a list of strings");
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or_else(is_wrong))
                .collect(),
            Some(_) => Err(is_wrong()),
        }
    }

    /// A claim that is true or false, or one of these words as a string, as some issuers write
    /// `email_verified`.
    ///
    /// # Errors
    ///
    /// [`Check::Syntax`] if it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Rejection> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(word)) if word == "true" => Ok(Some(true)),
            Some(Value::String(word)) if word == "false" => Ok(Some(false)),
            Some(_) => Err(wrong_type(name, "true or false")),
        }
    }

    /// A claim that is a NumericDate (RFC 7519 section 2): seconds since 1970, perhaps with a
    /// fraction.
    ///
    /// # Errors
    ///
    /// [`Check::Syntax`] if it is something else, negative, or later than time can be told.
    pub fn time(&self, name: &str) -> Result<Option<UnixTime>, Rejection> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let seconds = value.as_u64().map(UnixTime::from_secs);
        let time = seconds.or_else(|| value.as_f64().and_then(UnixTime::from_numeric_date));
        time.map(Some).ok_or_else(|| wrong_type(name, "a time"))
    }
}

fn wrong_type(name: &str, expected: &str) -> Rejection {
    Rejection::new(Check::Syntax).detail(format!("the claim {name} is not {expected}"))
}
