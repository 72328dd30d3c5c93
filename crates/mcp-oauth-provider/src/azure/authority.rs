use mcp_oauth_token::{ExpectedIssuer, ProviderUrl, Quoted};

/// Who issues Entra's tokens: a cloud, and one tenant or several in it.
///
/// Entra has two versions of tokens, with an issuer each. Which one a token has depends on the
/// application that it is for, and not on the issuer that is configured, so that both are expected.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    /// The part of the issuer of version 2.0 before the tenant.
    login: String,
    /// The parts of the issuers of version 1.0 before the tenant.
    sts: Vec<String>,
    tenant: Tenant,
}

/// The tenant that an issuer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tenant {
    /// One, by its identifier.
    Id(String),
    /// Many: `common`, `organizations` or `consumers`.
    Shared(String),
}

impl Authority {
    /// Reads an issuer.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what to write instead.
    pub(super) fn new(issuer: &ProviderUrl) -> Result<Self, (String, String)> {
        let origin = issuer.url().origin().ascii_serialization();
        let segments: Vec<_> = issuer.url().path_segments().into_iter().flatten().collect();
        let is_login = CLOUDS.iter().any(|cloud| cloud.login == origin);
        let sts_of = |cloud: &&Cloud| cloud.login == origin;
        let (login, sts) = if issuer.is_loopback() {
            // It stands for the public cloud, with the issuer of version 1.0 that this one has, or
            // one of its own.
            (origin.clone(), vec![PUBLIC.sts.to_owned(), origin.clone()])
        } else if let Some(cloud) = CLOUDS.iter().find(sts_of) {
            (origin.clone(), vec![cloud.sts.to_owned()])
        } else if let Some(cloud) = CLOUDS.iter().find(|cloud| cloud.sts == origin) {
            (cloud.login.to_owned(), vec![origin.clone()])
        } else {
            let known: Vec<_> = CLOUDS.iter().map(|cloud| cloud.login).collect();
            return Err((
                format!("{origin} is no address of Entra"),
                format!(
                    "use <cloud>/<tenant id>/v2.0, where the cloud is one of {}",
                    known.join(", ")
                ),
            ));
        };
        let tenant = match *segments {
            [tenant, "v2.0"] if is_login || issuer.is_loopback() => tenant,
            [tenant, ""] if !is_login => tenant,
            [tenant, ..] if !tenant.is_empty() => {
                return Err((
                    "the issuer is not of the form that Entra's have".to_owned(),
                    format!("use {login}/{tenant}/v2.0"),
                ));
            }
            _ => {
                return Err((
                    "the issuer names no tenant".to_owned(),
                    format!("use {login}/<tenant id>/v2.0"),
                ));
            }
        };
        // Documents and tokens name a tenant by its id, whichever of its names one asked by.
        let tenant = Tenant::new(tenant).ok_or_else(|| {
            (
                format!(
                    "the issuer does not name its tenant by the id, but by {}",
                    Quoted(tenant)
                ),
                format!("use {login}/<tenant id>/v2.0, with the Directory (tenant) ID"),
            )
        })?;
        Ok(Self { login, sts, tenant })
    }

    pub(super) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Whether an issuer that is configured is that of version 2.0.
    #[cfg(feature = "login")]
    pub(super) fn is_v2(&self, issuer: &ProviderUrl) -> bool {
        let tenant = match &self.tenant {
            Tenant::Id(tenant) | Tenant::Shared(tenant) => tenant,
        };
        issuer.as_str() == self.v2(tenant)
    }

    /// The issuer that the discovery document of `issuer` names. Only for several tenants it is
    /// another one, with a place for the tenant.
    pub(super) fn named(&self, issuer: &ProviderUrl) -> String {
        match &self.tenant {
            Tenant::Id(_) => issuer.as_str().to_owned(),
            Tenant::Shared(name) if name == "consumers" => self.v2(CONSUMERS),
            Tenant::Shared(_) => self.v2(PLACEHOLDER),
        }
    }

    /// The issuers of tokens of version 2.0: one.
    pub(super) fn expected_v2(&self, allowed: &[String]) -> ExpectedIssuer {
        self.expected(|tenant| self.v2(tenant), allowed)
    }

    /// The issuers of tokens of version 1.0.
    pub(super) fn expected_v1(&self, allowed: &[String]) -> Vec<ExpectedIssuer> {
        let expected = |sts: &String| self.expected(|tenant| v1(sts, tenant), allowed);
        self.sts.iter().map(expected).collect()
    }

    /// Whether a key that is published for the tokens of `key_issuer` may sign those of `tid`.
    pub(super) fn is_key_of(&self, tid: &str, key_issuer: &str) -> bool {
        let key_issuer = key_issuer.replace(PLACEHOLDER, tid);
        key_issuer == self.v2(tid) || self.sts.iter().any(|sts| key_issuer == v1(sts, tid))
    }

    fn expected(&self, issuer: impl Fn(&str) -> String, allowed: &[String]) -> ExpectedIssuer {
        match &self.tenant {
            Tenant::Id(tenant) => ExpectedIssuer::Exact(issuer(tenant)),
            Tenant::Shared(_) => ExpectedIssuer::Tenant {
                template: issuer(PLACEHOLDER),
                tenants: allowed.to_vec(),
            },
        }
    }

    fn v2(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.login)
    }
}

impl Tenant {
    fn new(text: &str) -> Option<Self> {
        if ["common", "consumers", "organizations"].contains(&text) {
            Some(Self::Shared(text.to_owned()))
        } else if is_guid(text) {
            Some(Self::Id(text.to_owned()))
        } else {
            None
        }
    }
}

/// Whether a text has the form of an identifier of Entra's.
pub(super) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|c| c == b'-' || c.is_ascii_hexdigit())
}

fn v1(sts: &str, tenant: &str) -> String {
    format!("{sts}/{tenant}/")
}

/// A cloud of Microsoft's.
struct Cloud {
    login: &'static str,
    sts: &'static str,
}

const PUBLIC: Cloud = Cloud {
    login: "https://login.microsoftonline.com",
    sts: "https://sts.windows.net",
};

/// The public cloud, that of the US government, and China's under both its names.
const CLOUDS: [Cloud; 4] = [
    PUBLIC,
    Cloud {
        login: "https://login.microsoftonline.us",
        sts: "https://sts.windows.net",
    },
    Cloud {
        login: "https://login.partner.microsoftonline.cn",
        sts: "https://sts.chinacloudapi.cn",
    },
    Cloud {
        login: "https://login.chinacloudapi.cn",
        sts: "https://sts.chinacloudapi.cn",
    },
];

/// Stands for the tenant in issuers of several.
const PLACEHOLDER: &str = "{tenantid}";
/// The one tenant of all personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[cfg(test)]
mod tests;
