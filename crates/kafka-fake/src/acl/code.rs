//! The numbers that words have on the wire.

/// A word that requests say as a number.
pub(crate) trait Code: Copy + 'static {
    /// All words.
    const ALL: &'static [Self];

    /// The number.
    fn code(self) -> i8;
}

/// The word of a number.
pub(crate) fn from_code<T: Code>(code: i8) -> Option<T> {
    T::ALL.iter().copied().find(|word| word.code() == code)
}

/// An enum of words and their numbers.
macro_rules! words {
    ($(#[$of_all:meta])* $name:ident { $($(#[$of_one:meta])* $word:ident = $code:literal,)* }) => {
        $(#[$of_all])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of_one])* $word,)*
        }

        impl $crate::acl::code::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$word),*];

            fn code(self) -> i8 {
                match self {
                    $(Self::$word => $code,)*
                }
            }
        }
    };
}

pub(crate) use words;

/// The numbers that no word of an ACL has: no word at all, every word, and the patterns that mean a
/// resource.
pub(crate) const UNKNOWN: i8 = 0;
pub(crate) const ANY: i8 = 1;
pub(crate) const MATCH: i8 = 2;
