//! What is promised.

use super::proof::{
    PROVIDER, Row, SERVER, TOKEN, TOOLS, Tier, it, program, system, unit, with_kafka,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "no panic on any input",
        passes_when: "",
        proofs: &[
            system("bad_input::http_that_makes_no_sense_is_refused_and_harms_nobody"),
            system("bad_input::arguments_that_make_no_sense_are_named_with_what_is_allowed"),
            unit(
                TOKEN,
                "jwt_verifier::tests::strangers::no_text_breaks_the_verifier",
            ),
            unit(
                SERVER,
                "stdio::tests::broken_lines_before_the_conversation_do_not_end_it",
            ),
            program(Tier::Tools, "fuzz/run 10"),
        ],
    },
    Row {
        name: "bounded memory",
        passes_when: "",
        proofs: &[
            unit(SERVER, "http::tests::bodies::*"),
            unit(
                SERVER,
                "stdio::lines::tests::an_endless_line_is_reported_once_and_not_kept",
            ),
            unit(TOKEN, "token_cache::tests::bounds::*"),
            with_kafka(
                "consume_recent::huge_records_step_back_only_as_far_as_the_byte_limit_allows",
            ),
        ],
    },
    Row {
        name: "no secret in any output",
        passes_when: "",
        proofs: &[
            system("lifecycle::no_secret_is_logged_or_answered_at_the_highest_log_level"),
            system("oauth::secrets::*"),
            system("proxy_mode::secrets::*"),
            unit(TOOLS, "security::tests::no_secret_is_printed"),
            with_kafka(
                "security::a_wrong_password_or_user_is_an_authentication_failure_without_a_secret",
            ),
        ],
    },
    Row {
        name: "every call ends by its deadline",
        passes_when: "",
        proofs: &[
            system(
                "broker_faults::every_call_on_a_half_open_connection_ends_by_its_deadline_and_works_after_healing",
            ),
            system("faults_on_command::answers_that_make_no_sense_end_each_call_by_its_deadline"),
            system("lifecycle::a_call_on_a_half_open_connection_ends_by_its_deadline"),
        ],
    },
    Row {
        name: "reads change nothing",
        passes_when: "",
        proofs: &[with_kafka(
            "no_trace::reads_leave_no_group_no_topic_and_no_offset_behind",
        )],
    },
    Row {
        name: "a produce is never silently repeated",
        passes_when: "",
        proofs: &[
            system("broker_faults::a_produce_whose_answer_is_lost_is_written_once_at_most"),
            system(
                "faults_on_command::a_write_whose_answer_is_lost_is_there_once_and_is_never_called_a_failure",
            ),
            with_kafka(
                "three_brokers::what_is_written_while_a_broker_dies_is_there_once_or_reported",
            ),
        ],
    },
    Row {
        name: "the server starts and serves with Kafka and the identity provider down",
        passes_when: "",
        proofs: &[
            system("lifecycle::the_server_serves_while_kafka_is_down_and_finds_it_when_it_is_up"),
            system(
                "oauth::outages::the_server_starts_without_its_provider_and_finds_it_when_it_is_up",
            ),
            it(
                PROVIDER,
                "outages::a_provider_that_is_down_at_first_is_found_without_a_restart",
            ),
        ],
    },
];
