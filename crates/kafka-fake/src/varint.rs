//! Numbers of up to 64 bits in groups of 7, least first, with the sign in the lowest bit.

use bytes::{BufMut, BytesMut};

/// Reads a number, and moves on; `None` if it does not end.
pub(crate) fn read(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

/// Writes a number.
pub(crate) fn write(bytes: &mut BytesMut, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest > 0x7f {
        bytes.put_u8(low_bits(rest) | 0x80);
        rest >>= 7;
    }
    bytes.put_u8(low_bits(rest));
}

/// Writes a length.
pub(crate) fn write_length(bytes: &mut BytesMut, length: usize) {
    write(bytes, i64::try_from(length).unwrap_or(i64::MAX));
}

fn low_bits(value: u64) -> u8 {
    u8::try_from(value & 0x7f).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_protocol_buffers_write_them() {
        for (bytes, value) in [
            (&[0][..], Some(0)),
            (&[1], Some(-1)),
            (&[2], Some(1)),
            (&[0xac, 0x02], Some(150)),
            (&[0xff; 9], None),
            (&[0x80], None),
            (&[], None),
        ] {
            assert_eq!(read(&mut &bytes[..]), value, "{bytes:?}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for value in [0, 1, -1, 63, 64, -64, -65, 150, i64::MAX, i64::MIN] {
            let mut bytes = BytesMut::new();
            write(&mut bytes, value);
            assert_eq!(read(&mut &bytes[..]), Some(value), "{bytes:?}");
        }
    }
}
