//! The entry point.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use crate::{
    Error, KafkaConfig, PartialFailure,
    engine::{self, Engine},
};

/// A client of one Kafka cluster. Cheap to clone; clones share connections.
///
/// Every call ends within [`KafkaConfig::timeout`]. Dropping the future of a call stops its work.
#[derive(Clone)]
pub struct Client {
    config: Arc<KafkaConfig>,
    pub(crate) engine: Arc<dyn Engine>,
}

impl Client {
    /// Makes a client. Nothing is contacted before the first call, and a cluster that is down now
    /// is found as soon as it is up.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the configuration makes no sense or names an engine that is not
    /// compiled in.
    pub fn new(config: KafkaConfig) -> Result<Self, Error> {
        let config = Arc::new(config);
        Ok(Self {
            engine: engine::select(&config)?,
            config,
        })
    }

    /// The configuration this client was made from.
    #[must_use]
    pub fn config(&self) -> &KafkaConfig {
        &self.config
    }

    /// Proves that a broker answers.
    ///
    /// # Errors
    ///
    /// Why none does.
    pub async fn ping(&self) -> Result<(), Error> {
        self.within("reaching a broker", None, self.engine.ping())
            .await
    }

    /// Ends what outlives calls, such as a producer, within a second. For the end of a program:
    /// a client that is used again after it starts anew.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// Runs `work` within the deadline of a call.
    pub(crate) async fn within<T>(
        &self,
        operation: &'static str,
        timeout: Option<Duration>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let after = self.deadline(timeout);
        let outcome = tokio::time::timeout(after, work).await;
        let result = outcome.unwrap_or_else(|_| Err(Error::timeout(operation, after)));
        result.map_err(|error| self.failed(error))
    }

    /// Completes the error that ended a call, and has the engine connect anew where brokers did not
    /// answer.
    pub(crate) fn failed(&self, mut error: Error) -> Error {
        self.complete(&mut error);
        let lost_touch = match &error {
            // krafka closes a connection that it does not understand, and pauses.
            Error::Protocol { .. } | Error::Unavailable { .. } => true,
            // A deadline that the caller set says nothing about the brokers.
            Error::Timeout { after, .. } => *after >= self.config.timeout,
            _ => false,
        };
        if lost_touch {
            self.engine.lost_touch();
        }
        error
    }

    /// Completes the errors of the parts of a call that succeeded otherwise.
    pub(crate) fn complete_parts(&self, failures: &mut [PartialFailure]) {
        for failure in failures {
            self.complete(&mut failure.error);
        }
    }

    /// Completes an error: engines leave it to this place to tell which brokers did not answer, and
    /// who was refused.
    pub(crate) fn complete(&self, error: &mut Error) {
        match error {
            Error::Authorization { principal, .. } => *principal = self.principal(),
            Error::Timeout { brokers, .. } | Error::Unavailable { brokers, .. } => {
                let addresses = self.config.brokers.iter().map(ToString::to_string);
                *brokers = addresses.collect::<Vec<_>>().join(", ");
            }
            _ => {}
        }
    }

    /// Who this client is to the brokers, as far as it knows.
    fn principal(&self) -> String {
        let has_identity = self
            .config
            .tls
            .as_ref()
            .is_some_and(|tls| tls.identity.is_some());
        match &self.config.sasl {
            Some(sasl) => format!("User:{}", sasl.user()),
            None if has_identity => String::new(),
            None => "User:ANONYMOUS".to_owned(),
        }
    }

    /// The deadline of a call: the shorter of the caller's and the configuration's.
    pub(crate) fn deadline(&self, timeout: Option<Duration>) -> Duration {
        timeout.map_or(self.config.timeout, |timeout| {
            timeout.min(self.config.timeout)
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConsumeRequest, GroupId, LagQuery, NewRecord, ProduceRequest};

    #[test]
    fn errors_of_parts_name_the_brokers_and_the_principal_too() {
        let config = KafkaConfig::new(vec!["localhost:9092".parse().unwrap()]);
        let client = Client::new(config).unwrap();
        let refused = Error::Authorization {
            operation: "Read",
            resource: "Group:billing".to_owned(),
            principal: String::new(),
            code: crate::KafkaCode::new(30),
        };
        let late = Error::timeout("reading offsets", Duration::from_secs(1));
        let mut failures = [
            PartialFailure::new("group billing", refused),
            PartialFailure::new("broker 3", late),
        ];

        client.complete_parts(&mut failures);

        let [refused, late] = failures.map(|failure| failure.error);
        assert!(
            matches!(refused, Error::Authorization { principal, .. } if principal == "User:ANONYMOUS")
        );
        assert!(matches!(late, Error::Timeout { brokers, .. } if brokers == "localhost:9092"));
    }

    #[test]
    fn every_call_can_be_spawned() {
        fn spawnable<T>(_: impl Future<Output = T> + Send + 'static) {}

        let config = KafkaConfig::new(vec!["localhost:9092".parse().unwrap()]);
        let client = Client::new(config).unwrap();
        let topic: crate::TopicName = "orders".parse().unwrap();
        let group: GroupId = "billing".parse().unwrap();
        let [c, d, e, f, g] = std::array::from_fn(|_| client.clone());
        let (read, write) = (vec![topic.clone()], vec![NewRecord::new("x")]);
        spawnable(async move { c.consume(ConsumeRequest::new(read)).await });
        spawnable(async move { d.produce(ProduceRequest::new(topic, write)).await });
        spawnable(async move { e.lag(LagQuery::default()).await });
        spawnable(async move { f.health(LagQuery::default()).await });
        spawnable(async move { g.describe_group(&group, true).await });
    }
}
