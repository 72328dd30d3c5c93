//! What it costs to log people in, without the time of the identity provider, and what strangers
//! leave behind.

mod client;
mod desk;
mod provider;

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use self::client::Client;
use self::desk::Desk;
use super::effort::Effort;
use super::measure::{Bound, Measure, Unit};
use super::process::{self, Process};

/// Measures whole logins, one after the other, on one core and with the store in memory.
///
/// # Errors
///
/// Fails if a login does.
pub(super) async fn measure(effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring logins");
    let mut rates = Vec::new();
    let mut steps: [Vec<f64>; STEPS.len()] = Default::default();
    for _ in 0..effort.rounds {
        let desk = Desk::new()?;
        let client = Client::register(&desk).await?;
        let mut taken: [Vec<Duration>; STEPS.len()] = Default::default();
        // Discovery, and the provider's keys.
        log_in(&desk, &client).await?;
        for _ in 0..effort.logins {
            for (all, one) in taken.iter_mut().zip(log_in(&desk, &client).await?) {
                all.push(one);
            }
        }
        // Renewals are no part of a login.
        let logins = taken.iter().take(STEPS.len() - 1).flatten();
        let whole: Duration = logins.sum();
        rates.push(f64::from(effort.logins) / whole.as_secs_f64());
        for (values, mut taken) in steps.iter_mut().zip(taken) {
            taken.sort_unstable();
            let middle = taken.get(taken.len() / 2).copied().unwrap_or_default();
            values.push(middle.as_secs_f64() * 1e3);
        }
    }
    let mut measures =
        vec![Measure::new("logins, on one core", Unit::PerSecond, rates).aim(Bound::AtLeast(1e3))];
    for (name, values) in STEPS.into_iter().zip(steps) {
        let name = format!("{name}, in the middle of a round");
        measures.push(Measure::new(name, Unit::Milliseconds, values).aim(Bound::AtMost(1.0)));
    }
    if process::visible() {
        measures.push(registrations(effort).await?);
        measures.push(requests(effort).await?);
    }
    Ok(measures)
}

/// One login and one renewal: how long each step took of the server's time.
async fn log_in(desk: &Desk, client: &Client) -> Result<[Duration; STEPS.len()]> {
    let mut lap = Lap::new(desk);
    let page = client.ask(desk).await?;
    let asked = lap.end();
    let away = client.consent(desk, &page).await?;
    let consented = lap.end();
    let code = client.come_back(desk, &away).await?;
    let came_back = lap.end();
    let refresh_token = client.redeem(desk, &code).await?;
    let redeemed = lap.end();
    client.refresh(desk, &refresh_token).await?;
    Ok([asked, consented, came_back, redeemed, lap.end()])
}

/// Times the steps of a login, without what the identity provider spends in between.
struct Lap<'a> {
    desk: &'a Desk,
    began: Instant,
    upstream: Duration,
}

impl<'a> Lap<'a> {
    fn new(desk: &'a Desk) -> Self {
        Self {
            desk,
            began: Instant::now(),
            upstream: desk.provider_time(),
        }
    }

    fn end(&mut self) -> Duration {
        let next = Self::new(self.desk);
        let elapsed = next.began - self.began;
        let own = elapsed.saturating_sub(next.upstream - self.upstream);
        *self = next;
        own
    }
}

/// What clients leave behind that register and never come back.
async fn registrations(effort: &Effort) -> Result<Measure> {
    let desk = Desk::new()?;
    let name = "registrations";
    growth(name, effort, async |index| {
        Client::register_as(&desk, &format!("Client {index}")).await?;
        Ok(())
    })
    .await
}

/// What logins leave behind that somebody begins and never ends.
async fn requests(effort: &Effort) -> Result<Measure> {
    let desk = Desk::new()?;
    let client = Client::register(&desk).await?;
    growth("logins that end at the question", effort, async |_| {
        client.ask(&desk).await?;
        Ok(())
    })
    .await
}

/// The memory after many anonymous requests, beside that after a tenth of them.
async fn growth(
    what: &str,
    effort: &Effort,
    request: impl AsyncFn(u32) -> Result<()>,
) -> Result<Measure> {
    let this = Process::new(std::process::id());
    let total = effort.logins * 200;
    ensure!(total >= 10, "{total} {what} say nothing");
    let mut before = 0.0;
    for index in 0..total {
        if index == total / 10 {
            before = this.resident()?;
        }
        request(index).await?;
    }
    let name = format!("memory after {total} {what} / after a tenth of them");
    let growth = Measure::new(name, Unit::Times, [this.resident()? / before]);
    Ok(growth.gate(Bound::AtMost(1.1)))
}

const STEPS: [&str; 5] = [
    "authorize, until the question",
    "authorize, after the answer",
    "callback",
    "token, for a code",
    "token, for a refresh token",
];

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::{Client, Desk, log_in};

    #[test]
    fn a_login_and_its_renewal_go_through() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::new().unwrap();
            let client = Client::register(&desk).await.unwrap();
            let taken = log_in(&desk, &client).await.unwrap();
            assert!(taken.iter().all(|step| !step.is_zero()), "{taken:?}");
        });
    }
}
