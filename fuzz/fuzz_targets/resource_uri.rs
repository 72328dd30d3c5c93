//! URIs of resources: each is read or refused, and what is read is what was asked for.

#![no_main]

use fuzz::{Conversation, lines};
use libfuzzer_sys::fuzz_target;
use rmcp::{
    ServiceError,
    model::{ErrorCode, ResourceContents},
};

fuzz_target!(|input: &[u8]| {
    let [uri] = lines(input);
    let uri = format!("kafka-mcp://{uri}");
    match Conversation::shared().read(&uri) {
        Ok(result) => {
            for contents in result.contents {
                let ResourceContents::TextResourceContents {
                    uri: read, text, ..
                } = contents
                else {
                    panic!("no text");
                };
                assert_eq!(read, uri);
                serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
            }
        }
        Err(ServiceError::McpError(error)) => {
            // The lean engine cannot describe groups.
            let code = error.data.as_ref().and_then(|data| data["code"].as_str());
            let is_limit = code == Some("unsupported");
            assert!(
                is_limit || error.code != ErrorCode::INTERNAL_ERROR,
                "{error:?}"
            );
            assert!(code.is_some() && !error.message.is_empty(), "{error:?}");
        }
        Err(error) => panic!("{error}"),
    }
});
