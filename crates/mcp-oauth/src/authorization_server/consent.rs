//! The page that asks whether a client may act for somebody.

use std::fmt;

use super::page::Text;

/// Says who asks for what, and has the form that answers it.
#[derive(Debug)]
pub(super) struct ConsentPage<'a> {
    pub(super) client: ShownClient<'a>,
    pub(super) resource_name: &'a str,
    /// Where the code goes.
    pub(super) destination: &'a str,
    /// What would be allowed, in words.
    pub(super) scopes: Vec<&'a str>,
    /// Any program of this machine can wait where the code goes.
    pub(super) warns_of_localhost: bool,
    pub(super) login: LoginStep<'a>,
    pub(super) transaction: &'a str,
}

/// What comes after the question.
#[derive(Debug)]
pub(super) enum LoginStep<'a> {
    /// It is on this page.
    Development {
        name: &'a str,
        problem: Option<TypingProblem>,
    },
    /// It is at an identity provider.
    Elsewhere { provider: &'a str },
}

/// What is wrong with what somebody typed.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypingProblem {
    pub(super) field: Field,
    pub(super) what: &'static str,
}

/// What can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Code,
    Name,
}

impl ConsentPage<'_> {
    pub(super) fn title(&self) -> String {
        format!("Allow {} to use {}?", self.client, self.resource_name)
    }
}

impl fmt::Display for ConsentPage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let publisher = fmt::from_fn(|f| match self.client.host {
            Some(host) => writeln!(
                f,
                "<dt>Application published by</dt>\n<dd><code>{}</code></dd>",
                Text(host)
            ),
            None => Ok(()),
        });
        let scopes = fmt::from_fn(|f| {
            let mut scopes = self.scopes.iter();
            scopes.try_for_each(|scope| writeln!(f, "<li>{}</li>", Text(scope)))
        });
        let warning = if self.warns_of_localhost {
            include_str!("page/localhost_warning.html")
        } else {
            ""
        };
        write!(
            f,
            include_str!("page/consent.html"),
            client = Text(&self.client.to_string()),
            publisher = publisher,
            resource = Text(self.resource_name),
            destination = Text(self.destination),
            scopes = scopes,
            warning = warning,
            transaction = Text(self.transaction),
            login = self.login,
            allow = self.login.allow(),
        )
    }
}

impl LoginStep<'_> {
    const fn allow(&self) -> &'static str {
        match self {
            Self::Development { .. } => "Log in and allow",
            Self::Elsewhere { .. } => "Allow and log in",
        }
    }
}

impl fmt::Display for LoginStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Development { name, problem } => {
                let alert = fmt::from_fn(|f| match problem {
                    Some(TypingProblem { what, .. }) => {
                        writeln!(f, r#"<p class="error" role="alert">{}</p>"#, Text(what))
                    }
                    None => Ok(()),
                });
                // Who has to type something again is led there.
                let state = |field| match problem {
                    Some(problem) if problem.field == field => r#" aria-invalid="true" autofocus"#,
                    _ => "",
                };
                write!(
                    f,
                    include_str!("page/development_login.html"),
                    problem = alert,
                    name = Text(name),
                    name_state = state(Field::Name),
                    code_state = state(Field::Code),
                )
            }
            Self::Elsewhere { provider } => {
                writeln!(f, "<p>Next, you log in at {}.</p>", Text(provider))
            }
        }
    }
}

/// A client, as people are told of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShownClient<'a> {
    /// What it calls itself.
    pub(super) name: Option<&'a str>,
    /// Who vouches for that: the host of a client's URL.
    pub(super) host: Option<&'a str>,
}

impl fmt::Display for ShownClient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.or(self.host);
        f.write_str(name.unwrap_or("An application without a name"))
    }
}
