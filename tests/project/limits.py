"""The limits of docs/reference/limits.md: where each is in the code, and the tests at it and beyond it."""

from typing import NamedTuple


class Limit(NamedTuple):
    """One row of the page."""

    #: The beginning of the row.
    row: str
    #: A file and the text in it that sets the limit.
    code: tuple[tuple[str, str], ...]
    #: A file, and after `::` the name of a test at the limit or one beyond it, or the beginning of its title.
    tests: tuple[str, ...]


LIMITS = (
    Limit(
        "lines of a connector",
        (("server/connectors/read_budget.py", "BURST_LINES = 1000"),),
        (
            "tests/server/connectors/test_read_budget.py::test_a_peer_that_saved_nothing_reads_so_many_lines_a_second",
            "tests/server/connectors/test_read_budget.py::test_what_was_not_read_is_saved_up_to_a_bound",
            "tests/server/connectors/test_read_budget.py::test_long_lines_cost_more",
        ),
    ),
    Limit(
        "a line of a connector",
        (("server/connectors/pipes.py", "LONGEST_LINE = 1 << 20"),),
        (
            "tests/server/connectors/test_pipes.py::test_a_line_as_long_as_the_limit_is_read",
            "tests/server/connectors/test_pipes.py::test_a_line_that_is_too_long_is_dropped_whole",
        ),
    ),
    Limit(
        "lines of one process that are no events",
        (("server/connectors/line_checks.py", "MAX_UNREADABLE_LINES = 100"),),
        (
            "tests/api/test_unusable_connector.py::test_a_connector_may_write_so_many_lines_that_are_no_events",
        ),
    ),
    Limit(
        "events of one process that the front does not know",
        (("server/connectors/line_checks.py", "count == 10 ** (len(str(count)) - 1)"),),
        (
            "tests/api/test_unusable_connector.py::"
            "test_a_newer_connector_may_say_what_the_front_does_not_know_as_often_as_it_wants",
        ),
    ),
    Limit(
        "events of a session that wait for a front that knows them",
        (("connector/storage/spool.js", "MAX_WITHHELD_EVENTS = 10_000"),),
        ("tests/connector/storage/spool.test.js::10,000 events wait for a front that understands them",),
    ),
    Limit(
        "names of events in a hello",
        (("connector/ipc/commands.js", "MAX_EVENT_NAMES = 200"),),
        ("tests/connector/ipc/protocol.test.js::a front names so many events that it understands",),
    ),
    Limit(
        "log lines about one session",
        (("server/observability/log_rate_limit.py", "SESSION_LINES_PER_MINUTE = 120"),),
        ("tests/server/observability/test_session_log_filter.py::test_a_session_has_so_many_lines_a_minute",),
    ),
    Limit(
        "the payload of a QR code",
        (
            ("server/protocol/bounds.py", "Meta(max_length=2953)"),
            ("connector/ipc/bounds.js", "MAX_QR_BYTES = 2953"),
        ),
        ("tests/server/protocol/test_bounds.py::test_a_text_may_have_so_many_characters",),
    ),
    Limit(
        "the name of an account",
        (("connector/ipc/bounds.js", "MAX_NAME_LENGTH = 200"),),
        (
            "tests/connector/ipc/bounds.test.js::a name is cut",
            "tests/server/protocol/test_bounds.py::test_a_text_may_have_so_many_characters",
        ),
    ),
    Limit(
        "the text of a message",
        (("connector/ipc/bounds.js", "MAX_TEXT_LENGTH = 65_536"),),
        (
            "tests/connector/messages/normalize.test.js::a text of 65,536 characters is whole",
            "tests/server/protocol/test_bounds.py::test_a_text_may_have_so_many_characters",
        ),
    ),
    Limit(
        "the quoted text of a reply",
        (("connector/ipc/bounds.js", "MAX_QUOTE_LENGTH = 4_096"),),
        (
            "tests/connector/messages/content/bounded.test.js::the quoted text of a reply",
            "tests/server/protocol/test_bounds.py::test_a_part_of_a_message_has_bounds",
        ),
    ),
    Limit(
        "the quoted text of a reply that is sent",
        (
            ("server/protocol/bounds.py", "MAX_QUOTED_UNITS = 1_024"),
            ("connector/ipc/outgoing.js", "MAX_QUOTED_LENGTH = 1_024"),
        ),
        ("tests/api/sending/test_send.py::test_a_reply_quotes_the_beginning_of_a_long_text",),
    ),
    Limit(
        "mentions of a message",
        (("connector/ipc/bounds.js", "MAX_MENTIONS = 1_024"),),
        (
            "tests/connector/messages/content/bounded.test.js::a message mentions",
            "tests/server/protocol/test_bounds.py::test_a_part_of_a_message_has_bounds",
        ),
    ),
    Limit(
        "the name of a place, an address",
        (("connector/ipc/bounds.js", "MAX_LABEL_LENGTH = 4_096"),),
        (
            "tests/connector/messages/content/bounded.test.js::names in a message",
            "tests/server/protocol/test_bounds.py::test_a_part_of_a_message_has_bounds",
        ),
    ),
    Limit(
        "what a person chose",
        (("connector/ipc/bounds.js", "MAX_CHOICE_LENGTH = 32_768"),),
        (
            "tests/connector/messages/content/bounded.test.js::what a person chose",
            "tests/server/protocol/test_bounds.py::test_a_part_of_a_message_has_bounds",
        ),
    ),
    Limit(
        "the answers of a poll: 100",
        (
            ("connector/ipc/bounds.js", "MAX_OPTIONS = 100"),
            ("connector/ipc/bounds.js", "MAX_OPTION_LENGTH = 512"),
        ),
        (
            "tests/connector/messages/content/bounded.test.js::a poll has",
            "tests/server/protocol/test_bounds.py::test_a_part_of_a_message_has_bounds",
        ),
    ),
    Limit(
        "secrets of messages that a session keeps",
        (
            ("connector/messages/message_secrets.js", "REMEMBERED_MESSAGES = 10_000"),
            ("connector/messages/message_secrets.js", "REMEMBERED_POLLS = 1_000"),
        ),
        ("tests/connector/messages/content/sealed.test.js::secrets of 10,000 messages",),
    ),
    Limit(
        "addresses of a session without their number or LID",
        (("connector/messages/contact_links.js", "REMEMBERED_ADDRESSES = 10_000"),),
        ("tests/connector/messages/contact_links.test.js::ten thousand addresses",),
    ),
    Limit(
        "the texts of messages that were sent, and of polls, in a session's folder",
        (("connector/storage/retention.js", "LONGEST_MS = 30 * 86_400_000"),),
        (
            "tests/connector/storage/retention.test.js::a text is kept as long as the front keeps it",
            "tests/connector/storage/retention.test.js::nothing is kept for more than 30 days",
        ),
    ),
    Limit(
        "chats that a session remembers",
        (("server/outbound/retention.py", "MAX_CONTACTS = 100_000"),),
        (
            "tests/server/outbound/test_retention.py::"
            "test_so_many_chats_are_kept_and_one_more_costs_those_that_were_calm_for_longest",
        ),
    ),
    Limit(
        "the answers of a poll that are kept with its secret",
        (("connector/messages/message_secrets.js", "MAX_OPTIONS_LENGTH = 8_192"),),
        ("tests/connector/messages/content/sealed.test.js::the answers of a poll take 8,192 characters",),
    ),
    Limit(
        "log lines of a connector that one request reads",
        (("server/connectors/log_tail.py", "MAX_LINES = 500"),),
        (
            "tests/api/test_connector_logs.py::test_a_request_names_how_many_lines_up_to_a_limit",
            "tests/server/connectors/test_log_tail.py::test_only_the_end_of_a_file_is_read",
            "tests/server/connectors/test_log_tail.py::test_a_long_line_is_cut",
        ),
    ),
    Limit(
        "what a phone of the sandbox writes by the API",
        (
            ("server/api/resources/sandbox_messages.py", "MAX_TEXT_CHARACTERS = 10_000"),
            ("server/api/resources/sandbox_messages.py", "MAX_NAME_CHARACTERS = 100"),
        ),
        ("tests/api/test_sandbox_messages.py::test_what_a_phone_writes_has_a_longest_text",),
    ),
    Limit(
        "webhooks: 1,000",
        (("server/webhooks/service.py", "MAX_WEBHOOKS = 1000"),),
        ("tests/api/webhooks/test_rules.py::test_there_may_be_a_thousand_webhooks",),
    ),
    Limit(
        "webhooks of one API key that is bound to sessions",
        (("server/webhooks/share.py", "MAX_WEBHOOKS_OF_ONE_KEY = 100"),),
        ("tests/api/webhooks/test_keys.py::test_a_bound_key_leaves_webhooks_to_the_others",),
    ),
    Limit(
        "the URL of a webhook",
        (("server/api/schemas/webhook.py", "MAX_URL_CHARACTERS = 2000"),),
        ("tests/api/webhooks/test_rules.py::test_a_url_has_a_longest_text",),
    ),
    Limit(
        "headers of a webhook",
        (
            ("server/webhooks/rules.py", "MAX_HEADERS = 20"),
            ("server/webhooks/rules.py", "MAX_HEADER_BYTES = 4096"),
        ),
        ("tests/api/webhooks/test_rules.py::test_headers_have_a_largest_number_and_size",),
    ),
    Limit(
        "sessions that a webhook names",
        (("server/api/schemas/webhook.py", "MAX_SESSIONS = 1000"),),
        ("tests/api/webhooks/test_rules.py::test_a_webhook_names_a_thousand_sessions_at_most",),
    ),
    Limit(
        "`giveUpAfter` of a webhook",
        (("server/webhooks/schedule.py", "MAX_GIVE_UP_AFTER_SECONDS = 86_400"),),
        ("tests/api/webhooks/test_rules.py::test_an_event_is_given_up_after_a_day_at_the_latest",),
    ),
    Limit(
        "the look-up of a name when a webhook is made",
        (("server/webhooks/http_client.py", "LOOK_UP_SECONDS = 3.0"),),
        (
            "tests/server/webhooks/test_client_addresses.py::test_a_look_up_that_takes_too_long_refuses_no_address",
        ),
    ),
    Limit(
        "codes on their way to webhooks",
        (
            ("server/webhooks/once_sender.py", "MAX_AT_ONCE = 16"),
            ("server/webhooks/once_sender.py", "MAX_OF_ONE = 4"),
        ),
        (
            "tests/server/webhooks/test_code_sender.py::test_sixteen_codes_are_on_their_way_at_most",
            "tests/server/webhooks/test_passing_sender.py"
            "::test_sixteen_events_are_on_their_way_at_most_and_four_to_one_webhook",
            "tests/server/webhooks/test_passing_sender.py"
            "::test_one_webhook_has_four_events_on_their_way_at_most",
        ),
    ),
    Limit(
        "changes of who types that a session reports",
        (
            ("connector/messages/typing.js", "MAX_A_SECOND = 20"),
            ("connector/messages/typing.js", "GAP_MS = 1_000"),
        ),
        (
            "tests/connector/messages/typing.test.js::twenty lines go out in a second",
            "tests/connector/messages/typing.test.js::of a flood in one chat the first state",
        ),
    ),
    Limit(
        "people of whom a session knows whether they type",
        (("connector/messages/typing.js", "MAX_REMEMBERED = 1_000"),),
        ("tests/connector/messages/typing.test.js::twenty lines go out in a second",),
    ),
    Limit(
        "events that are in no log and wait for one stream",
        (("server/events/passing.py", "MAX_WAITING = 100"),),
        ("tests/server/events/test_passing.py::test_of_those_that_wait_for_one_who_is_slow_the_oldest_go",),
    ),
    Limit(
        "deliveries at the same time",
        (
            ("server/webhooks/target.py", "MAX_LANES = 8"),
            ("server/webhooks/slots.py", "MAX_SLOTS = 64"),
            ("server/webhooks/slots.py", "MAX_SLOW_SLOTS = 32"),
            ("server/webhooks/slots.py", "MAX_NEW_SLOTS = 16"),
            ("server/webhooks/slots.py", "MAX_AWAITED = 192"),
        ),
        (
            "tests/server/webhooks/test_slots.py::test_a_webhook_has_eight_lanes_at_most",
            "tests/server/webhooks/test_slots.py::test_there_are_sixty_four_slots",
            "tests/server/webhooks/test_slots.py::test_slow_webhooks_leave_half_of_the_slots_to_the_others",
            "tests/server/webhooks/test_slots.py::test_new_webhooks_have_sixteen_slots_and_one_each",
            "tests/server/webhooks/test_slots.py::"
            "test_a_new_webhook_that_does_not_answer_for_a_second_leaves_its_slot_to_the_next_one",
        ),
    ),
    Limit(
        "the time of a delivery",
        (
            ("server/webhooks/http_client.py", "TIMEOUT_SECONDS = 15.0"),
            ("server/webhooks/answers.py", "DRAIN_SECONDS = 1.0"),
        ),
        (
            "tests/server/webhooks/test_http_client.py"
            "::test_a_consumer_that_never_answers_ends_after_fifteen_seconds",
        ),
    ),
    Limit(
        "an answer of a webhook",
        (("server/webhooks/answers.py", "MAX_ANSWER_BYTES = 64 * 1024"),),
        ("tests/server/webhooks/test_http_client.py::test_an_answer_is_read_up_to_64_kib",),
    ),
    Limit(
        "answers such as 103 that a server sends before its answer",
        (("server/webhooks/connections.py", "MAX_INTERIM_ANSWERS = 10"),),
        ("tests/server/webhooks/test_floods.py::test_ten_interim_answers_may_come_to_each_request",),
    ),
    Limit(
        "all that a server sends for one delivery",
        (
            ("server/webhooks/connections.py", "MAX_RECEIVED_BYTES = 80 * 1024"),
            ("server/webhooks/connections.py", "RECEIVE_BUFFER_BYTES = 8 * 1024"),
        ),
        (
            "tests/server/webhooks/test_floods.py::test_the_sizes_of_chunks_count_as_bytes_of_an_answer",
            "tests/server/webhooks/test_floods.py::test_a_server_that_floods_does_not_stop_the_event_loop",
        ),
    ),
    Limit(
        "connections of one try on which a server answers",
        (("server/webhooks/http_client.py", "MAX_OUT_OF_STEP = 10"),),
        (
            "tests/server/webhooks/test_floods.py"
            "::test_a_server_that_always_answers_before_the_request_gets_ten_connections",
        ),
    ),
    Limit(
        "tests of webhooks that wait for an answer",
        (
            ("server/webhooks/tests_at_once.py", "MAX_TESTS = 8"),
            ("server/webhooks/tests_at_once.py", "MAX_TESTS_OF_ONE_KEY = 2"),
        ),
        (
            "tests/api/webhooks/test_deliveries.py"
            "::test_two_tests_of_a_key_wait_for_an_answer_and_eight_of_all_keys",
        ),
    ),
    Limit(
        "bytes of a delivery that a server does not take",
        (("server/webhooks/http_client.py", "UNSENT_MS = 20_000"),),
        (
            "tests/server/webhooks/test_hostile_answers.py"
            "::test_a_consumer_that_takes_no_bytes_keeps_no_socket",
        ),
    ),
    Limit(
        "`Retry-After` of a webhook",
        (("server/webhooks/schedule.py", "MAX_RETRY_AFTER_SECONDS = 3600.0"),),
        ("tests/server/webhooks/test_retries.py::test_retry_after_is_heeded_up_to_an_hour",),
    ),
    Limit(
        "tries of an event that a webhook refuses",
        (("server/webhooks/schedule.py", "MAX_REFUSED_TRIES = 3"),),
        ("tests/server/webhooks/test_retries.py::test_the_lane_goes_on_behind_an_event_that_is_dead",),
    ),
    Limit(
        "dead events of a webhook that are in memory",
        (("server/webhooks/target.py", "MAX_REPLAYS = 1000"),),
        (
            "tests/server/webhooks/test_dead_letters.py"
            "::test_dead_letters_are_replayed_a_part_at_a_time_until_none_is_left",
        ),
    ),
    Limit(
        "deliveries between two reports of the process that delivers",
        (("server/webhooks/report.py", "MAX_COUNTS = 10_000"),),
        ("tests/server/webhooks/test_report.py::test_a_report_counts_as_many_tries_as_a_line_holds",),
    ),
    Limit(
        "silence of the process that delivers",
        (
            ("server/webhooks/keeper.py", "SILENT_SECONDS = 10.0"),
            ("server/webhooks/keeper.py", "START_SECONDS = 60.0"),
            ("server/webhooks/keeper.py", "THAW_SECONDS = 1.0"),
        ),
        (
            "tests/server/webhooks/keeper/test_kills.py"
            "::test_a_process_that_hangs_is_killed_and_another_one_delivers",
            "tests/server/webhooks/keeper/test_kills.py"
            "::test_a_front_that_stood_still_kills_no_process_that_did_not",
        ),
    ),
    Limit(
        "log of the deliveries of a webhook",
        (("store/sqlite/webhook_progress.py", "MAX_TRIES = 200"),),
        ("tests/store/test_webhooks.py::test_two_hundred_tries_are_kept",),
    ),
    Limit(
        "a response to a command",
        (("server/cli/common/client.py", "MAX_RESPONSE_BYTES = 16 << 20"),),
        (
            "tests/cli/test_target.py"
            "::test_an_answer_that_is_larger_than_any_of_a_motte_is_not_read_to_its_end",
        ),
    ),
    Limit(
        "a file with an API key",
        (("server/cli/serve/endpoints.py", "MAX_KEY_CHARACTERS = 4096"),),
        ("tests/cli/test_target.py::test_a_key_file_has_4096_characters_at_most",),
    ),
    Limit(
        "events of a session that wait for the front",
        (("connector/storage/spool.js", "MAX_SPOOL_BYTES = 32 * 2 ** 20"),),
        (
            "tests/connector/storage/spool.test.js::a spool of as many bytes as the limit",
            "tests/connector/messages/skipped.test.js::while too many messages wait for the front",
        ),
    ),
    Limit(
        "messages of a session that are kept",
        (("store/records/messages.py", "number: int = 100_000"),),
        ("tests/store/test_message_bound.py::test_as_many_as_the_bound_stay_and_one_more_costs_the_oldest",),
    ),
    Limit(
        "the messages of a session, in bytes",
        (("store/records/messages.py", "bytes: int = 100 * 2**20"),),
        (
            "tests/store/test_message_bound.py"
            "::test_as_many_bytes_as_the_bound_stay_and_one_more_costs_the_oldest",
        ),
    ),
    Limit(
        "events of a session in the event log",
        (
            ("store/records/events.py", "number: int = 200_000"),
            ("store/records/events.py", "bytes: int = 200 * 2**20"),
        ),
        ("tests/store/test_event_removal.py::test_a_session_may_have_so_many",),
    ),
    Limit(
        "the age of an event",
        (
            ("server/events/retention.py", "KEPT_SECONDS = 86_400.0"),
            ("server/events/retention.py", "HELD_SECONDS = 86_400.0"),
        ),
        (
            "tests/server/events/test_retention.py::test_an_event_is_kept_for_a_day_and_not_a_millisecond_longer",
            "tests/server/events/test_retention.py::test_an_event_that_a_webhook_has_still_to_get_is_held",
        ),
    ),
    Limit(
        "a page of events",
        (("store/sqlite/event_pages.py", "PAGE_BYTES = 4 * 2**20"),),
        ("tests/store/test_events.py::test_a_page_ends_after_the_event_that_exceeds_its_bytes",),
    ),
    Limit(
        "logins of browsers with one key",
        (("store/sqlite/logins.py", "MAX_PER_KEY = 100"),),
        ("tests/store/test_logins.py::test_a_key_has_so_many_logins_and_one_more_ends_the_oldest",),
    ),
    Limit(
        "sessions and keys that a front keeps in memory",
        (
            ("store/sqlite/memory.py", "MAX_ROWS = 2000"),
            ("server/api/rendered_sessions.py", "MAX_RENDERED = 1000"),
        ),
        (
            "tests/store/test_memory.py::test_of_many_rows_the_oldest_are_read_again",
            "tests/api/live_reads/test_live_reads.py::test_of_many_responses_the_oldest_are_made_again",
        ),
    ),
    Limit(
        "a phone number:",
        (("server/protocol/bounds.py", "Meta(max_length=15"),),
        ("tests/server/protocol/test_bounds.py::test_a_phone_number_has_fifteen_digits_at_most",),
    ),
    Limit(
        "a stanza of WhatsApp, inflated",
        (("connector/network/inbound_limits.js", "MAX_STANZA_BYTES = 2 ** 24"),),
        (
            "tests/connector/network/inbound_limits.test.js::a stanza may inflate to what a frame can hold",
            "tests/connector/network/inbound_limits.test.js::a stanza that inflates to more is refused",
        ),
    ),
    Limit(
        "a WebSocket message of WhatsApp, inflated",
        (("connector/network/inbound_limits.js", "MAX_MESSAGE_BYTES = MAX_STANZA_BYTES + 2 ** 20"),),
        (
            "tests/connector/network/inbound_limits.test.js::a ${how} message of the limit is taken",
            "tests/connector/network/inbound_limits.test.js::a ${how} message of one byte more is refused",
        ),
    ),
    Limit(
        "fragments of a WebSocket message",
        (("connector/network/inbound_limits.js", "MAX_FRAGMENTS = 2 ** 14"),),
        (
            "tests/connector/network/inbound_limits.test.js::a message of as many fragments as the limit",
            "tests/connector/network/inbound_limits.test.js::a message of ${fragments} fragments is refused",
        ),
    ),
    Limit(
        "memory of a session's process, resident",
        (("server/core/settings/model.py", "connector_memory: int = 256"),),
        (
            "tests/connector/process/memory_limit.test.js::a process below its limit is never recycled",
            "tests/connector/process/memory_limit.test.js::a process above its limit is recycled once",
            "tests/connector/process/memory_limit.test.js::a process that is never idle is recycled",
        ),
    ),
    Limit(
        "the JavaScript heap of a session's process",
        (("supervisord.conf", "--max-old-space-size="),),
        (
            "tests/supervisor_plugin/test_data_limit.py::test_the_heap_of_a_connector_has_the_memory_of_the_setting",
            "tests/supervisor_plugin/test_data_limit.py::test_a_heap_grows_to_its_limit_and_node_ends_beyond_it",
        ),
    ),
    Limit(
        "memory of a session's process in addition",
        (("server/supervisor_plugin/data_limit.py", "FACTOR = 2"),),
        (
            "tests/supervisor_plugin/test_data_limit.py::test_node_uses_no_more_than_that_outside_of_its_heap_either",
            "tests/supervisor_plugin/test_data_limit.py::test_a_connector_has_twice_its_memory",
        ),
    ),
    Limit(
        "a reason",
        (
            ("connector/ipc/bounds.js", "MAX_REASON_CODE_LENGTH = 64"),
            ("connector/ipc/bounds.js", "MAX_REASON_DETAIL_LENGTH = 500"),
        ),
        ("tests/server/protocol/test_bounds.py::test_a_reason_has_so_many_characters",),
    ),
    Limit(
        "sessions:",
        (("server/core/settings/model.py", "max_sessions: int = 1000"),),
        (
            "tests/server/sessions/test_admission.py::test_as_many_sessions_as_the_setting_says_may_be_made",
            "tests/api/test_full_host.py::test_one_session_more_than_the_setting_allows_is_refused",
        ),
    ),
    Limit(
        "free memory",
        (("server/core/settings/model.py", "min_free_memory: int = 128"),),
        (
            "tests/server/sessions/test_admission.py::test_as_much_memory_as_the_setting_says_stays_free",
            "tests/server/sessions/test_admission.py::"
            "test_a_session_is_refused_for_lack_of_memory_only_once_there_are_no_spares",
            "tests/server/sessions/test_admission.py::test_a_create_leaves_memory_to_the_processes_that_start_before_its_own",
            "tests/server/sessions/test_admission.py::test_a_start_leaves_memory_to_the_processes_that_are_loading",
            "tests/api/test_full_host.py::test_without_free_memory_paired_sessions_start_and_no_others",
        ),
    ),
    Limit(
        "processes of sessions that load",
        (("server/core/settings/model.py", "start_concurrency: int | None = None"),),
        ("tests/server/connectors/test_start_limiter.py::test_as_many_load_at_once_as_there_are_places",),
    ),
    Limit(
        "connections of clients",
        (
            ("server/api/connection_limit.py", "MIN_CONNECTIONS = 32"),
            ("server/api/connection_limit.py", "MAX_RESERVED_FILES = 1024"),
        ),
        (
            "tests/server/api/test_connection_limit.py::test_as_many_connections_as_the_limit_allows_stay_open",
            "tests/server/api/test_connection_limit.py::test_one_more_closes_the_one_that_is_idle_for_longest",
            "tests/server/api/test_connection_limit.py::test_a_new_connection_is_refused_if_none_is_idle",
            "tests/server/api/test_connection_limit.py::test_some_connections_are_served_however_many_sessions_there_are",
            "tests/server/api/test_connection_limit.py::test_a_tenth_of_the_descriptors_stays_free",
            "tests/api/test_many_connections.py::test_a_connection_is_told_that_the_host_is_overloaded",
        ),
    ),
    Limit(
        "streams of events: half",
        (("server/streams/stream_limit.py", "SHARE_OF_FILES = 2"),),
        ("tests/api/test_many_connections.py::test_streams_of_one_caller_take_half",),
    ),
    Limit(
        "streams of events of one API key",
        (("server/streams/stream_limit.py", "SHARE_OF_STREAMS = 2"),),
        ("tests/api/test_many_connections.py::test_streams_of_one_caller_take_half",),
    ),
    Limit(
        "requests with `Prefer: wait` of keys that are bound to sessions",
        (("server/api/waiting.py", "stream_limit.slot(caller.current())"),),
        ("tests/api/test_many_connections.py::test_waits_of_a_bound_key_count_as_its_streams",),
    ),
    Limit(
        "log lines about closed connections",
        (
            ("server/api/connection_limit.py", "LINES_PER_MINUTE = 6"),
            ("server/observability/loop_errors.py", "LINES_PER_MINUTE = 30"),
        ),
        (
            "tests/server/api/test_connection_limit.py::test_refused_connections_leave_six_lines_a_minute",
            "tests/server/observability/test_loop_errors.py::test_one_error_after_the_other_leaves_a_number_of_lines",
        ),
    ),
    Limit(
        "pairing codes that scan links request",
        (("server/auth/pairing_limiter.py", "MAX_PER_SESSION = 10"),),
        ("tests/server/auth/test_pairing_limiter.py::test_a_session_has_ten_requests_in_ten_minutes",),
    ),
    Limit(
        "the manifest of a backup",
        (("server/cli/backup/archive.py", "MAX_MANIFEST_BYTES = 100_000_000"),),
        ("tests/cli/backups/test_archive.py::test_a_manifest_has_a_largest_size",),
    ),
    Limit(
        "files in a backup",
        (("server/cli/backup/archive.py", "MAX_MEMBERS = 100_000"),),
        ("tests/cli/backups/test_archive.py::test_a_backup_holds_up_to_a_number_of_files",),
    ),
    Limit(
        "the size of a backup",
        (("server/cli/backup/restore.py", "RESERVED_BYTES = 10 * MIB"),),
        (
            "tests/cli/backups/test_archive.py::test_a_backup_needs_its_size_and_ten_mebibytes_of_free_space",
            "tests/cli/backups/test_archive.py::test_a_backup_that_claims_more_than_there_is_room_for",
        ),
    ),
    Limit(
        "open files",
        (("server/cli/serve/host.py", "MIN_OPEN_FILES = 128"),),
        (
            "tests/cli/test_host.py::test_as_many_open_files_as_are_needed_are_enough_and_one_fewer_is_refused",
            "tests/cli/test_host.py::test_enough_open_files_are_no_warning",
        ),
    ),
    Limit(
        "processes and threads",
        (("server/cli/serve/host.py", "MIN_PROCESSES = 64"),),
        ("tests/cli/test_host.py::test_a_user_may_have_as_many_processes_as_are_needed",),
    ),
    Limit(
        "bytes in a file",
        (("server/cli/serve/host.py", "MIN_FILE_BYTES = 64 * 2**20"),),
        ("tests/cli/test_host.py::test_a_file_may_be_as_large_as_is_needed_and_one_byte_less_is_refused",),
    ),
    Limit(
        "wrong API keys",
        (
            ("server/auth/failed_auth_limiter.py", "MAX_PER_ADDRESS = 10"),
            ("server/auth/failed_auth_limiter.py", "MAX_IN_TOTAL = 100"),
        ),
        (
            "tests/server/auth/test_failed_auth_limiter.py::test_ten_wrong_keys_a_minute_are_mistakes_and_more_are_refused",
            "tests/server/auth/test_failed_auth_limiter.py::test_a_hundred_thousand_addresses_are_refused_together",
        ),
    ),
    Limit(
        "API keys that could be guessed",
        (("server/auth/failed_auth_limiter.py", "MAX_ADDRESSES = 10_000"),),
        (
            "tests/server/auth/test_failed_auth_limiter.py::test_ten_guesses_of_an_address_are_looked_up_in_a_minute",
            "tests/server/auth/test_failed_auth_limiter.py::test_after_a_hundred_wrong_keys_of_all_addresses_each_address_has_one_guess",
            "tests/server/auth/test_failed_auth_limiter.py::test_addresses_that_are_not_remembered_have_no_guess",
        ),
    ),
    Limit(
        "an API key that a person chose",
        (
            ("server/core/settings/validators.py", "MIN_API_KEY_CHARACTERS = 32"),
            ("server/core/settings/validators.py", "MIN_API_KEY_DIFFERENT_CHARACTERS = 6"),
        ),
        ("tests/server/core/test_settings.py::test_a_key_that_could_be_guessed_is_refused",),
    ),
    Limit(
        "checks for `/readyz`",
        (("server/observability/readiness.py", "READY_SECONDS = 5.0"),),
        (
            "tests/api/test_readiness.py::test_probes_write_to_the_disk_once_in_a_while",
            "tests/api/test_readiness.py::test_a_front_that_is_not_ready_says_so_and_soon_after",
        ),
    ),
    Limit(
        "a body:",
        (("server/api/route.py", "MAX_BODY_BYTES = 64 * 1024"),),
        ("tests/api/test_problems.py::test_a_body_has_a_largest_size",),
    ),
    Limit(
        "the body of a message to send",
        (("server/api/resources/sending.py", "MAX_SEND_BYTES = 512 * 1024"),),
        ("tests/api/sending/test_bad_input.py::test_the_body_of_a_message_may_be_so_large_and_no_larger",),
    ),
    Limit(
        "the text of a message to send",
        (("server/protocol/bounds.py", "MAX_TEXT_UNITS = 65_536"),),
        ("tests/server/api/schemas/test_new_message.py::test_a_text_may_have_so_many_units_and_no_more",),
    ),
    Limit(
        "mentions: 1,024",
        (
            ("server/protocol/bounds.py", "MAX_MENTIONS = 1_024"),
            ("server/api/schemas/new_message.py", "MAX_PHONE_NUMBERS = 20"),
            ("server/api/schemas/new_message.py", "MAX_VCARD_LENGTH = 16_384"),
        ),
        ("tests/server/api/schemas/test_new_message.py::test_a_list_or_a_card_may_be_so_long_and_no_longer",),
    ),
    Limit(
        "typing before a message",
        (
            ("server/api/schemas/new_message.py", "MAX_TYPING_SECONDS = 10"),
            ("server/api/resources/chats.py", "MAX_TYPING_SECONDS = 25"),
        ),
        (
            "tests/server/api/schemas/test_new_message.py::test_a_number_may_be_so_large_and_no_larger",
            "tests/api/sending/test_chats.py::test_typing_may_last_so_long_and_no_longer",
        ),
    ),
    Limit(
        "the time after which a message is not sent",
        (
            ("server/api/schemas/new_message.py", "MAX_TTL_SECONDS = 7 * 86_400"),
            ("connector/outbound/sent.js", "LONGEST_WAIT_MS = 604_800_000"),
        ),
        (
            "tests/server/api/schemas/test_new_message.py::test_a_number_may_be_so_large_and_no_larger",
            "tests/connector/storage/retention.test.js::a message that WhatsApp may still take keeps",
        ),
    ),
    Limit(
        "an edit",
        (
            ("server/outbound/windows.py", "EDIT_WINDOW_MS = 15 * 60_000"),
            ("server/outbound/windows.py", "REVOKE_WINDOW_MS = 60 * 3_600_000"),
            ("server/outbound/windows.py", "GRACE_MS = 5 * 60_000"),
        ),
        (
            "tests/api/sending/test_outbox.py::test_an_edit_and_a_revoke_have_their_time",
            "tests/server/outbound/test_handing.py::"
            "test_an_edit_and_a_revoke_are_handed_over_as_long_as_they_are_of_use_to_what_they_change",
            "tests/server/outbound/test_handing.py::test_one_that_waited_for_longer_expires",
        ),
    ),
    Limit(
        "an idempotency key",
        (
            ("server/outbound/idempotency.py", "MAX_KEY_LENGTH = 255"),
            ("server/outbound/idempotency.py", "KEPT_SECONDS = 86_400"),
        ),
        (
            "tests/server/outbound/test_idempotency.py::test_a_key_is_visible_text",
            "tests/server/outbound/test_idempotency.py::test_any_other_key_is_refused_with_the_rule",
            "tests/api/sending/test_idempotency.py::test_a_key_is_kept_for_a_day_after_its_message_ended",
        ),
    ),
    Limit(
        "messages of a session that wait to be sent",
        (
            ("server/outbound/outbox.py", "MAX_QUEUED = 10_000"),
            ("server/outbound/outbox.py", "MAX_QUEUED_BYTES = 64 * 2**20"),
        ),
        ("tests/api/sending/test_outbox.py::test_an_outbox_holds_so_many_messages_and_no_more",),
    ),
    Limit(
        "messages on their way at once",
        (("server/outbound/dispatcher.py", "AT_ONCE = 16"),),
        (
            "tests/api/sending/test_send.py"
            "::test_in_a_chat_one_message_is_on_its_way_at_a_time_and_sixteen_chats_at_once",
        ),
    ),
    Limit(
        "messages that a session sends",
        (
            ("server/core/settings/model.py", "send_rate: float = 1.0"),
            ("server/outbound/pacing.py", "BURST = 5"),
            ("server/outbound/pacing.py", "JITTER = 0.3"),
        ),
        (
            "tests/server/outbound/test_pacing.py::test_five_go_at_once_and_the_sixth_waits",
            "tests/api/sending/test_pace.py::test_five_go_at_once_and_then_about_one_in_a_second",
        ),
    ),
    Limit(
        "first messages of a session to new chats",
        (("server/core/settings/model.py", "new_chat_rate: float = 6.0"),),
        (
            "tests/api/sending/test_pace.py"
            "::test_six_new_chats_in_a_minute_after_five_at_once_and_known_chats_do_not_wait",
        ),
    ),
    Limit(
        "numbers that a session looks up",
        (("server/outbound/contact_checks.py", "QUESTIONS_PER_MINUTE = 10"),),
        ("tests/api/sending/test_chats.py::test_ten_numbers_a_minute_are_looked_up_and_no_more",),
    ),
    Limit(
        "messages that one request marks as read",
        (("server/sessions/chats.py", "MAX_MARKED = 200"),),
        ("tests/api/sending/test_chats.py::test_one_request_marks_so_many_messages_and_no_more",),
    ),
    Limit(
        "the address of a request",
        (("server/api/request_head.py", "MAX_ADDRESS_BYTES = 8190"),),
        ("tests/api/test_request_heads.py::test_the_address_of_a_request_has_a_largest_size",),
    ),
    Limit(
        "the address and the headers",
        (("server/api/request_head.py", "MAX_HEAD_BYTES = 64 * 1024"),),
        ("tests/api/test_request_heads.py::test_the_headers_of_a_request_have_a_largest_size_and_number",),
    ),
    Limit(
        "headers of a request",
        (("server/api/request_head.py", "MAX_HEADERS = 128"),),
        ("tests/api/test_request_heads.py::test_the_headers_of_a_request_have_a_largest_size_and_number",),
    ),
    Limit(
        "a phone number in a request",
        (("server/domain/phone_numbers.py", "MAX_CHARACTERS = 64"),),
        (
            "tests/server/domain/test_phone_numbers.py::test_a_number_has_a_longest_form",
            "tests/server/domain/test_phone_numbers.py::test_what_is_no_number_with_a_country_code_is_refused",
            "tests/api/test_pairing_code.py::test_a_number_that_is_none_is_refused",
        ),
    ),
    Limit(
        "the id of a session",
        (("server/core/paths.py", "{0,63}"),),
        ("tests/api/test_limits.py::test_an_id_has_sixty_four_characters_at_most",),
    ),
    Limit(
        "the name of a session",
        (("server/api/schemas/session_fields.py", "NAME_MAX_LENGTH = 100"),),
        ("tests/api/test_limits.py::test_a_field_of_a_session_has_a_longest_text",),
    ),
    Limit(
        "the name of the device",
        (("server/api/schemas/session_fields.py", "DEVICE_NAME_MAX_LENGTH = 50"),),
        ("tests/api/test_limits.py::test_a_field_of_a_session_has_a_longest_text",),
    ),
    Limit(
        "the URL of a proxy",
        (("server/core/proxies.py", "MAX_URL_CHARACTERS = 2_000"),),
        (
            "tests/api/test_limits.py::test_the_url_of_a_proxy_has_a_longest_text",
            "tests/server/core/test_proxies.py::test_the_longest_credentials_are_read_again",
        ),
    ),
    Limit(
        "the items of a page",
        (("server/api/schemas/cursors.py", "PAGE_LIMIT = 200"),),
        ("tests/api/test_limits.py::test_a_page_has_a_largest_size",),
    ),
    Limit(
        "the width of a picture",
        (("server/api/resources/qr.py", "msgspec.Meta(ge=64, le=2048)"),),
        ("tests/api/test_limits.py::test_a_picture_has_a_smallest_and_a_largest_size",),
    ),
    Limit(
        "the id of a request",
        (("server/observability/request_id.py", "{1,128}"),),
        ("tests/api/test_limits.py::test_the_id_of_a_request_has_a_longest_text",),
    ),
    Limit(
        "the time of a scan link",
        (("server/auth/scan_links.py", "MAX_LIFETIME_SECONDS = 86_400"),),
        ("tests/api/test_limits.py::test_a_scan_link_has_a_shortest_and_a_longest_time",),
    ),
    Limit(
        "clients that may have the page",
        (("server/auth/concurrency_limit.py", "MAX_PER_SESSION = 20"),),
        (
            "tests/api/test_scan_links.py::test_a_link_is_not_open_more_often",
            "tests/api/test_scan_links.py::test_a_picture_is_not_waited_for_more_often",
            "tests/api/test_stream_errors.py::test_the_stream_of_a_link_that_is_open_too_often",
        ),
    ),
    Limit(
        "requests of one API key",
        (("server/core/settings/model.py", "rate_limit: float | None = None"),),
        (
            "tests/server/auth/test_rate_limiter.py::test_a_key_may_ask_a_second_s_worth_at_once",
            "tests/server/auth/test_rate_limiter.py::test_without_a_rate_a_key_may_ask_as_often",
        ),
    ),
    Limit(
        "the time of a login",
        (("server/auth/login_cookies.py", "LIFETIME_SECONDS = 12 * 3600"),),
        ("tests/api/test_dashboard.py::test_a_login_lasts_for_twelve_hours",),
    ),
    Limit(
        "the wait that a read may ask for",
        (("server/api/prefer_header.py", "MAX_WAIT_SECONDS = 60"),),
        (
            "tests/server/api/test_prefer_header.py::test_what_can_be_read_is_honoured",
            "tests/api/test_wait.py::test_no_wait_is_longer_than_a_minute",
        ),
    ),
    Limit(
        "the wait of a create",
        (("server/core/settings/model.py", "qr_timeout: float = 30.0"),),
        ("tests/api/test_create.py::test_a_create_that_gets_no_code_in_time",),
    ),
    Limit(
        "the wait of a read for a new code",
        (("server/core/settings/model.py", "refresh_timeout: float = 15.0"),),
        ("tests/api/test_read.py::test_a_read_that_gets_no_code_in_time",),
    ),
    Limit(
        "the time for the head of a request",
        (("server/api/http_protocol.py", "HEAD_TIMEOUT_SECONDS = 15.0"),),
        ("tests/api/test_slow_clients.py::test_half_a_head_is_answered_once_its_time_is_up",),
    ),
    Limit(
        "the time for a body",
        (("server/api/middlewares.py", "BODY_TIMEOUT_SECONDS = 30.0"),),
        ("tests/api/test_slow_clients.py::test_a_body_that_never_ends_is_answered_once_its_time_is_up",),
    ),
    Limit(
        "the time in which a client must read 16 KiB",
        (
            ("server/api/reader_timer.py", "READ_TIMEOUT_SECONDS = 30.0"),
            ("server/api/reader_timer.py", "MIN_READ_BYTES = 16 * 1024"),
        ),
        (
            "tests/api/test_slow_clients.py::test_a_reader_that_takes_nothing_is_cut_off",
            "tests/api/test_slow_clients.py::test_a_reader_that_leaves_the_last_bytes",
        ),
    ),
    Limit(
        "the time of a connection between two requests",
        (("server/api/http_server.py", "KEEP_ALIVE_SECONDS = 75.0"),),
        ("tests/api/test_slow_clients.py::test_a_connection_that_idles_longer_than_a_proxy_would",),
    ),
    Limit(
        "the time in which a client must read from a stream",
        (("server/api/sse_response.py", "WRITE_TIMEOUT_SECONDS = 10.0"),),
        ("tests/server/api/test_sse_response.py::test_a_reader_that_takes_nothing_is_hung_up_on",),
    ),
    Limit(
        "events of the log in the memory of a front",
        (
            ("server/streams/event_tail.py", "MAX_EVENTS = 1024"),
            ("server/streams/event_tail.py", "MAX_BYTES = 8 * 2**20"),
        ),
        (
            "tests/server/streams/test_event_tail.py::test_the_newest_events_are_in_memory_up_to_a_number",
            "tests/server/streams/test_event_tail.py::test_the_newest_events_are_in_memory_up_to_their_bytes",
            "tests/api/test_missed_events.py::test_a_reader_that_cannot_keep_up_misses_nothing",
        ),
    ),
    Limit(
        "changes of sessions that a scan page may fall behind",
        (("server/streams/event_buffer.py", "MAX_ENTRIES = 1024"),),
        ("tests/server/streams/test_event_buffer.py::test_what_is_no_longer_kept_is_lost",),
    ),
    Limit(
        "pings that a connector may leave unanswered",
        (
            ("server/connectors/heartbeat.py", "MAX_UNANSWERED_PINGS = 3"),
            ("server/connectors/heartbeat.py", "PING_SECONDS = 5.0"),
            ("server/connectors/heartbeat.py", "ANSWERED_EVERY = 2"),
        ),
        ("tests/api/test_heartbeat.py::test_a_deaf_connector_is_killed_after_three_pings",),
    ),
    Limit(
        "crashes after which a connector",
        (
            ("server/supervisor_plugin/restart_policy.py", "MAX_IMMEDIATE_RESTARTS = 4"),
            ("server/supervisor_plugin/restart_policy.py", "IMMEDIATE_WINDOW_SECONDS = 60.0"),
            ("supervisord.conf", "steady_after = 5"),
        ),
        (
            "tests/supervisor_plugin/test_restart_policy.py"
            "::test_starts_at_once_are_few_within_a_minute_and_delays_go_on_as_if_there_had_been_none",
            "tests/supervisor_plugin/test_restart_policy.py"
            "::test_a_connector_that_was_steady_is_started_again_at_once_and_the_crash_counts",
        ),
    ),
    Limit(
        "crashes of a connector of",
        (("supervisord.conf", "tries = 5"),),
        (
            "tests/supervisor_plugin/test_restart_policy.py"
            "::test_the_delay_doubles_with_each_crash_and_the_fifth_crash_is_the_last",
        ),
    ),
    Limit(
        "the time that a message may take",
        (("connector/messages/order.js", "message: 20"),),
        (
            "tests/connector/messages/deadlines.test.js::a message has 20 seconds, and no more",
            "tests/connector/messages/skipped.test.js::a message whose sender cannot be looked up is skipped",
        ),
    ),
    Limit(
        "requests for another copy",
        (
            ("connector/messages/undecryptable.js", "MAX_RETRY_REQUESTS = 5"),
            ("connector/messages/undecryptable.js", "READABLE_COPY_TIMEOUT_MS = 300_000"),
        ),
        (
            "tests/connector/messages/dedup.test.js::a message without a readable copy is reported once",
            "tests/connector/messages/dedup.test.js::a readable copy is waited for five minutes",
        ),
    ),
    Limit(
        "messages that a connector recognizes",
        (("connector/messages/dedup.js", "REMEMBERED_MESSAGES = 10_000"),),
        ("tests/connector/messages/dedup.test.js::the last ten thousand messages are recognized",),
    ),
    Limit(
        "messages that a connector keeps to send them again",
        (("connector/outbound/sent.js", "MAX_KEPT_MESSAGES = 10_000"),),
        ("tests/connector/outbound/sent.test.js::the newest 10,000 messages are kept",),
    ),
    Limit(
        "messages of one receipt that a connector does not keep",
        (("connector/outbound/moves.js", "MAX_UNKNOWN_IDS = 100"),),
        ("tests/connector/outbound/sent.test.js::one receipt tells of 100 messages",),
    ),
    Limit(
        "how often a message is prepared",
        (("connector/outbound/attempts.js", "PAUSE_SECONDS = [2, 10, 30]"),),
        ("tests/connector/outbound/unanswered_queries.test.js::a text for which WhatsApp never answers",),
    ),
    Limit(
        "how often one message is handed to WhatsApp",
        (("connector/outbound/attempts.js", "MAX_ATTEMPTS = 8"),),
        ("tests/connector/outbound/doubt.test.js::a message that WhatsApp never confirms fails",),
    ),
    Limit(
        "the time that WhatsApp may take to confirm a message",
        (("connector/outbound/attempts.js", "SEND_TIMEOUT_SECONDS = { ack: 20"),),
        ("tests/connector/outbound/doubt.test.js::a text that nobody confirms in time",),
    ),
    Limit(
        "accounts whose devices a connector remembers",
        (("connector/outbound/device_cache.js", "MAX_ACCOUNTS = 5_000"),),
        ("tests/connector/outbound/caches.test.js::of 5,000 accounts are kept",),
    ),
    Limit(
        "groups whose members a connector remembers",
        (("connector/outbound/group_cache.js", "MAX_GROUPS = 200"),),
        ("tests/connector/outbound/caches.test.js::are kept of 200 groups",),
    ),
    Limit(
        "people that one text mentions",
        (("connector/ipc/outgoing.js", "MAX_MENTIONS = 1_024"),),
        ("tests/connector/ipc/protocol.test.js::so many people are mentioned",),
    ),
    Limit(
        "messages that one command marks as read",
        (("connector/ipc/commands.js", "MAX_READ_KEYS = 1_000"),),
        ("tests/connector/ipc/protocol.test.js::so many messages are marked as read",),
    ),
    Limit(
        "read marks that a connector gets after an opening",
        (
            ("server/sessions/chats.py", "MAX_OWED = 1_000"),
            ("connector/outbound/read_marks.js", "MAX_OWED_MARKS = 1_000"),
        ),
        (
            "tests/store/test_read_marks.py::test_the_newest_marks_are_given_and_the_oldest_of_them_first",
            "tests/connector/outbound/read_marks.test.js::1,000 marks wait for WhatsApp",
        ),
    ),
    Limit(
        "messages that one receipt to WhatsApp marks as read",
        (("connector/outbound/read_marks.js", "MAX_RECEIPT_MESSAGES = 200"),),
        ("tests/connector/outbound/read_marks.test.js::one receipt names 200 messages",),
    ),
    Limit(
        "messages that one `read_marked` names",
        (("server/protocol/events/messages.py", "MAX_MARKED_MESSAGES = 1_000"),),
        ("tests/server/protocol/test_bounds.py::test_one_event_names_so_many_read_messages",),
    ),
    Limit(
        "the time for which a chat is shown that somebody types",
        (("connector/ipc/commands.js", "MAX_TYPING_SECONDS = 25"),),
        ("tests/connector/ipc/protocol.test.js::a chat is shown for 25 seconds",),
    ),
    Limit(
        "what is inflated of a history",
        (
            ("connector/messages/history.js", "MAX_INFLATED_BYTES = 64 * 2 ** 20"),
            ("connector/messages/history.js", "MAX_PAIRS = 50_000"),
        ),
        (
            "tests/connector/messages/history.test.js::an inflated payload of as many bytes as the limit",
            "tests/connector/messages/history.test.js::thousands of pairs come out as they went in",
        ),
    ),
    Limit(
        "texts of WhatsApp in a reason",
        (("connector/session/close_reasons.js", "MAX_TEXT_CHARACTERS = 240"),),
        ("tests/connector/session/close_reasons.test.js::a text of WhatsApp has 240 characters at most",),
    ),
    Limit(
        "a line of the front to a connector",
        (("connector/ipc/pipes.js", "MAX_LINE_CHARACTERS = 512 * 1024"),),
        (
            "tests/connector/ipc/pipes.test.js::a line of as many characters as the limit",
            "tests/connector/ipc/pipes.test.js::a line that is too long is dropped at once",
        ),
    ),
    Limit(
        "the look-up of the version",
        (
            ("server/whatsapp_version/look_up.py", "LOOK_UP_TIMEOUT_SECONDS: Final = 10.0"),
            ("server/whatsapp_version/look_up.py", "MAX_WORKER_BYTES: Final = 1024 * 1024"),
        ),
        (
            "tests/server/whatsapp_version/test_look_up.py::test_a_slow_site_gets_a_few_seconds",
            "tests/server/whatsapp_version/test_look_up.py::test_an_answer_of_as_many_bytes_as_the_limit",
            "tests/server/whatsapp_version/test_look_up.py::test_a_bad_answer_is_a_failure_that_says_why",
        ),
    ),
    Limit(
        "versions that are remembered",
        (
            ("server/whatsapp_version/rollout.py", "MAX_ACCEPTED: Final = 2"),
            ("server/whatsapp_version/rollout.py", "MAX_REFUSED: Final = 16"),
        ),
        (
            "tests/server/whatsapp_version/test_rollout.py::test_what_is_remembered_is_bounded",
            "tests/server/whatsapp_version/test_rollout.py::test_the_last_two_accepted_versions_are_remembered",
        ),
    ),
    Limit(
        "the time that a message is kept",
        (("server/core/settings/model.py", "message_retention: float = 604_800.0"),),
        (
            "tests/server/messages/test_retention.py::test_a_message_is_kept_for_a_week_and_not_a_millisecond_more",
            "tests/api/test_message_retention.py::test_a_message_goes_when_it_was_kept_long_enough",
        ),
    ),
    Limit(
        "the time that a discarded folder is kept",
        (("server/core/trash.py", "KEPT_DAYS = 7"),),
        ("tests/server/core/test_trash.py::test_a_folder_goes_after_seven_days",),
    ),
    Limit(
        "the time that a step of the wall clock must stand",
        (("server/core/checked_clock.py", "STAND_SECONDS = 3_600.0"),),
        ("tests/server/core/test_checked_clock.py::test_a_step_that_stands_for_an_hour_is_believed",),
    ),
    Limit(
        "a key, a lock or a JSON file",
        (("store/files.py", "MAX_FILE_BYTES = 64 * 1024"),),
        ("tests/store/test_files.py::test_a_file_is_read_up_to_its_limit_and_not_beyond",),
    ),
    Limit(
        "the path of the state folder",
        (("server/core/addresses.py", "MAX_SOCKET_PATH_BYTES = 107"),),
        ("tests/server/core/test_state_folder.py::test_a_state_folder_has_83_bytes_at_most",),
    ),
    Limit(
        "times in settings",
        (
            ("server/core/settings/validators.py", "MAX_TIME_SECONDS = 3_600.0"),
            ("server/core/settings/validators.py", "MAX_RETENTION_SECONDS = 315_360_000.0"),
        ),
        ("tests/server/core/test_settings.py::test_a_time_has_a_longest_value",),
    ),
    Limit(
        "log lines about requests without a sufficient key",
        (
            ("server/api/access_log.py", "UNAUTHENTICATED_LINES_PER_MINUTE = 100"),
            ("server/api/http_server.py", "UNREADABLE_LINES_PER_MINUTE = 60"),
        ),
        (
            "tests/api/test_access.py::test_strangers_cannot_wash_the_log_away",
            "tests/api/test_access.py::test_what_is_no_http_cannot_wash_the_log_away",
        ),
    ),
)
