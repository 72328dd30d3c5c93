//! Certified providers and the one of these tests make the same tokens: the verdicts agree.

use testkit::{CertifiedProviders, IdentityProvider};

use super::{Protected, matrix};

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
