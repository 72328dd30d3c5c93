//! The small world on the embedded broker: a web shop, as invented as can be.

use kafka_fake::{Cluster, Error, GroupMember, GroupProtocol, Record};
use kafka_mcp::{Clock, SystemClock};

/// Three brokers with the records and the groups of a shop.
#[derive(Debug)]
pub(super) struct World {
    cluster: Cluster,
}

impl World {
    /// Starts the brokers; they have no topics yet.
    pub(super) async fn start() -> Result<Self, Error> {
        let cluster = Cluster::builder().nodes(3).cluster_id("demo").start();
        Ok(Self {
            cluster: cluster.await?,
        })
    }

    /// Where the brokers listen.
    pub(super) fn brokers(&self) -> String {
        self.cluster.bootstrap_servers()
    }

    /// The brokers themselves.
    #[cfg(test)]
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Makes topics, records and groups; what there is then, in words.
    pub(super) fn fill(&self) -> Result<String, Error> {
        let orders = self.orders()?;
        self.payments()?;
        self.customers()?;
        self.receipts()?;
        self.groups(&orders)?;
        Ok(format!(
            "3 nodes, 4 topics and 3 consumer groups of a made-up shop: {ORDERS} orders, their \
             payments in transactions, one of which was aborted, customers in a compacted topic, \
             receipts in binary"
        ))
    }

    /// How many there are in each partition.
    fn orders(&self) -> Result<Vec<i64>, Error> {
        self.cluster.create_topic("orders", 3)?;
        let mut ends = Vec::new();
        for partition in 0..3 {
            let is_here = |number: &i64| customer(*number) % 3 == i64::from(partition);
            let orders: Vec<_> = (0..ORDERS).filter(is_here).map(order).collect();
            ends.extend(i64::try_from(orders.len()));
            self.cluster.append("orders", partition, orders)?;
        }
        Ok(ends)
    }

    /// Three transactions, of which the second is taken back.
    fn payments(&self) -> Result<(), Error> {
        self.cluster.create_topic("payments", 1)?;
        for (numbers, is_kept) in [(0..6, true), (4..6, false), (6..12, true)] {
            let mut transaction = self.cluster.begin_transaction();
            let status = if is_kept { "paid" } else { "charged twice" };
            let payments = numbers.map(|number| payment(number, status));
            transaction.append("payments", 0, payments)?;
            if is_kept {
                transaction.commit()?;
            } else {
                transaction.abort()?;
            }
        }
        Ok(())
    }

    /// Two who moved, and one who wants to be forgotten.
    fn customers(&self) -> Result<(), Error> {
        let compacted = [("cleanup.policy", "compact")];
        self.cluster.create_topic_with("customers", 1, &compacted)?;
        let living = [
            ("c-01", "Ada", "Paris"),
            ("c-02", "Grace", "Oslo"),
            ("c-03", "Alan", "Rome"),
            ("c-01", "Ada", "Lyon"),
            ("c-02", "Grace", "Bergen"),
        ];
        let customers = living.map(|(key, name, city)| {
            let value = format!(r#"{{"name":"{name}","city":"{city}"}}"#);
            Record::new(value).key(key).timestamp(minutes_ago(90))
        });
        self.cluster.append("customers", 0, customers)?;
        let forgotten = Record::tombstone("c-03").timestamp(minutes_ago(1));
        self.cluster.append("customers", 0, [forgotten])?;
        Ok(())
    }

    fn receipts(&self) -> Result<(), Error> {
        self.cluster.create_topic("receipts", 1)?;
        let receipt = Record::new(PICTURE)
            .key("1001")
            .header("content-type", "image/png")
            .timestamp(minutes_ago(30));
        self.cluster.append("receipts", 0, [receipt])?;
        Ok(())
    }

    /// One that keeps up, one that is a little behind, and one that nobody runs any more.
    fn groups(&self, ends: &[i64]) -> Result<(), Error> {
        for (group, behind, client) in [
            ("billing", 0, Some("billing-1")),
            ("shipping", 1, Some("shipping-1")),
            ("fraud-check", 9, None),
        ] {
            for (partition, end) in (0..).zip(ends) {
                let offset = end - behind;
                self.cluster
                    .commit_offset(group, "orders", partition, offset, "")?;
            }
            if let Some(client) = client {
                let member = GroupMember::new(client).assigned("orders", 0..3);
                let member = member.protocol(GroupProtocol::Consumer);
                self.cluster.add_member(group, member)?;
            }
        }
        Ok(())
    }

    /// Stops the brokers, and returns when nothing of them is left.
    pub(super) async fn shutdown(self) {
        self.cluster.shutdown().await;
    }
}

fn order(number: i64) -> Record {
    let (item, cents) = match number % 4 {
        0 => ("coffee", 1590),
        1 => ("filters", 325),
        2 => ("tea pot", 2450),
        _ => ("grinder", 8900),
    };
    let total = cents * (1 + number % 3);
    let (id, customer) = (FIRST_ORDER + number, customer(number));
    let value = format!(
        r#"{{"order":{id},"customer":"c-{customer:02}","item":"{item}","total":"{}.{:02}"}}"#,
        total / 100,
        total % 100,
    );
    Record::new(value)
        .key(format!("c-{customer:02}"))
        .header("source", if number % 5 == 0 { "app" } else { "web" })
        .timestamp(time_of(number))
}

fn payment(number: i64, status: &str) -> Record {
    let id = FIRST_ORDER + number;
    let value = format!(r#"{{"order":{id},"status":"{status}"}}"#);
    let a_minute_later = time_of(number) + 60_000;
    Record::new(value)
        .key(id.to_string())
        .timestamp(a_minute_later)
}

/// Ten customers, in no order that one sees.
fn customer(order: i64) -> i64 {
    1 + order * 7 % 10
}

/// An order every three minutes, the last one just now.
fn time_of(order: i64) -> i64 {
    minutes_ago(3 * (ORDERS - order))
}

fn minutes_ago(minutes: i64) -> i64 {
    SystemClock.now().as_millisecond() - minutes * 60_000
}

const ORDERS: i64 = 40;

const FIRST_ORDER: i64 = 1001;

/// The beginning of a picture.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x40\x00\x00\x00\xf0";
