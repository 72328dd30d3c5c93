//! What tools say, for resources that show the same.

use serde_json::{Value, json};

use super::{
    Tool as _, answer,
    describe_configs::{self, DescribeConfigs},
    describe_consumer_group::{self, DescribeConsumerGroup},
    describe_topic::{self, DescribeTopic},
};
use crate::{call::Call, failure::Failure};

/// What `describe_topic` says of a topic.
pub(crate) async fn topic(call: &Call<'_>, name: String) -> Result<Value, Failure> {
    answer::<DescribeTopic>(call, describe_topic::Arguments::whole(name)).await
}

/// What `describe_consumer_group` says of a group and its offsets.
pub(crate) async fn group(call: &Call<'_>, id: String) -> Result<Value, Failure> {
    answer::<DescribeConsumerGroup>(call, describe_consumer_group::Arguments::whole(id)).await
}

/// What `describe_configs` says of one setting of a topic.
pub(crate) async fn topic_config(
    call: &Call<'_>,
    name: String,
    key: String,
) -> Result<Value, Failure> {
    let arguments = describe_configs::Arguments::one_of_topic(name, key.clone());
    let output = DescribeConfigs::run(call, arguments).await?;
    output.only_setting(&key).map(|setting| json!(setting))
}
