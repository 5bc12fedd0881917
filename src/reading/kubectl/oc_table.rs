//! Commands that OpenShift's `oc` has besides kubectl's, with their options. Must never list a changing command as
//! `reads`.

use super::verbs::{Verb, changes, reads};

const ADM_POLICY: &str = "--dry-run[=] -o/--output= --role-namespace= --rolebinding-name= -z/--serviceaccount= \
                          --allow-missing-template-keys --show-managed-fields --template=";
const PRUNE: &str = "--confirm --keep-complete= --keep-failed= --keep-younger-than= --orphans --replica-sets --all \
                     --certificate-authority= --force-insecure --ignore-invalid-refs --num-workers= --prune-over-size-limit \
                     --prune-registry --registry-url= --blacklist= --whitelist= --sync-config= --type= -n/--namespace=";
const NEW: &str = "-n/--namespace= -l/--labels= --name= -e/--env= --env-file= -p/--param= --param-file= --dry-run -o/--output= \
                   -f/--file= --image= -i/--image-stream= --template= --code= --context-dir= --strategy= --as-deployment-config \
                   --build-env= --build-secret= --build-config-map= -D/--dockerfile= --to= --to-docker --push-secret= \
                   --source-image= --source-image-path= --source-secret= --group= -L/--list -S/--search --insecure-registry \
                   --allow-missing-images --allow-missing-imagestream-tags --grant-install-rights --import-mode= \
                   --ignore-unknown-parameters --no-install --show-all -a/--show-templates --no-output --docker-image=";
const SET: &str = "--all --dry-run[=] --field-manager= -f/--filename= -k/--kustomize= --local -o/--output= -R/--recursive \
                   -l/--selector= --add --remove --auto --manual --from-config --from-image= --from-github --from-gitlab \
                   --from-webhook --from-bitbucket --from-webhook-allow-env -c/--containers= --confirm --name= --type= \
                   -m/--mount-path= --sub-path= --path= --source= --claim-name= --claim-size= --claim-mode= \
                   --claim-class= --secret-name= --configmap-name= --default-mode= --overwrite --read-only --liveness \
                   --readiness --startup --get-url= --open-tcp= --initial-delay-seconds= --period-seconds= \
                   --timeout-seconds= --success-threshold= --failure-threshold= --equal --zero --adjust --pull --push \
                   --pre --mid --post --environment= --volumes= --from-literal= --from-file= --from-env-file= --enabled \
                   --template= --allow-missing-template-keys --show-managed-fields -e/--env= --prefix= --keys= --resolve \
                   --list --from= --script --command";
const CREATE: &str = "--dry-run[=] --field-manager= -o/--output= --save-config --service= --hostname= --port= --path= --cert= \
                      --key= --ca-cert= --dest-ca-cert= --insecure-policy= --wildcard-policy= --lookup-local --from= \
                      --from-image= --reference --scheduled --insecure --reference-policy= --full-name= --image= \
                      --validate[=] --template= --allow-missing-template-keys --show-managed-fields";

pub const VERBS: &[Verb] = &[
    reads("adm", "admin", ""),
    changes(
        "adm certificate approve",
        "",
        "-f/--filename= --force -k/--kustomize= -o/--output= -R/--recursive",
    ),
    changes("adm certificate deny", "", "-f/--filename= --force -k/--kustomize= -o/--output= -R/--recursive"),
    reads("adm certificate", "", ""),
    changes("adm cordon", "", "--dry-run[=] -l/--selector="),
    changes(
        "adm drain",
        "",
        "--chunk-size= --delete-emptydir-data --delete-local-data --disable-eviction --dry-run[=] --force \
         --grace-period= --ignore-daemonsets --pod-selector= -l/--selector= --skip-wait-for-delete-timeout= --timeout=",
    ),
    reads("adm groups", "", ""),
    changes("adm groups add-users", "", "--dry-run[=] -o/--output="),
    changes("adm groups new", "", "--dry-run[=] -o/--output="),
    changes("adm groups prune", "", "--confirm --sync-config= --type= --blacklist= --whitelist="),
    changes("adm groups remove-users", "", "--dry-run[=] -o/--output="),
    changes("adm groups sync", "", "--confirm --sync-config= --type= --blacklist= --whitelist= -o/--output="),
    reads("adm inspect", "", "--dest-dir= -A/--all-namespaces --rotated-pod-logs --since= --since-time= -l/--selector="),
    changes("adm migrate", "", ""),
    reads("adm must-gather", "", "--dest-dir= --image= --image-stream= --node-name= --node-selector= --timeout= --since= --since-time= --source-dir= --host-network --keep --run-namespace= --volume-percentage= --all-images"),
    changes("adm new-project", "", "--admin= --admin-role= --description= --display-name= --node-selector="),
    reads("adm node-logs", "", "--role= -l/--selector= --unit= --tail= --path= --since= --until= --grep= --boot= --raw --unify -o/--output="),
    changes("adm ocp-certificates", "", ""),
    reads("adm policy", "", ""),
    changes("adm policy add-cluster-role-to-group", "", ADM_POLICY),
    changes("adm policy add-cluster-role-to-user", "", ADM_POLICY),
    changes("adm policy add-role-to-group", "", ADM_POLICY),
    changes("adm policy add-role-to-user", "", ADM_POLICY),
    changes("adm policy add-scc-to-group", "", ADM_POLICY),
    changes("adm policy add-scc-to-user", "", ADM_POLICY),
    changes("adm policy remove-cluster-role-from-group", "", ADM_POLICY),
    changes("adm policy remove-cluster-role-from-user", "", ADM_POLICY),
    changes("adm policy remove-group", "", ADM_POLICY),
    changes("adm policy remove-role-from-group", "", ADM_POLICY),
    changes("adm policy remove-role-from-user", "", ADM_POLICY),
    changes("adm policy remove-scc-from-group", "", ADM_POLICY),
    changes("adm policy remove-scc-from-user", "", ADM_POLICY),
    changes("adm policy remove-user", "", ADM_POLICY),
    reads("adm policy scc-review", "", ADM_POLICY),
    reads("adm policy scc-subject-review", "", ADM_POLICY),
    reads("adm policy who-can", "", "-A/--all-namespaces -o/--output="),
    reads("adm prune", "", ""),
    changes("adm prune builds", "", PRUNE),
    changes("adm prune deployments", "", PRUNE),
    changes("adm prune groups", "", PRUNE),
    changes("adm prune images", "", PRUNE),
    changes("adm prune renderedmachineconfigs", "", "--confirm --count= --pool-name= --in-use"),
    changes("adm reboot-machine-config-pool", "", "--dry-run[=]"),
    reads("adm release", "", "-o/--output= --commits --pullspecs --to-dir= --from= --command= --tools --size --contents -a/--registry-config="),
    changes("adm restart-kubelet", "", "--dry-run[=] --directive= -l/--selector= --all --parallelism="),
    changes("adm taint", "", "--all --dry-run[=] --overwrite -l/--selector= -o/--output="),
    reads("adm top", "", "--heapster-namespace= --no-headers -l/--selector= -A/--all-namespaces --containers --sort-by="),
    changes("adm uncordon", "", "--dry-run[=] -l/--selector="),
    changes("adm upgrade", "", "--allow-explicit-upgrade --allow-upgrade-with-warnings --clear --force --include-not-recommended --to= --to-image= --to-latest --to-multi-arch --allow-not-recommended"),
    reads("adm verify-image-signature", "", "--expected-identity= --public-key= --save --registry-url= --insecure --remove-all"),
    reads("adm wait-for-stable-cluster", "", "--minimum-stable-period= --timeout="),
    changes("cancel-build", "", "--dump-logs --restart --state="),
    changes("create build", "", CREATE),
    changes("create clusterresourcequota", "clusterquota", "--hard= --project-annotation-selector= --project-label-selector= --dry-run[=] -o/--output="),
    changes("create deploymentconfig", "dc", CREATE),
    changes("create identity", "", CREATE),
    changes("create imagestream", "is", CREATE),
    changes("create imagestreamtag", "istag", CREATE),
    reads("create route", "", ""),
    changes("create route edge", "", CREATE),
    changes("create route passthrough", "", CREATE),
    changes("create route reencrypt", "", CREATE),
    changes("create user", "", CREATE),
    changes("create useridentitymapping", "", CREATE),
    reads("extract", "", "--confirm --keys= --to= -f/--filename= -R/--recursive"),
    reads("get-token", "", ""),
    changes("idle", "", "--all -A/--all-namespaces --dry-run --resource-names-file= -l/--selector="),
    reads("image", "", ""),
    changes("image append", "", "--from= --to= --image= --dry-run -a/--registry-config="),
    reads("image extract", "", "--path= --file= --confirm --filter-by-os= -a/--registry-config= --dry-run --insecure"),
    reads("image info", "", "-o/--output= --filter-by-os= -a/--registry-config= --insecure --show-multiarch"),
    changes("image mirror", "", "-f/--filename= --dir= --dry-run --force --filter-by-os= -a/--registry-config= --insecure --keep-manifest-list --max-per-registry= --skip-mount --continue-on-error --from-dir= --as-manifest-list"),
    changes("import-image", "", "--all --confirm --dry-run[=] --from= --insecure --reference-policy= --scheduled --import-mode= -o/--output="),
    changes("login", "", "-u/--username= -p/--password= --web --callback-port= --oidc-issuer-url= --client-id= --exec-plugin= --loglevel="),
    changes("logout", "", ""),
    changes("new-app", "", NEW),
    changes("new-build", "", NEW),
    changes("new-project", "", "--description= --display-name= --skip-config-write"),
    changes("observe", "", "-A/--all-namespaces --all --delete= --names= --resync-period= --once --maximum-errors= --type-env-var= --object-env-var= -l/--selector= -a/--argument= --listen-addr= --no-headers --output= --print-metrics-on-exit --quiet --retry-count= --strict-templates --exit-after="),
    reads("policy", "", ""),
    changes("policy add-role-to-group", "", ADM_POLICY),
    changes("policy add-role-to-user", "", ADM_POLICY),
    reads("policy can-i", "", "--list --all -q/--quiet --scopes= --ignore-scopes --user= --groups= -g/--group="),
    changes("policy remove-group", "", ADM_POLICY),
    changes("policy remove-role-from-group", "", ADM_POLICY),
    changes("policy remove-role-from-user", "", ADM_POLICY),
    changes("policy remove-user", "", ADM_POLICY),
    reads("policy scc-review", "", ADM_POLICY),
    reads("policy scc-subject-review", "", ADM_POLICY),
    reads("policy who-can", "", "-A/--all-namespaces -o/--output="),
    reads("process", "", "-f/--filename= --ignore-unknown-parameters -l/--labels= --local -o/--output= -p/--param= --param-file= --parameters --raw -t/--template= --value="),
    changes("project", "", "-q/--short"),
    reads("projects", "", "-q/--short"),
    reads("registry", "", ""),
    reads("registry info", "", "--check --internal --public -q/--quiet"),
    changes("registry login", "", "--insecure --registry= --skip-check --to= -a/--registry-config= -z/--service-account= --auth-basic="),
    changes("rollback", "", "--change-scaling-settings --change-strategy --change-triggers --dry-run -o/--output= --to-version="),
    changes("rollout cancel", "", "-f/--filename= -k/--kustomize= -o/--output= -R/--recursive --dry-run[=]"),
    changes("rollout latest", "", "--again --dry-run[=] -o/--output= --revision="),
    changes("rollout retry", "", "--to-revision= -f/--filename= -k/--kustomize= -R/--recursive"),
    changes("rsh", "", "-c/--container= -f/--filename= --no-tty --shell= --timeout= -t/--tty"),
    changes("rsync", "", "-c/--container= --compress --delete --exclude= --include= --no-perms --last= --progress -q/--quiet --strategy= -w/--watch"),
    reads("secrets", "", ""),
    changes("secrets link", "add", "--for="),
    changes("secrets unlink", "", ""),
    reads("serviceaccounts", "sa", ""),
    changes("serviceaccounts create-kubeconfig", "", "--with-namespace="),
    changes("serviceaccounts new-token", "", "--labels= --timeout="),
    reads("serviceaccounts get-token", "", ""),
    changes("set build-hook", "", SET),
    changes("set build-secret", "", SET),
    changes("set data", "", SET),
    changes("set deployment-hook", "", SET),
    changes("set image-lookup", "", SET),
    changes("set probe", "", SET),
    changes("set route-backends", "", SET),
    changes("set triggers", "", SET),
    changes("set volumes", "volume", SET),
    changes("start-build", "", "--build-arg= --build-loglevel= --commit= -e/--env= -F/--follow --from-archive= --from-build= --from-dir= --from-file= --from-repo= --from-webhook= --git-post-receive= --git-repository= --incremental --list-webhooks= --no-cache -o/--output= -w/--wait"),
    reads("status", "", "-A/--all-namespaces -o/--output= --suggest --verbose"),
    changes("tag", "", "--alias -d/--delete --import-mode= --insecure --reference --reference-policy= --scheduled --source="),
    reads("types", "", ""),
    reads("whoami", "", "-c/--show-context --show-console --show-server -t/--show-token"),
];
