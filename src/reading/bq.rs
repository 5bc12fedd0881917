//! bq, BigQuery's command line: its commands, and the SQL of `query`.
//! Traits: `kind` (what a command does beside SQL), `statement`, `object`, `session`, `input`.
//! Must never take the word behind a flag that it does not know for a table.

use super::sql::dialect::Dialect;
use super::statements::Statements;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};

/// Flags with a value.
const VALUES: &[&str] = &[
    "api",
    "api_version",
    "apilog",
    "application_default_credential_file",
    "bigqueryrc",
    "ca_certificates_file",
    "clustering_fields",
    "condition",
    "connection_id",
    "credential_file",
    "data_location",
    "data_source",
    "dataset_id",
    "default_partition_expiration",
    "default_table_expiration",
    "description",
    "destination_format",
    "destination_kms_key",
    "destination_schema",
    "destination_table",
    "discovery_file",
    "display_name",
    "encoding",
    "expiration",
    "external_table_definition",
    "field_delimiter",
    "filter",
    "flagfile",
    "format",
    "httplib2_debuglevel",
    "job_id",
    "job_property",
    "label",
    "location",
    "max_bad_records",
    "max_results",
    "max_rows",
    "max_rows_per_request",
    "maximum_bytes_billed",
    "member",
    "null_marker",
    "page_token",
    "parameter",
    "params",
    "project_id",
    "proxy_address",
    "proxy_password",
    "proxy_port",
    "proxy_username",
    "quote",
    "range_partitioning",
    "refresh_window_days",
    "request_id",
    "role",
    "rows_per_page",
    "schedule",
    "schema",
    "schema_update_option",
    "selected_fields",
    "service_account",
    "service_account_credential_file",
    "service_account_private_key_file",
    "service_account_private_key_password",
    "set_label",
    "clear_label",
    "skip_leading_rows",
    "source",
    "source_format",
    "start_index",
    "start_row",
    "start_time",
    "end_time",
    "batch_size",
    "table",
    "target_dataset",
    "time_partitioning_expiration",
    "time_partitioning_field",
    "time_partitioning_type",
    "trace",
    "transfer_config",
    "udf_resource",
    "update_mask",
    "view",
    "iam_version",
    "materialized_view",
    "max_time_travel_hours",
    "compression",
    "source_uris",
    "min_completion_ratio",
    "job_creation_mode",
    "reservation_id",
    "slots",
    "edition",
    "quota_project_id",
    "universe_domain",
    "view_udf_resource",
    "type",
    "n",
    "range",
    "default_kms_key",
];

/// Flags without one; each also with `no` in front.
const FLAGS: &[&str] = &[
    "a",
    "all",
    "allow_jagged_rows",
    "allow_large_results",
    "allow_quoted_newlines",
    "append_table",
    "autodetect",
    "batch",
    "c",
    "clone",
    "d",
    "dataset",
    "debug_mode",
    "dry_run",
    "enable_gdrive",
    "enable_resumable_uploads",
    "f",
    "fingerprint_job_id",
    "flatten_results",
    "force",
    "headless",
    "help",
    "helpfull",
    "ignore_unknown_values",
    "j",
    "job",
    "jobs",
    "m",
    "model",
    "models",
    "no_clobber",
    "overwrite",
    "p",
    "preserve_ascii_control_characters",
    "print_header",
    "print_last_token",
    "quiet",
    "r",
    "recursive",
    "replace",
    "require_cache",
    "require_partition_filter",
    "restore",
    "routine",
    "routines",
    "row_access_policies",
    "rpc",
    "run_once",
    "s",
    "show",
    "skip_trailing_newline",
    "snapshot",
    "sync",
    "synchronous_mode",
    "t",
    "tables",
    "transfer_run",
    "use_avro_logical_types",
    "use_cache",
    "use_gce_service_account",
    "use_google_auth",
    "use_legacy_sql",
    "use_lockfile",
    "use_regional_endpoints",
    "v",
    "wait",
    "x",
    "reservation",
    "reservation_assignment",
    "capacity_commitment",
    "connection",
    "q",
    "data_transfer",
    "transfer_configs",
    "h",
    "external",
    "exact",
];

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub options: Vec<Opt>,
    /// Empty: none, help is shown.
    pub verb: String,
    pub operands: Vec<String>,
}

impl Line {
    pub fn last(&self, name: &str) -> Option<&str> {
        let all = self.options.iter().rev().filter(|o| o.name.strip_prefix("--") == Some(name));
        all.filter_map(|o| o.value.as_deref()).find(|v| !v.is_empty())
    }

    pub fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|o| o.name.strip_prefix("--").is_some_and(|n| names.contains(&n)))
    }
}

/// Takes the words apart; flags stand anywhere up to `--`.
pub fn line(invocation: &Invocation) -> Result<Line, Does> {
    let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut line = Line::default();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let here = at;
        at += 1;
        if word == "--" {
            words.extend(args[at..].iter().cloned());
            break;
        }
        let body = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).filter(|b| !b.is_empty());
        let Some(body) = body else {
            words.push(word.clone());
            continue;
        };
        let (name, glued) = body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v.to_owned())));
        let off = name.strip_prefix("no").filter(|n| FLAGS.contains(n)).filter(|_| !FLAGS.contains(&name));
        if off.is_some() {
            continue;
        }
        let takes = VALUES.contains(&name);
        if !takes && !FLAGS.contains(&name) && glued.is_none() {
            let shown = crate::text::show_line(word, 40);
            return Err(Does::Unsure(format!("option {shown} is not one that guard knows")));
        }
        let says_no =
            glued.as_deref().is_some_and(|v| ["false", "0", "no"].iter().any(|n| v.eq_ignore_ascii_case(n)));
        if FLAGS.contains(&name) && says_no {
            line.options.retain(|o| o.name != format!("--{name}"));
            continue;
        }
        let value = match (glued, takes, args.get(at)) {
            (Some(glued), _, _) => Some(glued),
            (None, true, Some(next)) => {
                at += 1;
                Some(next.clone())
            }
            (None, true, None) => return Err(Does::Nothing(format!("--{name} needs a value"))),
            (None, false, _) => None,
        };
        line.options.push(Opt { name: format!("--{name}"), value, at: here });
    }
    let mut words = words.into_iter();
    line.verb = words.next().unwrap_or_default();
    line.operands = words.collect();
    if line.has(&["help", "helpfull"]) || matches!(line.verb.as_str(), "help" | "" | "version") {
        return Err(Does::Nothing("help or version only".into()));
    }
    if line.last("flagfile").is_some() {
        return Err(Does::Unsure("flags come from a file".into()));
    }
    Ok(line)
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    match line(invocation) {
        Ok(line) => describe(&mut command, &line),
        Err(does) => command.does = does,
    }
    Reading::of(command)
}

fn describe(command: &mut Command, line: &Line) {
    command.options = line.options.clone();
    command.operands = line.operands.clone();
    command.verb = line.verb.clone();
    if line.verb == "query" {
        query(command, line);
        return;
    }
    match kind(line) {
        Ok(kind) => {
            command.traits.add("kind", kind);
            if line.verb == "shell" {
                command.traits.add("session", "interactive");
            }
        }
        Err(does) => command.does = does,
    }
    for name in &line.operands {
        command.traits.add("object", name.clone());
    }
    let shown: Vec<String> =
        std::iter::once(line.verb.clone()).chain(line.operands.iter().take(3).cloned()).collect();
    command.headline = crate::text::show_line(shown.join(" "), 100);
}

/// What a command other than `query` does.
fn kind(line: &Line) -> Result<&'static str, Does> {
    Ok(match line.verb.as_str() {
        "rm" => match () {
            () if line.operands.is_empty() && !line.has(&["transfer_config", "p"]) => {
                return Err(Does::Nothing("it needs to be told what to remove".into()));
            }
            () if line.has(&["j", "job", "t", "m", "model", "routine", "row_access_policies"])
                || line.operands.iter().all(|o| is_table(o)) =>
            {
                "remove"
            }
            () if line.has(&["r", "recursive"]) => "remove-dataset",
            () => "remove-empty",
        },
        "load" if line.has(&["replace"]) => "overwrite",
        "load" | "insert" => "add",
        "cp" | "mv" if line.has(&["f", "force"]) => "overwrite",
        "cp" if line.has(&["a", "append_table", "n", "no_clobber", "clone", "snapshot"]) => "add",
        // It asks before it overwrites.
        "cp" | "mv" => "copy",
        "truncate" => "remove",
        "extract" => "export",
        "mk" | "update" | "undelete" | "partition" | "init" | "cancel" | "mkdef" => "edit",
        "set-iam-policy" | "add-iam-policy-binding" => "grant",
        "remove-iam-policy-binding" => "revoke",
        "ls" | "show" | "head" | "wait" | "info" | "get-iam-policy" => "read",
        "shell" => "session",
        _ => return Err(Does::Unsure("the command is not one that guard knows".into())),
    })
}

/// `dataset.table`, `project:dataset.table`, `project.dataset.table`; a project may hold a dot before its colon.
pub fn is_table(name: &str) -> bool {
    name.rsplit(':').next().is_some_and(|rest| rest.contains('.'))
}

fn query(command: &mut Command, line: &Line) {
    let mut found = Statements::default();
    let stdin = command.invocation.stdin().clone();
    let text = line.operands.join(" ");
    match (text.is_empty(), stdin) {
        (false, _) => found.sql(&text, Dialect::BigQuery),
        (true, Stdin::Content(bytes)) => found.sql(&String::from_utf8_lossy(&bytes), Dialect::BigQuery),
        (true, Stdin::Unread) => found.unread(),
        (true, Stdin::TooMuch | Stdin::Terminal) => found.stream(),
    }
    let dry = line.has(&["dry_run"]);
    found.describe(command);
    command.verb = "query".into();
    if dry {
        command.does = Does::Nothing("a dry run".into());
        return;
    }
    if let Some(table) = line.last("destination_table").filter(|_| line.has(&["replace"])) {
        command.traits.add("kind", "overwrite");
        command.traits.add("object", format!("table {table}"));
    }
}
