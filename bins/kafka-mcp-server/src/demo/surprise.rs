//! What a step finds, or what it does not expect.

use std::fmt;

/// What a step finds, in words; or what it does not expect.
pub(super) type Found = Result<String, Surprise>;

/// Something else came than was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Surprise {
    pub(super) expected: String,
    pub(super) came: String,
}

impl Surprise {
    pub(super) fn new(expected: impl Into<String>, came: impl fmt::Display) -> Self {
        let mut came = came.to_string();
        if let Some((end, _)) = came.char_indices().nth(MOST_CHARS) {
            came.truncate(end);
            came.push_str("...");
        }
        Self {
            expected: expected.into(),
            came,
        }
    }
}

/// Goes on if all is as it should be.
///
/// # Errors
///
/// What came instead.
pub(super) fn expect(
    holds: bool,
    expected: impl Into<String>,
    came: impl fmt::Display,
) -> Result<(), Surprise> {
    if holds {
        Ok(())
    } else {
        Err(Surprise::new(expected, came))
    }
}

/// Answers can be long; their beginning says what they are.
const MOST_CHARS: usize = 600;
