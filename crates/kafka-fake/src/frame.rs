//! Frames: a length, and as many bytes.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Reads one frame; `None` at the end of the connection.
///
/// # Errors
///
/// If the length is negative or above `max`, the frame is not whole, or reading fails.
pub(crate) async fn read<R>(reader: &mut R, max: usize) -> io::Result<Option<Bytes>>
where
    R: AsyncRead + Unpin,
{
    let length = match reader.read_i32().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= max)
        .ok_or_else(|| invalid(format!("a frame of {length} bytes")))?;
    // The length is only a promise: memory is taken for what arrives.
    let mut frame = BytesMut::new();
    let mut rest = reader.take(length as u64);
    while rest.limit() > 0 {
        if rest.read_buf(&mut frame).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some(frame.freeze()))
}

pub(crate) fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_whole_frame_is_read_and_the_next_one_left_alone() {
        let mut bytes: &[u8] = &[0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9];
        assert_eq!(&*read(&mut bytes, 2).await.unwrap().unwrap(), [7, 8]);
        assert_eq!(&*read(&mut bytes, 2).await.unwrap().unwrap(), [9]);
        assert!(read(&mut bytes, 2).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn lengths_that_are_negative_or_too_large_are_refused_before_anything_is_read() {
        for length in [-1, i32::MIN, 3, i32::MAX] {
            let bytes = [&length.to_be_bytes()[..], &[1, 2, 3]].concat();
            let error = read(&mut &bytes[..], 2).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        }
    }

    #[tokio::test]
    async fn a_frame_that_breaks_off_is_an_error() {
        let mut bytes: &[u8] = &[0, 0, 0, 2, 7];
        let error = read(&mut bytes, 2).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
