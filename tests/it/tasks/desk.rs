//! Where tasks are solved: it calls tools, and counts what a model writes and reads for it.

use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};

use super::world::World;

pub(super) struct Desk<'a> {
    world: &'a World,
    calls: Vec<String>,
    bytes: usize,
}

impl<'a> Desk<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self {
            world,
            calls: Vec::new(),
            bytes: 0,
        }
    }

    /// What a tool answers.
    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let (answer, is_error) = self.answer(tool, arguments).await;
        assert!(!is_error, "{tool}: {answer}");
        answer
    }

    /// Why a tool refuses.
    pub(super) async fn refusal(&mut self, tool: &str, arguments: Value) -> Value {
        let (answer, is_error) = self.answer(tool, arguments).await;
        assert!(is_error, "{tool}: {answer}");
        answer
    }

    async fn answer(&mut self, tool: &str, arguments: Value) -> (Value, bool) {
        self.calls.push(format!("`{tool}`"));
        self.bytes += json!({"name": tool, "arguments": arguments})
            .to_string()
            .len();
        let Value::Object(arguments) = arguments else {
            panic!("arguments are an object")
        };
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = self
            .world
            .client()
            .call_tool(request)
            .await
            .expect("a result");
        let text = &result.content.first().and_then(|content| content.as_text());
        let text = &text.expect("a text").text;
        // The ports of the brokers differ from run to run.
        self.bytes += self.world.with_common_ports(text).len();
        let answer = serde_json::from_str(text).expect("JSON");
        (answer, result.is_error == Some(true))
    }

    /// The tools in the order in which they were called.
    pub(super) fn calls(&self) -> String {
        self.calls.join(", ")
    }

    /// Four bytes count as a token.
    pub(super) fn tokens(&self) -> usize {
        self.bytes.div_ceil(4)
    }
}
