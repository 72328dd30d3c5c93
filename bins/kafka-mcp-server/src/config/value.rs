//! The values of settings: what texts mean.

use std::{
    fmt::Display,
    fs::File,
    io::Read,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use kafka_mcp::ConfirmWrites;

/// A strict boolean, in any case.
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("is not a boolean".to_owned()),
    }
}

/// Whether people are asked before a tool writes.
pub(super) fn confirm_writes(text: &str) -> Result<ConfirmWrites, String> {
    match text.to_ascii_lowercase().as_str() {
        "never" => Ok(ConfirmWrites::Never),
        "when-possible" => Ok(ConfirmWrites::WhenPossible),
        _ => Err("is neither".to_owned()),
    }
}

/// A whole number between two bounds, both allowed.
pub(super) fn number<T: FromStr + PartialOrd>(
    min: T,
    max: T,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| match text.parse::<T>() {
        Ok(number) if number >= min && number <= max => Ok(number),
        Ok(_) => Err("is out of range".to_owned()),
        Err(_) => Err("is not such a number".to_owned()),
    }
}

/// A duration between two bounds, both allowed: `500ms`, `10s`, `2m`, `1h`, or plain seconds.
pub(crate) fn duration(min: Duration, max: Duration) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (amount, unit) = text.split_at(digits);
        let not_a_duration = || "is not a duration".to_owned();
        let amount: u64 = amount.parse().map_err(|_| not_a_duration())?;
        let milliseconds = match unit.trim_start() {
            "ms" => Some(amount),
            "" | "s" => amount.checked_mul(1000),
            "m" => amount.checked_mul(60 * 1000),
            "h" => amount.checked_mul(60 * 60 * 1000),
            _ => return Err(not_a_duration()),
        };
        let duration = milliseconds.map(Duration::from_millis);
        duration
            .filter(|duration| (min..=max).contains(duration))
            .ok_or_else(|| "is out of range".to_owned())
    }
}

/// A comma list, spaces around items trimmed; at least one item.
pub(super) fn list<T, E: Display>(
    item: impl Fn(&str) -> Result<T, E>,
) -> impl Fn(&str) -> Result<Vec<T>, String> {
    move |text| {
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let parsed: Vec<T> = items
            .map(|text| item(text).map_err(|error| format!("is refused: {error}")))
            .collect::<Result<_, _>>()?;
        if parsed.is_empty() {
            Err("names nothing".to_owned())
        } else {
            Ok(parsed)
        }
    }
}

/// Any text.
pub(super) fn text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

/// A file that can be read now, so that a wrong path is found at start and not at the first call.
pub(super) fn readable_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match File::open(&path).and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_dir() => Err("is a directory".to_owned()),
        Ok(_) => Ok(path),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// The content of a file that is not meant to be large.
pub(super) fn small_file(text: &str) -> Result<Vec<u8>, String> {
    let path = readable_file(text)?;
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut content))
        .map_err(|error| format!("cannot be read: {error}"))?;
    Ok(content)
}

/// An IP address, with or without brackets, or `localhost`.
pub(super) fn listen_host(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(LOOPBACK);
    }
    let address = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    address
        .parse()
        .map_err(|_| "is neither an IP address nor localhost".to_owned())
}

/// A token endpoint, over https alone since the client secret goes there. Without credentials, as
/// addresses are printed and logged.
pub(super) fn token_url(text: &str) -> Result<String, String> {
    let uri: http::Uri = text.parse().map_err(|_| "is not a URL".to_owned())?;
    let host = uri.host().unwrap_or_default();
    let has_credentials = uri.authority().is_some_and(|a| a.as_str().contains('@'));
    match uri.scheme_str() {
        _ if has_credentials => {
            Err("holds credentials, which belong in settings of their own".to_owned())
        }
        Some("https") if !host.is_empty() => Ok(text.to_owned()),
        Some("http") => Err("would send the client secret in the clear".to_owned()),
        _ => Err("is not an https URL".to_owned()),
    }
}

pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
