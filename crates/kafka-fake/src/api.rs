//! The requests that nodes answer.

use std::ops::RangeInclusive;

macro_rules! apis {
    ($($name:ident = $key:literal, $min:literal..=$max:literal;)*) => {
        /// A kind of request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Api {
            $(
                #[doc = concat!(stringify!($name), ", versions ", $min, " to ", $max, ".")]
                $name,
            )*
        }

        impl Api {
            /// Every kind of request that is answered, in the order of their keys.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The number on the wire.
            #[must_use]
            pub const fn key(self) -> i16 {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// The versions that are answered.
            #[must_use]
            pub const fn versions(self) -> RangeInclusive<i16> {
                match self {
                    $(Self::$name => $min..=$max,)*
                }
            }
        }
    };
}

// The upper ends are those of the request *and* the answer in kafka-protocol, which differ for
// some, and of what is implemented.
apis! {
    Produce = 0, 3..=13;
    Fetch = 1, 4..=18;
    ListOffsets = 2, 1..=10;
    Metadata = 3, 0..=13;
    ApiVersions = 18, 0..=4;
    CreateTopics = 19, 2..=7;
    DeleteTopics = 20, 1..=6;
    DeleteRecords = 21, 0..=2;
    InitProducerId = 22, 0..=5;
    DescribeCluster = 60, 0..=2;
}

impl Api {
    /// The request that has this number, if it is answered.
    #[must_use]
    pub fn from_key(key: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.key() == key)
    }
}
