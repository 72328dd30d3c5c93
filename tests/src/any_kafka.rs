//! The clusters that a test of behaviour runs on.

use std::ops::Deref;

use crate::{FakeCluster, KafkaAccess, RealKafka};

/// A cluster: kafka-fake, which is always there, or a real Kafka. What holds on one holds on the
/// other; where it does not, kafka-fake is wrong, or says so in its list of limits.
#[derive(Debug)]
pub enum AnyKafka {
    /// A cluster in this process.
    Fake(Box<FakeCluster>),
    /// Apache Kafka.
    Real(Box<RealKafka>),
}

impl AnyKafka {
    /// kafka-fake with one node, and the real Kafka that is named; with a note if there is none.
    ///
    /// # Panics
    ///
    /// As [`RealKafka::find`].
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::Fake(Box::new(FakeCluster::start(1).await))];
        let real = RealKafka::find_too().await;
        all.extend(real.map(|kafka| Self::Real(Box::new(kafka))));
        all
    }
}

impl Deref for AnyKafka {
    type Target = KafkaAccess;

    fn deref(&self) -> &KafkaAccess {
        match self {
            Self::Fake(kafka) => kafka,
            Self::Real(kafka) => kafka,
        }
    }
}
