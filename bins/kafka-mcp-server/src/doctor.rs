//! `doctor`: checks the set-up from end to end, and says what to do about what is wrong.

mod finding;
mod identity;
mod kafka;
mod logins;
mod metadata;
mod token;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use self::finding::{Finding, Mark};
use crate::{
    config::{Config, OAuth, RawConfig, Transport},
    runtime,
};

/// Checks everything, and prints what is found as it is found.
///
/// # Errors
///
/// If nothing can be checked or printed at all.
pub(crate) fn run(raw: &RawConfig, token_file: Option<&Path>) -> io::Result<ExitCode> {
    let mut report = Report::default();
    match Config::read(raw) {
        Ok(config) => runtime::block_on(examine(&config, token_file, &mut report))??,
        Err(error) => {
            for problem in error.problems() {
                let advice = "correct it; nothing else is checked before";
                report.add(Finding::bad("configuration", problem.to_string(), advice))?;
            }
        }
    }
    report.finish()
}

async fn examine(
    config: &Config,
    token_file: Option<&Path>,
    report: &mut Report,
) -> io::Result<()> {
    report.add(configuration(config))?;
    for warning in &config.warnings {
        let advice = "change it, or leave it if it is meant";
        report.add(Finding::doubtful("configuration", warning.clone(), advice))?;
    }
    report.add(kafka::examine(&config.kafka).await)?;
    let token = token::given(token_file).await;
    let Some(oauth) = oauth_of(config) else {
        if token.is_ok_and(|token| token.is_some()) {
            let advice = "OAUTH_ENABLED=true turns it on";
            report.add(Finding::bad(
                "token",
                "OAuth is off: tokens are not looked at",
                advice,
            ))?;
        }
        return Ok(());
    };
    for finding in identity::examine(oauth).await {
        report.add(finding)?;
    }
    report.add(metadata::examine(oauth).await)?;
    if let Some(logins) = &oauth.logins {
        for finding in logins::examine(oauth, logins).await {
            report.add(finding)?;
        }
    }
    match token {
        Ok(Some(token)) => {
            for finding in token::explain(oauth, &token).await {
                report.add(finding)?;
            }
        }
        Ok(None) => {}
        Err(finding) => report.add(finding)?,
    }
    Ok(())
}

fn oauth_of(config: &Config) -> Option<&OAuth> {
    match &config.transport {
        Transport::Http { oauth, .. } => oauth.as_ref(),
        Transport::Stdio => None,
    }
}

fn configuration(config: &Config) -> Finding {
    let found = match &config.transport {
        Transport::Stdio => "stdio, for one local client".to_owned(),
        Transport::Http { http, oauth: None } => {
            format!("http on {}, without OAuth", http.address)
        }
        Transport::Http {
            http,
            oauth: Some(oauth),
        } => format!(
            "http on {}, {} {} ({})",
            http.address,
            if oauth.accepts_provider_tokens() {
                "for tokens of"
            } else {
                "with logins at"
            },
            oauth.provider.issuer(),
            oauth.provider.name()
        ),
    };
    Finding::good("configuration", found)
}

/// What was found so far.
#[derive(Debug, Default)]
struct Report {
    failures: usize,
    doubts: usize,
}

impl Report {
    fn add(&mut self, finding: Finding) -> io::Result<()> {
        match finding.mark() {
            Mark::Bad => self.failures += 1,
            Mark::Doubtful => self.doubts += 1,
            Mark::Good | Mark::Neutral => {}
        }
        writeln!(io::stdout(), "{finding}")
    }

    fn finish(&self) -> io::Result<ExitCode> {
        let Self { failures, doubts } = self;
        writeln!(io::stdout(), "\n{failures} wrong, {doubts} doubtful")?;
        Ok(if *failures == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
