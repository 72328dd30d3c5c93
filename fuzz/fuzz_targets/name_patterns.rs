//! Patterns of an operator, and names that strangers choose: a denied name stays denied, and none
//! takes long.

#![no_main]

use fuzz::lines;
use kafka_mcp::NamePatterns;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [allow, deny, name] = lines(input);
    let list = |pattern: &str| match pattern {
        "" => Vec::new(),
        pattern => vec![pattern.to_owned()],
    };
    let Ok(allow_only) = NamePatterns::new(&list(&allow), &[]) else {
        return;
    };
    let Ok(both) = NamePatterns::new(&list(&allow), &list(&deny)) else {
        return;
    };
    for is_internal in [false, true] {
        let is_allowed = allow_only.allows(&name, is_internal);
        assert!(is_allowed || !both.allows(&name, is_internal));
        let denied = NamePatterns::new(&list(&allow), std::slice::from_ref(&name));
        // As a pattern the name may stand for others, or for nothing; then it says nothing here.
        if let Ok(denied) = denied
            && !name.is_empty()
            && name.trim() == name
            && !name.contains(['*', '?', '[', ']', '!'])
        {
            assert!(!denied.allows(&name, is_internal), "{name:?}");
        }
        if allow.is_empty() {
            assert_eq!(is_allowed, !is_internal);
        }
    }
});
