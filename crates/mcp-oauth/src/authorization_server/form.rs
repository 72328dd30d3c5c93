//! Parameters of requests, in bodies and queries.

use std::fmt;

use http::{HeaderMap, header::CONTENT_TYPE};

/// The parameters of a request: those of a form, or those of a query.
///
/// What could be read in two ways is refused: a parameter that is there twice (RFC 6749 section
/// 3.1), escapes that are none, text that is not UTF-8. A parameter without a value counts as not
/// sent (RFC 6749 section 3.1).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// How many bytes the body of a form may have.
    pub(crate) const MAX_BYTES: usize = 64 * 1024;

    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is not declared to be a form, or is none.
    pub(crate) fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, MalformedForm> {
        if is_declared(headers) {
            Self::parse(body)
        } else {
            Err(MalformedForm::ContentType)
        }
    }

    /// Reads a query, that is what follows the `?` of a URL.
    ///
    /// # Errors
    ///
    /// If it does not consist of parameters.
    pub(crate) fn from_query(query: Option<&str>) -> Result<Self, MalformedForm> {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    /// The value of a parameter, if it was sent.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The values of `resource`, the one parameter that may be sent repeatedly (RFC 8707 section 2).
    pub(crate) fn resources(&self) -> impl Iterator<Item = &str> {
        self.values(RESOURCE)
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(found, _)| found == name);
        named.map(|(_, value)| value.as_str())
    }

    fn parse(text: &[u8]) -> Result<Self, MalformedForm> {
        if text.len() > Self::MAX_BYTES {
            return Err(MalformedForm::TooLarge);
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&') {
            if pair.is_empty() {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            let value = decoded(halves.next().unwrap_or_default())?;
            if name != RESOURCE && parameters.iter().any(|(known, _)| *known == name) {
                return Err(MalformedForm::Duplicate);
            }
            if parameters.len() == MAX_PARAMETERS {
                return Err(MalformedForm::TooLarge);
            }
            parameters.push((name, value));
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Ok(Self(parameters))
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are codes, verifiers and tokens.
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

/// Why a request has no parameters that can be relied on. It does not repeat them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MalformedForm {
    #[error("the content type is not application/x-www-form-urlencoded")]
    ContentType,
    #[error("a parameter is there twice")]
    Duplicate,
    #[error("it is not percent-encoded UTF-8")]
    Encoding,
    #[error("it is too large")]
    TooLarge,
}

/// Whether a body is declared to be a form, by one header and as nothing else. Browsers and clients
/// add the charset, which can be no other.
fn is_declared(headers: &HeaderMap) -> bool {
    let mut declarations = headers.get_all(CONTENT_TYPE).iter();
    let (Some(declared), None) = (declarations.next(), declarations.next()) else {
        return false;
    };
    let Ok(declared) = declared.to_str() else {
        return false;
    };
    let (essence, parameters) = declared.split_once(';').unwrap_or((declared, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    essence.trim().eq_ignore_ascii_case(FORM)
        && matches!(
            parameters.as_str(),
            "" | "charset=utf-8" | "charset=\"utf-8\""
        )
}

fn decoded(text: &[u8]) -> Result<String, MalformedForm> {
    let mut bytes = text.iter();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(bytes.next())? << 4 | hex_digit(bytes.next())?,
            byte => *byte,
        });
    }
    String::from_utf8(plain).map_err(|_| MalformedForm::Encoding)
}

fn hex_digit(byte: Option<&u8>) -> Result<u8, MalformedForm> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(MalformedForm::Encoding),
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const RESOURCE: &str = "resource";

/// More than any request of OAuth has.
const MAX_PARAMETERS: usize = 64;

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn declared(types: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for declared in types {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(declared));
        }
        headers
    }

    fn query(text: &str) -> Result<Form, MalformedForm> {
        Form::from_query(Some(text))
    }

    #[test]
    fn escapes_and_plus_signs_are_decoded_once() {
        let form = query("a=1%2B1+%3d%202&b=%2541&%63=%C3%A4").unwrap();
        assert_eq!(form.value("a"), Some("1+1 = 2"));
        assert_eq!(form.value("b"), Some("%41"));
        assert_eq!(form.value("c"), Some("ä"));
        assert_eq!(query("a==b=").unwrap().value("a"), Some("=b="));
    }

    // RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were
    // omitted from the request."
    #[test]
    fn a_parameter_without_a_value_counts_as_not_sent() {
        for text in ["", "&&", "a", "a=", "=a"] {
            assert_eq!(query(text).unwrap().value("a"), None, "{text}");
        }
        assert_eq!(Form::from_query(None).unwrap().value("a"), None);
    }

    // RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
    #[test]
    fn a_parameter_that_is_there_twice_is_refused() {
        for text in [
            "client_id=a&client_id=b",
            "client_id=a&client_id=a",
            "client_id=&client_id=a",
            "client_id=a&x=1&client%5fid=a",
        ] {
            assert_eq!(query(text), Err(MalformedForm::Duplicate), "{text}");
        }
    }

    // RFC 8707 section 2: "Multiple resource parameters MAY be used".
    #[test]
    fn resource_may_be_there_repeatedly() {
        let form = query("resource=a&resource=b&resource=").unwrap();
        assert_eq!(form.resources().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_has_no_one_reading_is_refused() {
        for text in ["a=%", "a=%4", "a=%4g", "a=%%41", "%zz=1", "a=%ff", "a=%c3"] {
            assert_eq!(query(text), Err(MalformedForm::Encoding), "{text}");
        }
        let headers = declared(&[FORM]);
        let form = Form::from_body(&headers, b"a=\xff");
        assert_eq!(form, Err(MalformedForm::Encoding));
    }

    // RFC 6749 section 4.1.3: parameters of the token endpoint are sent in this format, and
    // appendix B: in UTF-8.
    #[test]
    fn only_what_is_declared_a_form_is_read() {
        for good in [
            FORM,
            "Application/X-WWW-Form-URLencoded",
            "application/x-www-form-urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded;charset=\"utf-8\"",
        ] {
            let form = Form::from_body(&declared(&[good]), b"a=1").unwrap();
            assert_eq!(form.value("a"), Some("1"), "{good}");
        }
        for bad in [
            &[][..],
            &[""],
            &["application/json"],
            &["application/json, application/x-www-form-urlencoded"],
            &["application/x-www-form-urlencoded, application/json"],
            &["application/x-www-form-urlencoded; charset=utf-16"],
            &["application/x-www-form-urlencoded; boundary=x"],
            &["multipart/form-data; boundary=x"],
            &["text/plain; application/x-www-form-urlencoded"],
            &[FORM, FORM],
            &[FORM, "application/json"],
        ] {
            let form = Form::from_body(&declared(bad), b"a=1");
            assert_eq!(form, Err(MalformedForm::ContentType), "{bad:?}");
        }
    }

    #[test]
    fn size_and_number_of_parameters_are_bounded() {
        let value = "x".repeat(Form::MAX_BYTES - 2);
        assert!(query(&format!("a={value}")).is_ok());
        assert_eq!(query(&format!("a={value}x")), Err(MalformedForm::TooLarge));
        let many = |count: usize| (0..count).map(|n| format!("{n}=1&")).collect::<String>();
        assert!(query(&many(MAX_PARAMETERS)).is_ok());
        assert_eq!(
            query(&many(MAX_PARAMETERS + 1)),
            Err(MalformedForm::TooLarge)
        );
        let same = "resource=1&".repeat(MAX_PARAMETERS + 1);
        assert_eq!(query(&same), Err(MalformedForm::TooLarge));
    }

    #[test]
    fn values_are_not_printed() {
        let form = query("code=canary").unwrap();
        assert_eq!(format!("{form:?}"), r#"{"code"}"#);
    }

    proptest! {
        #[test]
        fn what_others_encode_is_read_back(pairs in prop::collection::btree_map(".+", ".+", 0..8)) {
            let text = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&pairs)
                .finish();
            let form = query(&text).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(form.value(name), Some(value.as_str()));
            }
        }
    }
}
