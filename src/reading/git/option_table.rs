//! The options of git's commands, as `git VERB --help-all` of 2.47 lists them: `letter/name`, `=` takes a value,
//! `?` takes one only when it is glued on, `!` can be taken back with `--no-`. Generated; one entry a command.

/// The options of a verb; `None` for one whose words decide nothing here.
pub fn options_of(verb: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|(name, _)| *name == verb).map(|(_, options)| *options)
}

const OPTIONS: &[(&str, &str)] = &[
    (
        "push",
        "!v/verbose !q/quiet !repo= !all !branches !mirror !d/delete !tags !n/dry-run !porcelain !f/force \
         !force-with-lease? !force-if-includes !recurse-submodules= !thin !receive-pack= !exec= !u/set-upstream \
         !progress !prune no-verify verify !follow-tags !signed? !atomic !o/push-option= 4/ipv4 \
         6/ipv6",
    ),
    (
        "branch",
        "!v/verbose !q/quiet !t/track? !set-upstream !u/set-upstream-to= !unset-upstream !color? \
         r/remotes contains= no-contains= with= without= !abbrev? a/all !d/delete D !m/move M !omit-empty \
         !c/copy C !l/list !show-current !create-reflog !edit-description !f/force merged= no-merged= \
         !column? !sort= !points-at= !i/ignore-case !recurse-submodules !format=",
    ),
    (
        "tag",
        "l/list n? d/delete v/verify !a/annotate m/message= !F/file= trailer= !e/edit !s/sign !cleanup= \
         !u/local-user= !f/force !create-reflog !column? contains= no-contains= with= without= merged= \
         no-merged= !omit-empty !sort= !points-at= !format= !color? !i/ignore-case",
    ),
    (
        "reset",
        "!q/quiet no-refresh refresh mixed soft hard merge keep !recurse-submodules? !p/patch !N/intent-to-add \
         !pathspec-from-file= !pathspec-file-nul",
    ),
    ("clean", "!q/quiet !n/dry-run !f/force !i/interactive d e/exclude= x X"),
    (
        "checkout",
        "b= B= l !guess !overlay !q/quiet !recurse-submodules? !progress !m/merge !conflict= !d/detach \
         !t/track? !f/force !orphan= !overwrite-ignore !ignore-other-worktrees 2/ours 3/theirs !p/patch \
         !ignore-skip-worktree-bits !pathspec-from-file= !pathspec-file-nul",
    ),
    (
        "switch",
        "!c/create= !C/force-create= !guess !discard-changes !q/quiet !recurse-submodules? !progress \
         !m/merge !conflict= !d/detach !t/track? !f/force !orphan= !overwrite-ignore !ignore-other-worktrees",
    ),
    (
        "restore",
        "!s/source= !S/staged !W/worktree !ignore-unmerged !overlay !q/quiet !recurse-submodules? \
         !progress !m/merge !conflict= 2/ours 3/theirs !p/patch !ignore-skip-worktree-bits !pathspec-from-file= \
         !pathspec-file-nul",
    ),
    (
        "rm",
        "!n/dry-run !q/quiet !cached !f/force r !ignore-unmatch !sparse !pathspec-from-file= !pathspec-file-nul",
    ),
    (
        "commit",
        "!q/quiet !v/verbose !F/file= !author= !date= !m/message= !c/reedit-message= !C/reuse-message= \
         !fixup= !squash= !reset-author trailer= !s/signoff !t/template= !e/edit !cleanup= !status \
         !S/gpg-sign? !a/all !i/include !interactive !p/patch !o/only n/no-verify verify !dry-run !short \
         !branch !ahead-behind !porcelain !long !z/null !amend no-post-rewrite post-rewrite !u/untracked-files? \
         !pathspec-from-file= !pathspec-file-nul !allow-empty !allow-empty-message",
    ),
    (
        "rebase",
        "!onto= !keep-base no-verify verify !q/quiet !v/verbose n/no-stat stat !signoff !committer-date-is-author-date \
         !reset-author-date !ignore-date C= !ignore-whitespace !whitespace= !f/force-rebase \
         no-ff ff continue skip abort quit edit-todo show-current-patch apply m/merge \
         i/interactive !p/preserve-merges !rerere-autoupdate empty= !k/keep-empty !autosquash !update-refs \
         !S/gpg-sign? !autostash !x/exec= !allow-empty-message !r/rebase-merges? !fork-point \
         !s/strategy= !X/strategy-option= !root !reschedule-failed-exec !reapply-cherry-picks",
    ),
    ("gc", "!q/quiet !prune? !cruft max-cruft-size= !aggressive !auto !detach !force !keep-largest-pack"),
    ("prune", "!n/dry-run !v/verbose !progress !expire= !exclude-promisor-objects"),
    ("update-ref", "m= d no-deref deref z !stdin !create-reflog"),
    (
        "pull",
        "!v/verbose !q/quiet !progress !recurse-submodules? !r/rebase? n !stat !summary !log? !signoff? \
         !squash !commit !edit !cleanup= !ff ff-only !verify !verify-signatures !autostash !s/strategy= \
         !X/strategy-option= !S/gpg-sign? !allow-unrelated-histories !all !a/append !upload-pack= \
         !f/force !t/tags !p/prune !j/jobs? !dry-run !k/keep !depth= !shallow-since= !shallow-exclude= \
         !deepen= unshallow !update-shallow refmap= !o/server-option= !4/ipv4 !6/ipv6 !negotiation-tip= \
         !show-forced-updates !set-upstream",
    ),
    (
        "fetch",
        "!v/verbose !q/quiet !all !set-upstream !a/append !atomic !upload-pack= !f/force !m/multiple \
         !t/tags n !j/jobs= !prefetch !p/prune !P/prune-tags !recurse-submodules? !dry-run !porcelain \
         !write-fetch-head !k/keep !u/update-head-ok !progress !depth= !shallow-since= !shallow-exclude= \
         !deepen= unshallow refetch !submodule-prefix= !recurse-submodules-default= !update-shallow \
         refmap= !o/server-option= 4/ipv4 6/ipv6 !negotiation-tip= !negotiate-only !filter= !auto-maintenance \
         !auto-gc !show-forced-updates !write-commit-graph !stdin",
    ),
    (
        "grep",
        "!cached no-index index !untracked !exclude-standard !recurse-submodules !v/invert-match \
         !i/ignore-case !w/word-regexp !a/text I !textconv !r/recursive max-depth= !E/extended-regexp \
         !G/basic-regexp !F/fixed-strings !P/perl-regexp !n/line-number !column h H !full-name !l/files-with-matches \
         !name-only !L/files-without-match !z/null !o/only-matching !c/count !color? !break \
         !heading !C/context= !B/before-context= !A/after-context= !threads= !p/show-function \
         !W/function-context f= e= and or not !q/quiet !all-match !O/open-files-in-pager? !ext-grep \
         !m/max-count=",
    ),
    (
        "difftool",
        "!g/gui !d/dir-diff y/no-prompt prompt !symlinks !t/tool= !tool-help !trust-exit-code !x/extcmd= \
         no-index index",
    ),
    ("replace", "l/list d/delete e/edit g/graft convert-graft-file !f/force !raw !format="),
    ("symbolic-ref", "!q/quiet !d/delete !short !recurse m="),
    (
        "read-tree",
        "!super-prefix= index-output= !empty !v/verbose m !trivial !aggressive !reset prefix= u exclude-per-directory= \
         i !n/dry-run no-sparse-checkout sparse-checkout !debug-unpack !recurse-submodules? \
         !q/quiet",
    ),
    (
        "checkout-index",
        "!a/all !ignore-skip-worktree-bits !f/force !q/quiet n/no-create create !u/index z !stdin !temp \
         !prefix= stage=",
    ),
    (
        "send-pack",
        "!v/verbose !q/quiet !receive-pack= !exec= !remote= !all !n/dry-run !mirror !f/force !signed? \
         !push-option= !progress !thin !atomic !stateless-rpc !stdin !helper-status !force-with-lease? \
         !force-if-includes",
    ),
    (
        "repack",
        "a A !cruft !cruft-expiration= max-cruft-size= d f F n !q/quiet !l/local !b/write-bitmap-index \
         !i/delta-islands !unpack-unreachable= !k/keep-unreachable !window= !window-memory= !depth= \
         !threads= max-pack-size= !filter= !pack-kept-objects !keep-pack= !g/geometric= !m/write-midx \
         !expire-to= !filter-to=",
    ),
    (
        "cherry-pick",
        "quit continue abort skip !cleanup= n/no-commit commit !e/edit r !s/signoff !m/mainline= !rerere-autoupdate \
         !strategy= !X/strategy-option= !S/gpg-sign? x !ff !allow-empty !allow-empty-message \
         !keep-redundant-commits empty=",
    ),
    (
        "merge",
        "n !stat !summary !log? !squash !commit !e/edit !cleanup= !ff ff-only !rerere-autoupdate !verify-signatures \
         !s/strategy= !X/strategy-option= !m/message= F/file= !into-name= !v/verbose !q/quiet \
         !abort !quit !continue !allow-unrelated-histories !progress !S/gpg-sign? !autostash !overwrite-ignore \
         !signoff no-verify verify",
    ),
    (
        "am",
        "!i/interactive n/no-verify verify !b/binary !3/3way !q/quiet !s/signoff !u/utf8 !k/keep !keep-non-patch \
         !m/message-id !keep-cr !c/scissors quoted-cr= !whitespace= !ignore-space-change \
         !ignore-whitespace !directory= !exclude= !include= C= p= !patch-format= !reject !resolvemsg \
         continue r/resolved skip abort quit show-current-patch? retry allow-empty !committer-date-is-author-date \
         !ignore-date !rerere-autoupdate !S/gpg-sign? empty= !rebasing",
    ),
    (
        "revert",
        "quit continue abort skip !cleanup= n/no-commit commit !e/edit r !s/signoff !m/mainline= !rerere-autoupdate \
         !strategy= !X/strategy-option= !S/gpg-sign? !reference",
    ),
    ("mv", "!v/verbose !n/dry-run !f/force k !sparse"),
    (
        "clone",
        "!v/verbose !q/quiet !progress !reject-shallow n/no-checkout checkout !bare !naked !mirror \
         !l/local no-hardlinks hardlinks !s/shared !recurse-submodules? !recursive? !j/jobs= !template= \
         !reference= !reference-if-able= !dissociate !o/origin= !b/branch= !u/upload-pack= !depth= \
         !shallow-since= !shallow-exclude= !single-branch no-tags tags !shallow-submodules !separate-git-dir= \
         !ref-format= !c/config= !server-option= 4/ipv4 6/ipv6 !filter= !also-filter-submodules \
         !remote-submodules !sparse !bundle-uri=",
    ),
    ("stash drop", "!q/quiet"),
    (
        "stash push",
        "!k/keep-index !S/staged !p/patch !q/quiet !u/include-untracked !a/all !m/message= !pathspec-from-file= \
         !pathspec-file-nul",
    ),
    ("stash pop", "!q/quiet !index"),
    ("stash apply", "!q/quiet !index"),
    ("worktree remove", "!f/force"),
    ("worktree prune", "!n/dry-run !v/verbose !expire="),
    (
        "worktree add",
        "!f/force b= B= !orphan !d/detach !checkout !lock !reason= !q/quiet !track !guess-remote",
    ),
    ("remote prune", "!n/dry-run"),
    ("remote set-url", "!push !add !delete"),
    ("remote add", "!f/fetch !tags !t/track= !m/master= !mirror?"),
    ("remote rename", "!progress"),
    (
        "reflog expire",
        "!n/dry-run !rewrite !updateref !verbose expire= expire-unreachable= !stale-fix !all !single-worktree",
    ),
    ("reflog delete", "!n/dry-run !rewrite !updateref !verbose"),
    ("submodule deinit", "f/force all q/quiet"),
    ("for-each-repo", "!config= !keep-going"),
    (
        "submodule update",
        "q/quiet v/verbose init remote N/no-fetch f/force checkout merge rebase recursive reference= dissociate \
         depth= j/jobs= single-branch filter= recommend-shallow progress",
    ),
    ("submodule foreach", "recursive q/quiet"),
    ("reflog drop", "all single-worktree q/quiet"),
    ("bisect run", ""),
    ("lfs prune", "d/dry-run f/force recent verbose verify-remote"),
    (
        "filter-branch",
        "f/force setup= subdirectory-filter= env-filter= tree-filter= index-filter= parent-filter= msg-filter= \
         commit-filter= tag-name-filter= prune-empty original= d= state-branch= remap-to-ancestor",
    ),
    (
        "filter-repo",
        "analyze dry-run f/force path= invert-paths replace-text= mailmap= refs= subdirectory-filter= to-subdirectory-filter= \
         commit-callback= blob-callback= strip-blobs-bigger-than= path-glob= path-regex= \
         path-rename= source= target= partial",
    ),
    (
        "config",
        "global system local worktree f/file= blob= get get-all get-regexp= get-urlmatch= replace-all add \
         unset unset-all rename-section remove-section l/list e/edit get-color get-colorbool t/type= bool \
         int bool-or-int bool-or-str path expiry-date z/null name-only includes show-origin show-scope \
         default= fixed-value comment= all value= append url= regexp",
    ),
];

/// Whether git has a command of this name itself; an alias cannot replace one.
pub fn is_own(verb: &str) -> bool {
    own().any(|name| name == verb)
}

/// All of them.
pub fn own() -> impl Iterator<Item = &'static str> {
    OWN.split_ascii_whitespace()
}

/// `git --list-cmds=main` of 2.47, and what came later.
const OWN: &str = "\
    add am annotate apply archimport archive bisect blame branch bugreport bundle cat-file check-attr \
    check-ignore check-mailmap check-ref-format checkout checkout--worker checkout-index cherry cherry-pick \
    clean clone column commit commit-graph commit-tree config count-objects credential credential-cache \
    credential-cache--daemon credential-store cvsexportcommit cvsimport cvsserver daemon describe \
    diagnose diff diff-files diff-index diff-tree difftool difftool--helper fast-export fast-import \
    fetch fetch-pack filter-branch fmt-merge-msg for-each-ref for-each-repo format-patch fsck fsck-objects \
    fsmonitor--daemon gc get-tar-commit-id grep hash-object help hook http-backend http-fetch \
    http-push imap-send index-pack init init-db instaweb interpret-trailers log ls-files ls-remote ls-tree \
    mailinfo mailsplit maintenance merge merge-base merge-file merge-index merge-octopus merge-one-file \
    merge-ours merge-recursive merge-recursive-ours merge-recursive-theirs merge-resolve merge-subtree \
    merge-tree mergetool mktag mktree multi-pack-index mv name-rev notes p4 pack-objects pack-redundant \
    pack-refs patch-id pickaxe prune prune-packed pull push quiltimport range-diff read-tree \
    rebase receive-pack reflog refs remote remote-ext remote-fd remote-ftp remote-ftps remote-http \
    remote-https repack replace replay request-pull rerere reset restore rev-list rev-parse revert rm \
    send-email send-pack sh-i18n--envsubst shell shortlog show show-branch show-index show-ref sparse-checkout \
    stage stash status stripspace submodule submodule--helper svn switch symbolic-ref tag \
    unpack-file unpack-objects update-index update-ref update-server-info upload-archive upload-archive \
    --writer upload-pack var verify-commit verify-pack verify-tag version web--browse whatchanged \
    worktree write-tree backfill last-modified repo history";
