//! Whether the cluster can be reached, and which one it is.

use kafka_tools::{Client, ClusterOverview, Error, KafkaConfig};

use super::finding::Finding;

pub(super) async fn examine(config: &KafkaConfig) -> Finding {
    match look(config).await {
        Ok(found) => Finding::good("kafka", found),
        Err(error) => Finding::bad("kafka", told(&error), advice(&error, config)),
    }
}

async fn look(config: &KafkaConfig) -> Result<String, Error> {
    let client = Client::new(config.clone())?;
    match client.overview().await {
        Ok(overview) => Ok(described(&overview)),
        // The lean engine knows of topics only.
        Err(Error::Unsupported { .. }) => client.ping().await.map(|()| "a broker answers".into()),
        Err(error) => Err(error),
    }
}

/// The error with what the client said of it, which names its own causes.
fn told(error: &Error) -> String {
    match error {
        Error::Unavailable { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

fn described(overview: &ClusterOverview) -> String {
    let id = overview.cluster_id.as_deref().unwrap_or("without an id");
    let (brokers, topics) = (overview.brokers.len(), overview.topic_count);
    let offline = match overview.offline_broker_ids.len() {
        0 => String::new(),
        offline => format!(", {offline} offline"),
    };
    format!("cluster {id} answers: {brokers} brokers{offline}, {topics} topics")
}

fn advice(error: &Error, config: &KafkaConfig) -> String {
    let tls = match config.tls {
        Some(_) => "KAFKA_TLS_ENABLE=false turns TLS off, which is on",
        None => "KAFKA_TLS_ENABLE=true turns TLS on, which is off",
    };
    match error {
        Error::Authentication { .. } => "see KAFKA_SASL_MECHANISM, KAFKA_SASL_USER and \
                                         KAFKA_SASL_PASSWORD; the broker's log says more"
            .to_owned(),
        Error::Authorization { .. } => {
            "let the principal Describe the cluster and what it is to see".to_owned()
        }
        Error::Protocol { .. } => format!("see that KAFKA_BROKERS names Kafka brokers; {tls}"),
        Error::Tls { .. } => {
            format!("see KAFKA_TLS_CA_FILE, and the names in the broker's certificate; {tls}")
        }
        Error::Unavailable { .. } if error.is_hang_up() => format!(
            "a broker is there and hangs up: {tls}, and {}",
            sasl(config)
        ),
        Error::Unavailable { source, .. } => {
            let reason = source.to_string();
            let reason = |words: &[&str]| words.iter().any(|word| reason.contains(word));
            if reason(&["lookup", "resolve", "Name or service"]) {
                "the name has no address here: see KAFKA_BROKERS and the DNS".to_owned()
            } else if reason(&["refused"]) {
                "nobody listens there: see KAFKA_BROKERS, and that the broker runs".to_owned()
            } else {
                "see KAFKA_BROKERS, firewalls on the way, and that the addresses which brokers \
                 advertise (advertised.listeners) can be reached from here"
                    .to_owned()
            }
        }
        _ => "see that a broker runs there, and that KAFKA_BROKERS, KAFKA_TLS_* and KAFKA_SASL_* \
              are what it expects"
            .to_owned(),
    }
}

fn sasl(config: &KafkaConfig) -> &'static str {
    match &config.sasl {
        None => "KAFKA_SASL_MECHANISM turns SASL on, which is off",
        Some(_) => "SASL is on, which not every listener expects",
    }
}
