use super::*;

const TID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

fn authority(issuer: &str) -> Result<Authority, (String, String)> {
    Authority::new(&ProviderUrl::new(issuer).unwrap())
}

fn issuers(issuer: &str) -> Vec<String> {
    let authority = authority(issuer).unwrap();
    let v1 = authority.expected_v1(&[]);
    let all = [authority.expected_v2(&[])].into_iter().chain(v1);
    all.map(|issuer| issuer.as_str().to_owned()).collect()
}

#[test]
fn either_issuer_of_a_tenant_stands_for_both() {
    let both = [
        format!("https://login.microsoftonline.com/{TID}/v2.0"),
        format!("https://sts.windows.net/{TID}/"),
    ];
    assert_eq!(issuers(&both[0]), both);
    assert_eq!(issuers(&both[1]), both);
}

#[test]
fn each_cloud_has_its_own_pair() {
    assert_eq!(
        issuers(&format!(
            "https://login.partner.microsoftonline.cn/{TID}/v2.0"
        )),
        [
            format!("https://login.partner.microsoftonline.cn/{TID}/v2.0"),
            format!("https://sts.chinacloudapi.cn/{TID}/"),
        ]
    );
    for cloud in ["login.microsoftonline.us", "login.chinacloudapi.cn"] {
        let issuer = format!("https://{cloud}/{TID}/v2.0");
        assert_eq!(issuers(&issuer)[0], issuer);
    }
}

#[test]
fn an_issuer_on_this_machine_stands_for_the_public_cloud_and_for_itself() {
    assert_eq!(
        issuers(&format!("http://127.0.0.1:1/{TID}/v2.0")),
        [
            format!("http://127.0.0.1:1/{TID}/v2.0"),
            format!("https://sts.windows.net/{TID}/"),
            format!("http://127.0.0.1:1/{TID}/"),
        ]
    );
}

#[test]
fn several_tenants_are_named_by_a_template() {
    for shared in ["common", "organizations"] {
        let issuer = format!("https://login.microsoftonline.com/{shared}/v2.0");
        let authority = authority(&issuer).unwrap();
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        assert_eq!(
            authority.named(&ProviderUrl::new(issuer).unwrap()),
            template
        );
        assert_eq!(authority.expected_v2(&[]).as_str(), template);
    }
}

#[test]
fn a_key_is_for_the_tenant_that_it_names() {
    let authority = authority("https://login.microsoftonline.com/common/v2.0").unwrap();
    for (key_issuer, expected) in [
        ("https://login.microsoftonline.com/{tenantid}/v2.0", true),
        (
            &format!("https://login.microsoftonline.com/{TID}/v2.0"),
            true,
        ),
        (&format!("https://sts.windows.net/{TID}/"), true),
        (
            &format!("https://login.microsoftonline.com/{CONSUMERS}/v2.0"),
            false,
        ),
        (
            &format!("https://login.microsoftonline.us/{TID}/v2.0"),
            false,
        ),
        ("", false),
    ] {
        assert_eq!(
            authority.is_key_of(TID, key_issuer),
            expected,
            "{key_issuer}"
        );
    }
}

#[test]
fn what_is_not_entra_is_refused_with_what_to_write() {
    for (issuer, fix) in [
        (
            format!("https://login.example.com/{TID}/v2.0"),
            "login.microsoftonline.com",
        ),
        (format!("https://login.microsoftonline.com/{TID}"), "/v2.0"),
        (
            format!("https://login.microsoftonline.com/{TID}/v2.0/"),
            "/v2.0",
        ),
        (
            format!("https://login.microsoftonline.com/{TID}/v2.0/x"),
            "/v2.0",
        ),
        (format!("https://sts.windows.net/{TID}"), "/v2.0"),
        (
            "https://login.microsoftonline.com/".to_owned(),
            "<tenant id>",
        ),
        (
            "https://login.microsoftonline.com/tenant/v2.0".to_owned(),
            "<tenant id>",
        ),
        (
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            "<tenant id>",
        ),
    ] {
        let (_, found) = authority(&issuer).unwrap_err();
        assert!(found.contains(fix), "{issuer}: {found}");
    }
}
