//! Rows, and what shows that they hold.

/// Something that holds.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    /// What has to be seen; empty for a promise, whose name says it.
    pub(super) passes_when: &'static str,
    pub(super) proofs: &'static [Proof],
}

/// What shows that a row holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    pub(super) tier: Tier,
    pub(super) what: What,
}

/// A test, or a program that ends with 0.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Program(&'static str),
    Test {
        /// The directory of its package.
        package: &'static str,
        target: Target,
        /// Its whole name; `module::*` stands for all tests of a module.
        name: &'static str,
    },
}

/// Which of the test programs of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `tests/it`, or `it` in the package of the whole-system tests.
    It,
    /// The tests beside the code.
    Unit,
}

/// What a proof needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Cargo, and nothing else.
    Hermetic = 1,
    /// Node, Python, and what Debian has.
    Tools,
    /// A real Kafka.
    Kafka,
}

impl Tier {
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

impl What {
    /// How it is called in a report.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Program(command) => command,
            Self::Test { name, .. } => name,
        }
    }

    /// The directory of the package of a test.
    pub(super) fn package(&self) -> Option<&'static str> {
        match self {
            Self::Program(_) => None,
            Self::Test { package, .. } => Some(package),
        }
    }
}

/// A whole-system test that is hermetic.
pub(super) const fn system(name: &'static str) -> Proof {
    test(Tier::Hermetic, SYSTEM, Target::It, name)
}

/// A whole-system test that needs Node, Python or Debian's tools.
pub(super) const fn with_tools(name: &'static str) -> Proof {
    test(Tier::Tools, SYSTEM, Target::It, name)
}

/// A whole-system test that needs a real Kafka.
pub(super) const fn with_kafka(name: &'static str) -> Proof {
    test(Tier::Kafka, SYSTEM, Target::It, name)
}

/// A test of a package, in its `tests/it`.
pub(super) const fn it(package: &'static str, name: &'static str) -> Proof {
    test(Tier::Hermetic, package, Target::It, name)
}

/// A test beside the code of a package.
pub(super) const fn unit(package: &'static str, name: &'static str) -> Proof {
    test(Tier::Hermetic, package, Target::Unit, name)
}

/// A program that shows something if it ends with 0.
pub(super) const fn program(tier: Tier, command: &'static str) -> Proof {
    Proof {
        tier,
        what: What::Program(command),
    }
}

const fn test(tier: Tier, package: &'static str, target: Target, name: &'static str) -> Proof {
    Proof {
        tier,
        what: What::Test {
            package,
            target,
            name,
        },
    }
}

/// Directories of packages.
pub(super) const PROVIDER: &str = "crates/mcp-oauth-provider";
pub(super) const SERVER: &str = "bins/kafka-mcp-server";
pub(super) const SYSTEM: &str = "tests";
pub(super) const TOKEN: &str = "crates/mcp-oauth-token";
pub(super) const TOOLS: &str = "crates/kafka-tools";
pub(super) const MCP: &str = "crates/kafka-mcp";
