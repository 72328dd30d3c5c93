//! The part of a request that is the same for all versions and kinds.

use bytes::{Buf, Bytes};

use crate::Api;

/// A request, not decoded beyond what all of them have.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) api: Api,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    /// What the client calls itself; empty if it does not.
    pub(crate) client_id: String,
    /// From the header on.
    pub(crate) frame: Bytes,
}

impl Request {
    /// Looks at the first bytes of a frame. `None` if it is too short or of an unknown kind: Kafka
    /// closes the connection.
    pub(crate) fn parse(frame: Bytes) -> Option<Self> {
        let mut start = frame.clone();
        let key = start.try_get_i16().ok()?;
        let version = start.try_get_i16().ok()?;
        let correlation_id = start.try_get_i32().ok()?;
        Some(Self {
            api: Api::from_key(key)?,
            version,
            correlation_id,
            client_id: client_id(&mut start).unwrap_or_default(),
            frame,
        })
    }

    pub(crate) fn is_supported(&self) -> bool {
        self.api.versions().contains(&self.version)
    }
}

/// It is at the same place in every header that the requests here have. What is wrong with it is
/// found when the header is decoded.
fn client_id(rest: &mut Bytes) -> Option<String> {
    let length = usize::try_from(rest.try_get_i16().ok()?).ok()?;
    let id = rest.get(..length)?;
    Some(String::from_utf8_lossy(id).into_owned())
}
