//! Live reports about a cluster: what resources show, prompts render and some tools return.
//!
//! Each is measured through a [`View`](crate::view::View) and then a plain value: fitting it into
//! a size and rendering it are pure.

mod advice;
mod broker_row;
mod coverage;
mod fit;
mod health;
mod label;
mod lag;
mod overview;
mod replication;
mod snapshot;
mod status;
mod threshold;
mod vitals;

pub(crate) use advice::Advice;
pub(crate) use broker_row::BrokerRow;
pub(crate) use coverage::Coverage;
pub(crate) use health::{ConsumerStatus, Health};
pub(crate) use label::Label;
pub(crate) use lag::{GroupRow, Lag, LagScope};
pub(crate) use overview::Overview;
pub(crate) use replication::Replication;
pub(crate) use snapshot::Snapshot;
pub(crate) use status::Status;
pub(crate) use threshold::Threshold;

#[cfg(test)]
pub(crate) mod sample {
    //! Small reports to render.

    pub(crate) use super::{
        health::tests::{healthy, troubled},
        lag::tests::{no_groups, one_group_behind},
        replication::tests::{in_sync, one_broker_behind},
    };
}
