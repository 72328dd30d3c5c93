//! Static members (KIP-345).

use crate::{
    member::{Member, group, parts},
    members::finish,
    subject::Subject,
};

#[tokio::test]
async fn a_static_member_comes_back_without_a_rebalance_and_its_predecessor_is_fenced() {
    for subject in Subject::all().await {
        let name = subject.name;
        let group = group();
        let mut old = Member::new(&subject, &group).await;
        old.instance_id = Some("one");
        // Static members are taken in at once.
        old.begin_join(9).await;
        let joined = old.joined(9).await;
        assert_eq!(
            (joined.error_code, joined.skip_assignment),
            (0, false),
            "{name}"
        );
        assert!(old.id.starts_with("one-"), "{name}: {}", old.id);
        let mine = parts(&[(&old, "all")]);
        old.sync(&mine, 5).await;

        for version in [9, 8] {
            let mut new = Member::new(&subject, &group).await;
            new.instance_id = Some("one");
            new.begin_join(version).await;
            let joined = new.joined(version).await;
            assert_eq!((joined.error_code, joined.generation_id), (0, 1), "{name}");
            assert_ne!(joined.member_id.as_str(), old.id, "{name}");
            let is_new = version == 9;
            assert_eq!(joined.skip_assignment, is_new, "{name}");
            assert_eq!(joined.members.len(), usize::from(is_new), "{name}");
            assert_eq!(joined.leader == joined.member_id, is_new, "{name}");
            let synced = new.sync(&Default::default(), 5).await;
            assert_eq!(
                (synced.error_code, &*synced.assignment),
                (0, &b"all"[..]),
                "{name}"
            );
            assert_eq!(old.heartbeat(4).await, 82, "{name}");
            assert_eq!(old.sync(&mine, 5).await.error_code, 82, "{name}");
            assert_eq!(old.leave(5).await, 82, "{name}");
            old = new;
        }
        let described = old.describe().await;
        let member = &described.members[0];
        assert_eq!(member.group_instance_id.as_deref(), Some("one"), "{name}");
        old.instance_id = Some("two");
        assert_eq!(old.heartbeat(4).await, 25, "{name}");
        // Whoever leaves by the instance needs no id.
        assert_eq!(old.leave(5).await, 25, "{name}");
        old.instance_id = Some("one");
        old.id.clear();
        assert_eq!(old.leave(5).await, 0, "{name}");
        finish(subject, old).await;
    }
}
