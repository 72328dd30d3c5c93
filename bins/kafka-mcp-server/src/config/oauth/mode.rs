//! Who logs people in.

/// Who logs people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The clients do, at the provider, whose tokens they bring.
    Native,
    /// This server does, and issues tokens of its own.
    Proxy,
}

impl Mode {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "native" => Ok(Self::Native),
            "proxy" => Ok(Self::Proxy),
            _ => Err("is no mode".to_owned()),
        }
    }
}
