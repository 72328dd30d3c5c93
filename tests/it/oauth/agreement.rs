//! Certified providers and the one of these tests make the same tokens: the verdicts agree.

use testkit::{
    CertifiedProviders, IdentityProvider, Personality, Rotation, TokenKind, TokenRecipe,
};

use super::{Protected, Verdict, matrix};

#[tokio::test]
async fn tokens_of_certified_providers_get_the_same_verdicts() {
    let Some(certified) = CertifiedProviders::start().await else {
        return;
    };
    for personality in CertifiedProviders::PERSONALITIES {
        let settings = matrix::settings(personality);
        let own = IdentityProvider::start(personality).await;
        let with_own = Protected::by(&own, &settings).await;
        let theirs = certified.settings(personality);
        let with_theirs = Protected::start(&theirs, &settings).await;

        let cases = matrix::cases(personality, &own.issuer());
        let cases_of_theirs = matrix::cases(personality, certified.issuer(personality));
        assert!(cases.len() > 50, "{}", cases.len());
        let mut wrong = Vec::new();
        for (case, of_theirs) in cases.iter().zip(&cases_of_theirs) {
            let token = case.token(own.mint(&case.recipe));
            let minted = certified.mint(personality, &of_theirs.recipe).await;
            let verdicts = [
                with_own.verdict(&token).await,
                with_theirs.verdict(&of_theirs.token(minted)).await,
            ];
            if verdicts != [case.verdict; 2] {
                wrong.push((case.name, case.verdict, verdicts));
            }
        }
        let log = with_theirs.server().log();
        assert!(wrong.is_empty(), "{personality:?}: {wrong:#?}\n{log}");
    }
}

#[tokio::test]
async fn certified_providers_rotate_their_keys_and_tokens_follow() {
    let Some(certified) = CertifiedProviders::start().await else {
        return;
    };
    let user = TokenRecipe::new(TokenKind::User);
    for personality in [Personality::EntraV2, Personality::OktaCustom] {
        let settings = certified.settings(personality);
        let server = Protected::start(&settings, &[]).await;
        let first = certified.mint(personality, &user).await;
        assert_eq!(server.verdict(&first).await, Verdict::Reads);
        certified.rotate(personality, Rotation::Soft).await;
        let second = certified.mint(personality, &user).await;
        assert_eq!(server.verdict(&second).await, Verdict::Reads);
        assert_eq!(server.verdict(&first).await, Verdict::Reads);

        // Keys are not asked for again so soon, but a server that starts has none.
        certified.rotate(personality, Rotation::Hard).await;
        let server = Protected::start(&settings, &[]).await;
        let third = certified.mint(personality, &user).await;
        assert_eq!(server.verdict(&third).await, Verdict::Reads);
        for withdrawn in [&first, &second] {
            assert_eq!(server.verdict(withdrawn).await, Verdict::Out);
        }
    }
}

#[tokio::test]
async fn a_certified_provider_is_asked_about_its_opaque_tokens() {
    let Some(certified) = CertifiedProviders::start().await else {
        return;
    };
    let settings = certified.settings(Personality::Google);
    let server = Protected::start(&settings, &[("OAUTH_GOOGLE_TOKENINFO", "true")]).await;
    let opaque = TokenRecipe::new(TokenKind::Opaque);
    let token = certified.mint(Personality::Google, &opaque).await;
    assert_eq!(server.verdict(&token).await, Verdict::Reads);
    assert_eq!(server.verdict(&format!("{token}x")).await, Verdict::Out);
}
