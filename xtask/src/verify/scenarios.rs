//! What may go wrong, and what then has to be seen.

use super::proof::{
    MCP, Row, SERVER, TOKEN, Tier, it, program, system, unit, with_kafka, with_tools,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "all brokers down at start; up 5 s later",
        passes_when: "listens at once, healthz 200, readyz 503, tools/list works, calls fail by their deadline with `kafka_unavailable`; then works within 1 s, no restart",
        proofs: &[
            it(SERVER, "http::it_starts_and_answers_with_kafka_down"),
            system(
                "reliability::startup::what_a_server_says_of_a_cluster_that_is_down_is_the_same_over_pipes",
            ),
            system(
                "reliability::startup::a_cluster_that_comes_up_five_seconds_later_is_used_within_one_more_without_a_restart",
            ),
            system("lifecycle::the_server_serves_while_kafka_is_down_and_finds_it_when_it_is_up"),
            system("lifecycle::health_and_readiness_are_two_things"),
            with_kafka(
                "failover::a_server_that_starts_before_all_brokers_finds_them_within_a_second",
            ),
        ],
    },
    Row {
        name: "bootstrap list of two dead, one black hole, one live",
        passes_when: "first answer within one connect timeout, not the sum",
        proofs: &[
            system(
                "broker_faults::concurrent_callers_of_a_black_hole_wait_for_one_connect_timeout_together",
            ),
            system(
                "reliability::startup::beside_two_dead_brokers_and_a_black_hole_a_live_one_answers_within_one_connect_timeout",
            ),
            system("broker_faults::a_live_broker_is_found_beside_dead_ones_and_a_black_hole"),
        ],
    },
    Row {
        name: "broker killed in the middle of a consume",
        passes_when: "partial result marked as such, or complete after the leader moved; offsets strictly increasing",
        proofs: &[
            system(
                "reliability::killed::a_read_whose_broker_is_killed_is_whole_or_says_that_it_is_not",
            ),
            system(
                "broker_faults::a_broker_that_dies_within_a_read_leaves_the_records_read_so_far",
            ),
            with_kafka("failover::a_read_that_loses_its_broker_is_complete_or_says_that_it_is_not"),
        ],
    },
    Row {
        name: "broker killed before the ack of a produce",
        passes_when: "error marked ambiguous; the log holds at most one copy",
        proofs: &[
            system(
                "broker_faults::a_produce_whose_connection_breaks_after_writing_is_not_written_again",
            ),
            system("broker_faults::a_produce_whose_answer_is_lost_is_written_once_at_most"),
            system(
                "reliability::killed::a_write_whose_broker_is_killed_before_it_answers_is_there_once_and_not_called_a_failure",
            ),
            system(
                "faults_on_command::a_write_whose_answer_is_lost_is_there_once_and_is_never_called_a_failure",
            ),
            with_kafka(
                "three_brokers::what_is_written_while_a_broker_dies_is_there_once_or_reported",
            ),
            with_kafka(
                "failover::while_brokers_are_killed_one_after_the_other_every_answer_is_right",
            ),
        ],
    },
    Row {
        name: "leader, controller or coordinator moves",
        passes_when: "one refresh, at most 3 retries with jitter, success",
        proofs: &[
            system("reliability::moves::a_broker_that_has_just_gone_is_not_waited_for"),
            system("reliability::moves::a_controller_that_moved_is_reported_within_a_second"),
            system("reliability::moves::one_question_follows_a_coordinator_that_moved"),
            system(
                "reliability::moves::a_leader_that_is_never_found_is_asked_for_a_few_times_and_not_all_the_time",
            ),
            system("reliability::moves::one_write_and_one_read_follow_a_leader_that_moved"),
            system("faults_on_command::a_leader_that_moves_is_followed_by_reads_and_writes"),
            with_kafka("failover::calls_go_on_while_leader_controller_and_coordinator_move"),
        ],
    },
    Row {
        name: "rolling restart of 3 brokers under 50 calls a second",
        passes_when: "at least 99.9 % succeed, no wrong answer (compared with what was produced)",
        proofs: &[
            system(
                "reliability::restarts::a_rolling_restart_under_fifty_calls_a_second_fails_none_and_gives_no_wrong_answer",
            ),
            system("failover::during_a_rolling_restart_of_kafka_fake_every_answer_is_right"),
            with_kafka(
                "failover::during_a_rolling_restart_calls_succeed_and_every_answer_is_right",
            ),
        ],
    },
    Row {
        name: "network partition without reset; half-open connection",
        passes_when: "calls end at the deadline; after healing works within 2 s; no growth in file descriptors",
        proofs: &[
            system("lifecycle::a_call_on_a_half_open_connection_ends_by_its_deadline"),
            system(
                "reliability::half_open::partitions_without_a_reset_end_calls_in_time_heal_at_once_and_leave_no_descriptor_open",
            ),
            system(
                "broker_faults::every_call_on_a_half_open_connection_ends_by_its_deadline_and_works_after_healing",
            ),
            with_kafka(
                "failover::a_frozen_broker_costs_calls_no_more_than_their_deadline_and_works_soon_after",
            ),
        ],
    },
    Row {
        name: "slow broker (+3 s), trickling broker, stops mid-frame",
        passes_when: "others unaffected; deadline obeyed; cancel closes the wait",
        proofs: &[
            system("broker_faults::a_slow_broker_is_waited_for_within_the_deadline"),
            system(
                "reliability::cancelling::a_wait_for_an_answer_that_never_comes_can_be_cancelled",
            ),
            system("reliability::slow::a_broker_that_is_slow_but_not_too_slow_is_waited_for"),
            system(
                "reliability::slow::what_one_broker_does_to_its_answers_holds_up_no_call_to_another",
            ),
            system(
                "faults_on_command::a_broker_that_is_too_slow_is_a_timeout_and_one_that_is_slow_is_waited_for",
            ),
            system("broker_faults::an_answer_that_trickles_ends_by_the_deadline"),
            system(
                "broker_faults::a_connection_that_breaks_within_an_answer_is_an_error_or_made_anew",
            ),
        ],
    },
    Row {
        name: "garbage, 2 GiB length, wrong correlation id",
        passes_when: "`protocol_error`, no allocation beyond the limit",
        proofs: &[
            system(
                "reliability::nonsense::a_server_calls_nonsense_a_protocol_error_and_takes_no_memory_for_it",
            ),
            system(
                "reliability::nonsense::a_write_that_is_answered_with_nonsense_may_have_been_written",
            ),
            system("reliability::nonsense::nonsense_is_called_that_by_the_engine_that_can_tell"),
            system("broker_faults::answers_that_are_no_kafka_are_an_error_within_the_deadline"),
            system("faults_on_command::answers_that_make_no_sense_end_each_call_by_its_deadline"),
        ],
    },
    Row {
        name: "throttled; SASL wrong; TLS expired, wrong host, self-signed",
        passes_when: "distinct errors, no retry storm, no secret in text",
        proofs: &[
            system("lifecycle::no_secret_is_logged_or_answered_at_the_highest_log_level"),
            system(
                "reliability::certificates::each_fault_of_a_certificate_is_a_tls_error_that_names_it_and_is_tried_once_a_call",
            ),
            system("reliability::refusals::a_wrong_password_is_tried_once_a_call_and_never_told"),
            system(
                "reliability::refusals::a_quota_that_lasts_longer_than_a_call_is_a_timeout_and_no_storm_of_requests",
            ),
            system("reliability::refusals::a_client_beyond_its_quota_waits_and_repeats_nothing"),
            system(
                "fake_broker::a_wrong_password_is_an_authentication_failure_that_does_not_print_it",
            ),
            with_kafka(
                "security::a_wrong_password_or_user_is_an_authentication_failure_without_a_secret",
            ),
            with_kafka(
                "security::each_fault_of_the_brokers_certificate_is_a_tls_error_that_names_it",
            ),
        ],
    },
    Row {
        name: "identity provider down at start, dies later, slow 5 s, rotates keys softly and hard, serves garbage",
        passes_when: "503 with Retry-After, or cached keys; 1,000 concurrent requests cause one fetch; cached tokens unaffected",
        proofs: &[
            system("oauth::outages::*"),
            with_tools("oauth::agreement::certified_providers_rotate_their_keys_and_tokens_follow"),
        ],
    },
    Row {
        name: "10,000 unknown kids a second",
        passes_when: "at most one JWKS fetch in 30 s; good users' p99 below 3 times",
        proofs: &[
            system("oauth::outages::tokens_of_unknown_keys_cause_few_fetches_and_slow_nobody"),
            unit(
                TOKEN,
                "jwks::tests::flights::ten_thousand_made_up_kids_cause_one_fetch_in_thirty_seconds",
            ),
        ],
    },
    Row {
        name: "10,000 idle connections",
        passes_when: "RSS at most 150 MB, a new request p99 below 50 ms",
        proofs: &[system(
            "reliability::volume::ten_thousand_idle_connections_take_little_memory_and_slow_nobody",
        )],
    },
    Row {
        name: "slowloris, slow body, 100 MB body, gzip bomb, 1 MB header, JSON depth 100,000, batch of 10,000",
        passes_when: "408, 413, 431 or a JSON-RPC error within 50 ms; RSS grows less than 8 MiB",
        proofs: &[
            system(
                "reliability::strangers::a_thousand_clients_that_send_byte_by_byte_are_given_up_and_hold_nobody_up",
            ),
            system(
                "reliability::strangers::what_is_too_large_or_too_deep_is_refused_at_once_and_costs_less_than_8_mib",
            ),
            unit(SERVER, "http::tests::a_head_beyond_the_limit_is_refused"),
            unit(SERVER, "http::tests::a_head_that_does_not_come_is_given_up"),
            unit(SERVER, "http::tests::bodies::*"),
            unit(SERVER, "screen::tests::batches_and_deep_messages_are_unfit"),
        ],
    },
    Row {
        name: "the same on stdio: a line of 100 MB, no newline, EOF, EPIPE",
        passes_when: "bounded, error, goes on; exits within 1 s of EOF with code 0",
        proofs: &[
            unit(SERVER, "stdio::tests::*"),
            system(
                "reliability::pipes::an_output_that_nobody_reads_ends_the_server_without_a_panic",
            ),
            system(
                "reliability::pipes::an_input_that_ends_within_a_line_or_a_call_ends_the_server_with_success_in_a_second",
            ),
            system(
                "reliability::pipes::a_line_of_100_mb_is_refused_with_little_memory_and_the_next_one_is_answered",
            ),
            unit(
                SERVER,
                "stdio::tests::a_line_beyond_the_limit_is_refused_and_the_next_one_is_read",
            ),
            unit(
                SERVER,
                "stdio::lines::tests::an_endless_line_is_reported_once_and_not_kept",
            ),
            it(
                SERVER,
                "stdio::the_end_of_input_ends_the_process_with_0_after_the_answers",
            ),
            it(
                SERVER,
                "stdio::a_client_that_reads_no_more_ends_the_process_with_0",
            ),
        ],
    },
    Row {
        name: "consume from a topic of a million messages with any limit and position",
        passes_when: "within its byte cap and deadline; scanned count and cursor reported; RSS below +32 MiB",
        proofs: &[system(
            "reliability::volume::a_read_of_a_million_records_is_bounded_whatever_its_limit_and_position",
        )],
    },
    Row {
        name: "one message of 10 MB; binary; NUL; bidi; 10,000 headers; tombstones; aborted transactions; compacted gaps; truncated log; each codec; batches of magic 0 and 1 (a clear error)",
        passes_when: "right, bounded, JSON valid, never stuck at an offset",
        proofs: &[
            system("reliability::odd_records::records_arrive_with_each_codec"),
            system(
                "reliability::odd_records::messages_of_the_formats_before_batches_are_refused_by_name_and_cost_no_other_partition",
            ),
            system(
                "reliability::odd_records::a_log_that_lost_its_end_is_read_to_where_it_ends_now",
            ),
            system(
                "reliability::odd_records::aborted_records_and_what_was_deleted_are_stepped_over",
            ),
            system(
                "reliability::odd_records::ten_megabytes_in_one_record_do_not_hold_up_the_one_after_it",
            ),
            system(
                "reliability::odd_records::binary_nul_bidi_tombstones_and_ten_thousand_headers_are_valid_json_and_told_apart",
            ),
            with_kafka("tools::ten_megabytes_in_one_record_come_back_as_a_preview"),
            with_kafka("tools::null_empty_and_binary_values_are_told_apart"),
            with_kafka("consume_transactions::*"),
            with_kafka("consume_recent::gaps_left_by_compaction_are_stepped_over"),
            with_kafka(
                "consume_positions::a_continuation_that_retention_has_overtaken_says_so_and_goes_on",
            ),
            with_kafka("foreign_writers::*"),
        ],
    },
    Row {
        name: "SIGTERM with 20 calls in flight, grace 5 s",
        passes_when: "new connections refused, readyz 503, short calls finish, long ones get `shutting_down`, exit 0 by 5.5 s; a second SIGTERM exits at once",
        proofs: &[
            system(
                "reliability::stopping::of_twenty_calls_in_flight_the_short_ones_finish_and_the_long_ones_are_told",
            ),
            it(SERVER, "http::a_signal_ends_long_calls_after_the_grace"),
            it(SERVER, "http::a_second_signal_ends_the_process_at_once"),
            it(MCP, "lifecycle::a_shutdown_ends_the_calls_in_flight"),
            unit(
                SERVER,
                "http::tests::draining_finishes_calls_in_flight_and_accepts_nothing_new",
            ),
            unit(SERVER, "readiness::tests::a_draining_server_is_not_ready"),
        ],
    },
    Row {
        name: "client disconnects; `notifications/cancelled`",
        passes_when: "Kafka work stops within 100 ms",
        proofs: &[
            system(
                "reliability::cancelling::a_cancelled_call_stops_the_work_on_kafka_within_a_tenth_of_a_second",
            ),
            system(
                "reliability::cancelling::a_client_that_goes_away_stops_the_work_on_kafka_within_a_tenth_of_a_second",
            ),
            it(
                MCP,
                "lifecycle::a_cancelled_call_ends_at_once_and_is_reported",
            ),
            unit(SERVER, "stdio::tests::a_cancelled_request_frees_its_place"),
        ],
    },
    Row {
        name: "64 file descriptors; disk full for a file store",
        passes_when: "sheds load, recovers, store not corrupted",
        proofs: &[
            system("reliability::limits::with_64_descriptors_it_sheds_load_and_recovers"),
            system(
                "proxy_mode::full_disk::a_login_that_cannot_be_kept_is_refused_and_the_next_one_succeeds_when_there_is_room",
            ),
        ],
    },
    Row {
        name: "soak with a fault every few seconds: 60 s in CI, 10 min and 2 h by command",
        passes_when: "RSS slope below 1 MB/h, descriptors flat, no panic",
        proofs: &[program(Tier::Hermetic, "cargo xtask soak --seconds 60")],
    },
];
