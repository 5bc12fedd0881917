# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_guard_global_optspecs
    string join \n config= h/help V/version
end

function __fish_guard_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_guard_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_guard_using_subcommand
    set -l cmd (__fish_guard_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c guard -n "__fish_guard_needs_command" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_needs_command" -s V -l version -d 'Print version'
complete -c guard -n "__fish_guard_needs_command" -f -a "run" -d 'Ask what policy asks for, then become the command'
complete -c guard -n "__fish_guard_needs_command" -f -a "check" -d 'Say what would happen to a command, without asking or running anything'
complete -c guard -n "__fish_guard_needs_command" -f -a "explain" -d 'Say how a command is read, what it would touch and why, and which rules match'
complete -c guard -n "__fish_guard_needs_command" -f -a "shim" -d 'Put guard before programs on PATH, or take it away'
complete -c guard -n "__fish_guard_needs_command" -f -a "init" -d 'Print what to put in the shell\'s start-up file: eval "$(guard init bash)"'
complete -c guard -n "__fish_guard_needs_command" -f -a "doctor" -d 'Say what is covered, what is not, and what is wrong'
complete -c guard -n "__fish_guard_needs_command" -f -a "rules" -d 'Show the rules that count, or test rule files'
complete -c guard -n "__fish_guard_needs_command" -f -a "totp" -d 'The second factor: one-time codes of an authenticator app'
complete -c guard -n "__fish_guard_needs_command" -f -a "unlock" -d 'Remember the passphrase of the second factor for a while'
complete -c guard -n "__fish_guard_needs_command" -f -a "lock" -d 'Forget what was unlocked, and ask for every gate again'
complete -c guard -n "__fish_guard_needs_command" -f -a "audit" -d 'Read the audit log'
complete -c guard -n "__fish_guard_needs_command" -f -a "key" -d 'Your signing key: show, replace, export it'
complete -c guard -n "__fish_guard_needs_command" -f -a "inbox" -d 'See what teammates ask you to approve, and decide (also: approve ID, deny ID)'
complete -c guard -n "__fish_guard_needs_command" -f -a "approve" -d 'Read one request or ticket and decide'
complete -c guard -n "__fish_guard_needs_command" -f -a "deny" -d 'Refuse a request or ticket'
complete -c guard -n "__fish_guard_needs_command" -f -a "relay" -d 'Run the mailbox that carries signed requests and approvals between teammates'
complete -c guard -n "__fish_guard_needs_command" -f -a "breakglass" -d 'Run a command without the approval that policy asks for'
complete -c guard -n "__fish_guard_needs_command" -f -a "requests" -d 'Requests for approval: list, show, answer, leave one and run it later'
complete -c guard -n "__fish_guard_needs_command" -f -a "team" -d 'Your team: who is in it, with which keys, who may approve'
complete -c guard -n "__fish_guard_needs_command" -f -a "ticket" -d 'Tickets for CI: approvals made ahead, for one shape of a command'
complete -c guard -n "__fish_guard_needs_command" -f -a "verify" -d 'Check the proof that a command was approved, by whom, and ran as approved'
complete -c guard -n "__fish_guard_needs_command" -f -a "completions" -d 'Print a completion script for SHELL'
complete -c guard -n "__fish_guard_using_subcommand run" -l mode -d 'Whether questions may be asked; enforce refuses what would need one' -r -f -a "interactive\t''
enforce\t''"
complete -c guard -n "__fish_guard_using_subcommand run" -l wait -d 'Without a terminal: send a request for the approval and wait so long, as 90s, 10m or 2h; 75 when nobody approves' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l reason -d 'Why it has to be done, where nobody can be asked' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand run" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand check" -l shell -d 'Read LINE as bash would; files and contexts that it names need not be here' -r
complete -c guard -n "__fish_guard_using_subcommand check" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand check" -l json -d 'Print the verdict as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand check" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand explain" -l shell -d 'Read LINE as bash would; files and contexts that it names need not be here' -r
complete -c guard -n "__fish_guard_using_subcommand explain" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand explain" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand shim; and not __fish_seen_subcommand_from add remove list" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and not __fish_seen_subcommand_from add remove list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand shim; and not __fish_seen_subcommand_from add remove list" -f -a "add" -d 'Make shims; without a name, choose from the covered programs that are installed'
complete -c guard -n "__fish_guard_using_subcommand shim; and not __fish_seen_subcommand_from add remove list" -f -a "remove" -d 'Remove shims'
complete -c guard -n "__fish_guard_using_subcommand shim; and not __fish_seen_subcommand_from add remove list" -f -a "list" -d 'List shims and the programs behind them'
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from add" -l dir -d 'The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from add" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from add" -l all -d 'Every covered program that is installed, but those that every script runs (cp, mv, chmod …)'
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from remove" -l dir -d 'The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from remove" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from remove" -l all -d 'Every shim, and the directory with them'
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from list" -l dir -d 'The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from list" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand shim; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand init" -l mode -d 'Shims cover scripts too; aliases only what is typed, and change no PATH' -r -f -a "shim\t''
alias\t''"
complete -c guard -n "__fish_guard_using_subcommand init" -l dir -d 'The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]' -r -F
complete -c guard -n "__fish_guard_using_subcommand init" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand init" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand doctor" -l dir -d 'The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]' -r -F
complete -c guard -n "__fish_guard_using_subcommand doctor" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand doctor" -l json -d 'Print the findings as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "list" -d 'One line a rule: id, severity, effect, file and line'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "show" -d 'Show a rule, or all rules of a program, in full'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "lint" -d 'Find rules that can never match or say too little, with file, line and column; run their cases, too'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "test" -d 'Load rule files and run each rule\'s own hits and misses'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from lint" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "enroll" -d 'Make a secret, show it as a QR code, and keep it once a code of it was typed'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "verify" -d 'Ask for a code; status 0 when it is accepted'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "rotate" -d 'Replace the secret and the recovery codes; asks for a code of the old one'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "remove" -d 'Take the second factor away; asks for a code'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "status" -d 'Say what is enrolled and where its secret is'
complete -c guard -n "__fish_guard_using_subcommand totp; and not __fish_seen_subcommand_from enroll verify rotate remove status serve" -f -a "serve" -d 'Be the verifier: answer one request on the connection that is standard input'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l issuer -d 'The name above the code in the app' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l account -d 'Whose code it is; without it you@host' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l digits -d 'Digits of a code' -r -f -a "6\t''
8\t''"
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l algorithm -d 'The hash; many apps know SHA1 only, and do not say so' -r -f -a "SHA1\t''
SHA256\t''
SHA512\t''"
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l user -d 'With --managed: whose' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l store -d 'With --managed: where the verifier keeps them' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l passphrase -d 'Keep the secret in a file under a passphrase, also where there is a keyring'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l text -d 'Show the secret as text, too'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -l managed -d 'One that this machine\'s verifier keeps; for administrators'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from enroll" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from verify" -l user -d 'With --managed: whose' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from verify" -l store -d 'With --managed: where the verifier keeps them' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from verify" -l managed -d 'One that this machine\'s verifier keeps; for administrators'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l issuer -d 'The name above the code in the app' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l account -d 'Whose code it is; without it you@host' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l digits -d 'Digits of a code' -r -f -a "6\t''
8\t''"
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l algorithm -d 'The hash; many apps know SHA1 only, and do not say so' -r -f -a "SHA1\t''
SHA256\t''
SHA512\t''"
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l user -d 'With --managed: whose' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l store -d 'With --managed: where the verifier keeps them' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l passphrase -d 'Keep the secret in a file under a passphrase, also where there is a keyring'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l text -d 'Show the secret as text, too'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -l managed -d 'One that this machine\'s verifier keeps; for administrators'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from remove" -l user -d 'With --managed: whose' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from remove" -l store -d 'With --managed: where the verifier keeps them' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from remove" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from remove" -l managed -d 'One that this machine\'s verifier keeps; for administrators'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -l user -d 'With --managed: whose' -r
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -l store -d 'With --managed: where the verifier keeps them' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -l json -d 'As one JSON object'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -l managed -d 'One that this machine\'s verifier keeps; for administrators'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from serve" -l store -d 'Where they are' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from serve" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from serve" -l managed -d 'Answer for the enrolments that only root can read'
complete -c guard -n "__fish_guard_using_subcommand totp; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand unlock" -l for -d 'For how long: 30s, 15m, 8h; at most 12h' -r
complete -c guard -n "__fish_guard_using_subcommand unlock" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand lock" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand lock" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand audit; and not __fish_seen_subcommand_from show verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand audit; and not __fish_seen_subcommand_from show verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand audit; and not __fish_seen_subcommand_from show verify" -f -a "show" -d 'Show recorded commands and what was decided'
complete -c guard -n "__fish_guard_using_subcommand audit; and not __fish_seen_subcommand_from show verify" -f -a "verify" -d 'Check every byte, signature and link of the log'
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l since -d 'Only since then: 2h, 3d, 2026-11-22, 2026-11-22T09:30' -r
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l tool -d 'Only this tool' -r
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l environment -d 'Only this environment' -r
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l decision -d 'Only commands that ended so' -r -f -a "ran\t''
break-glass\t''
noticed\t''
refused\t''
cancelled\t''
timed-out\t''
drift\t''
not-started\t''
open\t''"
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -s n -d 'Only the last N' -r
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -l json -d 'Print the entries, one JSON object a line'
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Print the result as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -f -a "show" -d 'Print the key that signs as you, and where its secret is'
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -f -a "rotate" -d 'Replace guard\'s own key by a new one'
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -f -a "use" -d 'Choose which key signs as you'
complete -c guard -n "__fish_guard_using_subcommand key; and not __fish_seen_subcommand_from show rotate use export" -f -a "export" -d 'Print your public key for others to check your signatures with'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from show" -l json -d 'Print it as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from rotate" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from rotate" -l lost -d 'The old key is gone: begin a new one that nothing signs for, and have the audit log say so'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from use" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from use" -f -a "ssh" -d 'A key of yours that ssh-agent holds, hardware keys included'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from use" -f -a "own" -d 'A new key of guard\'s own'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from export" -l principal -d 'Whom the signatures are of [default: your user name]' -r
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from export" -l namespaces -d 'What the signatures may be for, a pattern' -r
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from export" -l allowed-signers -d 'Print lines for `ssh-keygen -Y verify -f FILE`'
complete -c guard -n "__fish_guard_using_subcommand key; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand inbox" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand inbox" -l json -d 'Print the list as one JSON object and leave'
complete -c guard -n "__fish_guard_using_subcommand inbox" -l web -d 'Serve the inbox as a page to a browser on this machine, until Ctrl-C'
complete -c guard -n "__fish_guard_using_subcommand inbox" -l notify -d 'Say on the desktop when a request comes (/usr/bin/notify-send)'
complete -c guard -n "__fish_guard_using_subcommand inbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand approve" -l reason -d 'Why it is taken back, for the requester to read' -r
complete -c guard -n "__fish_guard_using_subcommand approve" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand approve" -l revoke -d 'Take your approval back; needs no terminal, counts until the command has started'
complete -c guard -n "__fish_guard_using_subcommand approve" -l paste -d 'Without a relay: read the text (guard-req1:, guard-ticket1:) from standard input, print the answer to send back'
complete -c guard -n "__fish_guard_using_subcommand approve" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand deny" -l reason -d 'Why, for the requester to read' -r
complete -c guard -n "__fish_guard_using_subcommand deny" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand deny" -l report -d 'It looks like an attack: the relay takes no more requests of this person until an admin clears it'
complete -c guard -n "__fish_guard_using_subcommand deny" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "serve" -d 'Serve until SIGTERM; waiting commands are let go at once and ask the next instance'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "migrate" -d 'Bring the database to this guard\'s layout; serve does so itself'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "backup" -d 'Copy everything into FILE while the relay runs'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "restore" -d 'Fill an empty database from a backup'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "prune" -d 'Remove what ended long ago; serve does so every hour'
complete -c guard -n "__fish_guard_using_subcommand relay; and not __fish_seen_subcommand_from serve migrate backup restore prune export" -f -a "export" -d 'Write a team\'s statements for an auditor, signed by the relay\'s key'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l listen -d 'Address and port; without a certificate only a loopback address is taken' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l url -d 'The address that people use, behind a proxy; part of what they sign to get in' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l tls-cert -d 'Certificate chain (PEM); read again on SIGHUP' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l tls-key -d 'Its key (PEM)' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l roster -d 'Roster file that you vouch for: a team\'s first, or one that follows' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l key -d 'The relay\'s own key, made when missing; several instances share one' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l notify -d 'Where to tell people: a file of channels (docs/relay/notifications.md), or log:NAME' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l keep-days -d 'Days that ended requests are kept' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l requests-per-minute -d 'Requests a minute for each key' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l requests-per-host -d 'Requests an hour for each host' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l pending -d 'Requests of one person that may wait at once' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l decisions-per-minute -d 'Other statements a minute for each key' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l reads-per-minute -d 'Reads and polls a minute for each key' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l pool -d 'Connections to PostgreSQL' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Log every call'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from migrate" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from migrate" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from migrate" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from backup" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from backup" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from backup" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from restore" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from restore" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from restore" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from prune" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from prune" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from prune" -l keep-days -d 'Days that ended requests are kept' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from prune" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -l db -d 'sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -l db-file -d 'Read WHERE from FILE, where other users\' `ps` does not see it' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -l key -d 'The relay\'s key' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -l name -d 'The relay\'s name in the signature, as in its cosignatures: HOST or HOST:PORT' -r
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand relay; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and not __fish_seen_subcommand_from status review" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand breakglass; and not __fish_seen_subcommand_from status review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and not __fish_seen_subcommand_from status review" -a "status" -d 'Say how many uses are left, and which reviews are due'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and not __fish_seen_subcommand_from status review" -a "review" -d 'Sign the review of a teammate\'s break-glass, or fetch the reviews of your own'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from status" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from review" -l judgement -d 'What you think of it' -r -f -a "justified\t''
should-have-waited\t''
policy-bug\t''"
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from review" -l note -d 'Why, for the record' -r
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from review" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand breakglass; and __fish_seen_subcommand_from review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -l json -d 'Print the list as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -l ended -d 'List how requests ended that were made here'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "make" -d 'Ask for the approval of a command and leave; `run` runs it once it is approved'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "run" -d 'Run a request that was left, once, as it was asked about'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "cancel" -d 'Take a request back, signed: nobody can approve it any more'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "show" -d 'Print a request as text to send to an approver over any channel'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "answer" -d 'Take an approver\'s answer: the guard-ok1: text, or standard input'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from make run cancel show answer deliver" -f -a "deliver" -d 'Send receipts that still have to reach the relay'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from make" -l reason -d 'Why it has to be done' -r
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from make" -l open -d 'How long it may be approved, as 90s, 10m or 2h' -r
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from make" -l within -d 'How long after the last approval it may start' -r
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from make" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from make" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from run" -l wait -d 'Wait so long for the approval, as 90s, 10m or 2h' -r
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from run" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from run" -l restored -d 'This process has its directory and environment already'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from cancel" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -l rendered -d 'Print what the approver is shown instead'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -l qr -d 'Draw it as a QR code, or several, for a camera'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from answer" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from answer" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from deliver" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from deliver" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "create" -d 'Found a team with yourself as its first admin'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "join" -d 'Join a team by its six words'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "show" -d 'Show the team: people, groups, keys, admins, the way to the relay'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "update" -d 'Take newer versions of the roster, and give the relay what it lacks'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "way" -d 'Set how the relay is reached'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "leave" -d 'Forget the team on this machine'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "add" -d 'Add a person or, with --issuer and --subject, a workload'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "remove" -d 'Take a person out, with keys and shifts'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "group" -d 'Put a person into a group, or take them out'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "key" -d 'Give a person a key, or revoke one'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "admin" -d 'Change who may sign the roster, and how many must'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "schedule" -d 'On-call: who is in a group for a while'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "surface" -d 'Set where commands of a severity may be approved'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "renew" -d 'Give the roster a new end, changing nothing else'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "import" -d 'Give a person the signing keys that a forge lists for them now'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "diff" -d 'Show what the draft changes, and who has signed it'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "sign" -d 'Sign the draft; with enough signatures it becomes the team\'s next version'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "draft" -d 'Print the draft as text for another admin, or write it to FILE'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "discard" -d 'Throw the draft away'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "export" -d 'Print the team\'s versions, for `guard team join` and `update` without a relay'
complete -c guard -n "__fish_guard_using_subcommand team; and not __fish_seen_subcommand_from create join show update way leave add remove group key admin schedule surface renew import diff sign draft discard export lint" -f -a "lint" -d 'Look for what is unwise in the roster: somebody twice, groups too small for their quorum, weak keys, ends near'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l me -d 'What you are called in the team [default: your user name]' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l human -d 'Which human you are (a staff number): nobody is in a roster twice' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l group -d 'A group of yours; more than one is fine' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l days -d 'Days until a new version must be signed' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l relay -d 'The team\'s relay: https://…, or http:// on this machine' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l ca -d 'Certificates of the authority that vouches for it, beside the system\'s' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l out -d 'Where the roster file is written [default: NAME.roster.json]' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from join" -l root -d 'The six words, as a teammate gave them to you' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from join" -l team -d 'The team\'s name, for a relay' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from join" -l ca -d 'Certificates of the authority that vouches for the relay, beside the system\'s' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from join" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from update" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from way" -l ca -d 'Certificates of the authority that vouches for it, beside the system\'s' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from way" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from way" -l none -d 'There is no relay: statements travel as text'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from way" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from leave" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from leave" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from leave" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l key -d 'A public key: its line, or a .pub file; more than one is fine' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l group -d 'A group; more than one is fine' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l name -d 'The name that people know' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l human -d 'Which human this is (a staff number): nobody is in a roster twice' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l use -d 'What the keys may do [default: approve and request; a workload\'s: request]' -r -f -a "approve\t''
request\t''
roster\t''"
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l min-flags -d 'What each signature must show (hardware keys)' -r -f -a "up\t'Touched'
uv\t'PIN or fingerprint'"
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l until -d 'The key does not count from this moment on' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l issuer -d 'OpenID Connect issuer of a workload, as token.actions.githubusercontent.com after https://' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l subject -d 'The workload\'s subject, as repo:acme/infra:environment:prod' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from remove" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from remove" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from group" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from group" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from group" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from key" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from key" -f -a "add" -d 'Give a person one more key'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from key" -f -a "revoke" -d 'Take a key away for good: it does not count from a moment on'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from admin" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from admin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from admin" -f -a "add" -d 'Make a person an admin'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from admin" -f -a "remove" -d 'Make an admin an ordinary person'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from admin" -f -a "threshold" -d 'How many admins must sign'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from schedule" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from schedule" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from schedule" -f -a "add" -d 'Put a person into a group from one moment to another'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from schedule" -f -a "remove" -d 'Take a person\'s shifts in a group away'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from surface" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from surface" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from surface" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from renew" -l days -d 'Days until a new version must be signed' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from renew" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from renew" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l group -d 'A group, for somebody new' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l use -d 'What the keys may do [default: approve and request]' -r -f -a "approve\t''
request\t''
roster\t''"
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l min-flags -d 'What each signature must show (hardware keys)' -r -f -a "up\t'Touched'
uv\t'PIN or fingerprint'"
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l ca -d 'Certificates of the authority that vouches for the address, beside the system\'s' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from diff" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from sign" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from sign" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from draft" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from draft" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from discard" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from export" -l version -d 'One version alone, as `guard relay serve --roster` takes it' -r
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from export" -l allowed-signers -d 'An allowed_signers file: `ssh-keygen -Y verify` accepts the team\'s signatures by it'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from lint" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from lint" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand team; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "issue" -d 'Ask for a ticket: teammates approve it as they approve a request, and then the workload may run the command'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "list" -d 'List the tickets at the relay and how they stand'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "show" -d 'Show one ticket: what it allows, who approved it, its uses'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "export" -d 'Print a ticket with its approvals as text, for $GUARD_TICKET'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "join" -d 'Join a ticket and answers to it into one text, where there is no relay'
complete -c guard -n "__fish_guard_using_subcommand ticket; and not __fish_seen_subcommand_from issue list show export join verify" -f -a "verify" -d 'Say whether a ticket would cover a command, without using it'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l workload -d 'The workload of the team that may use it (`guard team add PERSON --issuer … --subject …`)' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l run -d 'Only this run of the workload' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l commit -d 'Only at this commit' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l plan -d 'Only with this plan file, by its SHA-256' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l not-before -d 'From when on it counts [default: now]' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l valid -d 'How long it counts, as 90m or 24h' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l max -d 'How often it may be used' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l reason -d 'Why it may run; the request of each use carries it' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l exact -d 'There are no holes: braces are text'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l print -d 'Print it as text instead of sending it to the relay'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -l yes -d 'Do not ask'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from list" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from list" -l all -d 'Also those that ended more than a day ago'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from show" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from export" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON object: the text, and how it stands'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from join" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l workload -d 'As which workload of the team [default: the one whose key this machine has]' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l run -d 'The run of the workload' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l commit -d 'The commit that the workload is at' -r
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l plan -d 'The plan file that would be applied' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand ticket; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand verify" -l root -d 'The six words of the team [default: the team of this machine]' -r
complete -c guard -n "__fish_guard_using_subcommand verify" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand verify" -l json -d 'Print one JSON object'
complete -c guard -n "__fish_guard_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand completions" -l config -d 'Read environments.toml, policy.toml and rules.d/ from DIR' -r -F
complete -c guard -n "__fish_guard_using_subcommand completions" -s h -l help -d 'Print help'
