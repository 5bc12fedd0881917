//! Every kubectl command with its other names and its options: the union of kubectl 1.27 to 1.33 as their help
//! prints them, and the deprecated ones that help hides. Must never list a changing command as `reads`.

use super::verbs::{Verb, changes, reads};

pub const VERBS: &[Verb] = &[
    reads("__complete", "", ""),
    reads("__completeNoDesc", "", ""),
    reads("alpha", "", ""),
    changes(
        "annotate",
        "",
        "--all -A/--all-namespaces --allow-missing-template-keys --dry-run[=] --field-manager= \
         --field-selector= -f/--filename= -k/--kustomize= --list --local -o/--output= --overwrite --record \
         -R/--recursive --resource-version= -l/--selector= --show-managed-fields --template=",
    ),
    reads(
        "api-resources",
        "",
        "--api-group= --cached --categories= --namespaced --no-headers -o/--output= --sort-by= --verbs=",
    ),
    reads("api-versions", "", ""),
    changes(
        "apply",
        "",
        "--all --allow-missing-template-keys --cascade[=] --dry-run[=] --field-manager= -f/--filename= --force \
         --force-conflicts --grace-period= -k/--kustomize= --openapi-patch -o/--output= --overwrite --prune \
         --prune-allowlist= --prune-whitelist= --record -R/--recursive -l/--selector= --server-side \
         --show-managed-fields --subresource= --template= --timeout= --validate[=] --wait",
    ),
    changes(
        "apply edit-last-applied",
        "",
        "--allow-missing-template-keys --field-manager= -f/--filename= -k/--kustomize= -o/--output= \
         -R/--recursive --show-managed-fields --template= --validate[=] --windows-line-endings",
    ),
    changes(
        "apply set-last-applied",
        "",
        "--allow-missing-template-keys --create-annotation --dry-run[=] -f/--filename= -o/--output= \
         --show-managed-fields --template=",
    ),
    reads(
        "apply view-last-applied",
        "",
        "--all -f/--filename= -k/--kustomize= -o/--output= -R/--recursive -l/--selector=",
    ),
    changes("attach", "", "-c/--container= --pod-running-timeout= -q/--quiet -i/--stdin -t/--tty"),
    reads("auth", "", ""),
    reads("auth can-i", "", "-A/--all-namespaces --list --no-headers -q/--quiet --subresource="),
    changes(
        "auth reconcile",
        "",
        "--allow-missing-template-keys --dry-run[=] -f/--filename= -k/--kustomize= -o/--output= -R/--recursive \
         --remove-extra-permissions --remove-extra-subjects --show-managed-fields --template=",
    ),
    reads("auth whoami", "", "--allow-missing-template-keys -o/--output= --show-managed-fields --template="),
    changes(
        "autoscale",
        "",
        "--allow-missing-template-keys --cpu-percent= --dry-run[=] --field-manager= -f/--filename= \
         -k/--kustomize= --max= --min= --name= -o/--output= --record -R/--recursive --save-config \
         --show-managed-fields --template=",
    ),
    reads("certificate", "", ""),
    changes(
        "certificate approve",
        "",
        "--allow-missing-template-keys -f/--filename= --force -k/--kustomize= -o/--output= -R/--recursive \
         --show-managed-fields --template=",
    ),
    changes(
        "certificate deny",
        "",
        "--allow-missing-template-keys -f/--filename= --force -k/--kustomize= -o/--output= -R/--recursive \
         --show-managed-fields --template=",
    ),
    reads("cluster-info", "", ""),
    reads(
        "cluster-info dump",
        "",
        "-A/--all-namespaces --allow-missing-template-keys --namespaces= -o/--output= --output-directory= \
         --pod-running-timeout= --show-managed-fields --template=",
    ),
    reads("completion", "", ""),
    reads("completion bash", "", ""),
    reads("completion fish", "", ""),
    reads("completion powershell", "", ""),
    reads("completion zsh", "", ""),
    reads("config", "", ""),
    reads("config current-context", "", ""),
    changes("config delete-cluster", "", ""),
    changes("config delete-context", "", ""),
    changes("config delete-user", "", ""),
    reads("config get-clusters", "", ""),
    reads("config get-contexts", "", "--no-headers -o/--output="),
    reads("config get-users", "", ""),
    changes("config rename-context", "", ""),
    changes("config set", "", "--set-raw-bytes"),
    changes(
        "config set-cluster",
        "",
        "--certificate-authority= --embed-certs --insecure-skip-tls-verify --proxy-url= --server= \
         --tls-server-name=",
    ),
    changes("config set-context", "", "--cluster= --current --namespace= --user="),
    changes(
        "config set-credentials",
        "",
        "--auth-provider= --auth-provider-arg= --client-certificate= --client-key= --embed-certs \
         --exec-api-version= --exec-arg= --exec-command= --exec-env= --exec-interactive-mode= \
         --exec-provide-cluster-info --password= --token= --username=",
    ),
    changes("config unset", "", ""),
    changes("config use-context", "use", ""),
    reads(
        "config view",
        "",
        "--allow-missing-template-keys --flatten --merge --minify -o/--output= --raw --show-managed-fields \
         --template=",
    ),
    changes("cordon", "", "--dry-run[=] -l/--selector="),
    changes("cp", "", "-c/--container= --no-preserve --retries="),
    changes(
        "create",
        "",
        "--allow-missing-template-keys --dry-run[=] --edit --field-manager= -f/--filename= -k/--kustomize= \
         -o/--output= --raw= --record -R/--recursive --save-config -l/--selector= --show-managed-fields \
         --template= --validate[=] --windows-line-endings",
    ),
    changes(
        "create clusterrole",
        "",
        "--aggregation-rule= --allow-missing-template-keys --dry-run[=] --field-manager= --non-resource-url= \
         -o/--output= --record --resource= --resource-name= --save-config --show-managed-fields --template= \
         --validate[=] --verb=",
    ),
    changes(
        "create clusterrolebinding",
        "",
        "--allow-missing-template-keys --clusterrole= --dry-run[=] --field-manager= --group= -o/--output= \
         --record --save-config --serviceaccount= --show-managed-fields --template= --user= --validate[=]",
    ),
    changes(
        "create configmap",
        "cm",
        "--allow-missing-template-keys --append-hash --dry-run[=] --field-manager= --from-env-file= \
         --from-file= --from-literal= -o/--output= --record --save-config --show-managed-fields --template= \
         --validate[=]",
    ),
    changes(
        "create cronjob",
        "cj",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --image= -o/--output= --record --restart= \
         --save-config --schedule= --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create deployment",
        "deploy",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --image= -o/--output= --port= --record \
         -r/--replicas= --save-config --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create ingress",
        "ing",
        "--allow-missing-template-keys --annotation= --class= --default-backend= --dry-run[=] --field-manager= \
         -o/--output= --record --rule= --save-config --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create job",
        "",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --from= --image= -o/--output= --record \
         --save-config --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create namespace",
        "ns",
        "--allow-missing-template-keys --dry-run[=] --field-manager= -o/--output= --record --save-config \
         --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create poddisruptionbudget",
        "pdb",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --max-unavailable= --min-available= \
         -o/--output= --record --save-config --selector= --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create priorityclass",
        "pc",
        "--allow-missing-template-keys --description= --dry-run[=] --field-manager= --global-default \
         -o/--output= --preemption-policy= --record --save-config --show-managed-fields --template= \
         --validate[=] --value=",
    ),
    changes(
        "create quota",
        "resourcequota",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --hard= -o/--output= --record \
         --save-config --scopes= --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create role",
        "",
        "--allow-missing-template-keys --dry-run[=] --field-manager= -o/--output= --record --resource= \
         --resource-name= --save-config --show-managed-fields --template= --validate[=] --verb=",
    ),
    changes(
        "create rolebinding",
        "",
        "--allow-missing-template-keys --clusterrole= --dry-run[=] --field-manager= --group= -o/--output= \
         --record --role= --save-config --serviceaccount= --show-managed-fields --template= --user= \
         --validate[=]",
    ),
    reads("create secret", "", ""),
    changes(
        "create secret docker-registry",
        "",
        "--allow-missing-template-keys --append-hash --docker-email= --docker-password= --docker-server= \
         --docker-username= --dry-run[=] --field-manager= --from-file= -o/--output= --record --save-config \
         --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create secret generic",
        "",
        "--allow-missing-template-keys --append-hash --dry-run[=] --field-manager= --from-env-file= \
         --from-file= --from-literal= -o/--output= --record --save-config --show-managed-fields --template= \
         --type= --validate[=]",
    ),
    changes(
        "create secret tls",
        "",
        "--allow-missing-template-keys --append-hash --cert= --dry-run[=] --field-manager= --key= -o/--output= \
         --record --save-config --show-managed-fields --template= --validate[=]",
    ),
    reads("create service", "svc", ""),
    changes(
        "create service clusterip",
        "",
        "--allow-missing-template-keys --clusterip= --dry-run[=] --field-manager= -o/--output= --record \
         --save-config --show-managed-fields --tcp= --template= --validate[=]",
    ),
    changes(
        "create service externalname",
        "",
        "--allow-missing-template-keys --dry-run[=] --external-name= --field-manager= -o/--output= --record \
         --save-config --show-managed-fields --tcp= --template= --validate[=]",
    ),
    changes(
        "create service loadbalancer",
        "",
        "--allow-missing-template-keys --dry-run[=] --field-manager= -o/--output= --record --save-config \
         --show-managed-fields --tcp= --template= --validate[=]",
    ),
    changes(
        "create service nodeport",
        "",
        "--allow-missing-template-keys --dry-run[=] --field-manager= --node-port= -o/--output= --record \
         --save-config --show-managed-fields --tcp= --template= --validate[=]",
    ),
    changes(
        "create serviceaccount",
        "sa",
        "--allow-missing-template-keys --dry-run[=] --field-manager= -o/--output= --record --save-config \
         --show-managed-fields --template= --validate[=]",
    ),
    changes(
        "create token",
        "",
        "--allow-missing-template-keys --audience= --bound-object-kind= --bound-object-name= \
         --bound-object-uid= --duration= -o/--output= --show-managed-fields --template=",
    ),
    changes(
        "debug",
        "",
        "--arguments-only --attach -c/--container= --copy-to= --custom= --env= -f/--filename= --image= \
         --image-pull-policy= --keep-annotations --keep-init-containers --keep-labels --keep-liveness \
         --keep-readiness --keep-startup --profile= -q/--quiet --replace --same-node --set-image= \
         --share-processes -i/--stdin --target= -t/--tty",
    ),
    changes(
        "delete",
        "",
        "--all -A/--all-namespaces --cascade[=] --dry-run[=] --field-selector= -f/--filename= --force \
         --grace-period= --ignore-not-found -i/--interactive -k/--kustomize= --now -o/--output= --raw= \
         -R/--recursive -l/--selector= --timeout= --wait",
    ),
    reads(
        "describe",
        "",
        "-A/--all-namespaces --chunk-size= -f/--filename= -k/--kustomize= -R/--recursive -l/--selector= \
         --show-events",
    ),
    reads(
        "diff",
        "",
        "--concurrency= --field-manager= -f/--filename= --force-conflicts -k/--kustomize= --prune \
         --prune-allowlist= -R/--recursive -l/--selector= --server-side --show-managed-fields",
    ),
    changes(
        "drain",
        "",
        "--chunk-size= --delete-emptydir-data --disable-eviction --dry-run[=] --force --grace-period= \
         --ignore-daemonsets --pod-selector= -l/--selector= --skip-wait-for-delete-timeout= --timeout=",
    ),
    changes(
        "edit",
        "",
        "--allow-missing-template-keys --field-manager= -f/--filename= -k/--kustomize= -o/--output= \
         --output-patch --record -R/--recursive --save-config --show-managed-fields --subresource= --template= \
         --validate[=] --windows-line-endings",
    ),
    reads(
        "events",
        "",
        "-A/--all-namespaces --allow-missing-template-keys --chunk-size= --for= --no-headers -o/--output= \
         --show-managed-fields --template= --types= -w/--watch",
    ),
    changes(
        "exec",
        "",
        "-c/--container= -f/--filename= --pod-running-timeout= -q/--quiet -i/--stdin -t/--tty",
    ),
    reads("explain", "", "--api-version= --output= --recursive"),
    changes(
        "expose",
        "",
        "--allow-missing-template-keys --cluster-ip= --dry-run[=] --external-ip= --field-manager= \
         -f/--filename= -k/--kustomize= -l/--labels= --load-balancer-ip= --name= -o/--output= --override-type= \
         --overrides= --port= --protocol= --record -R/--recursive --save-config --selector= --session-affinity= \
         --show-managed-fields --target-port= --template= --type=",
    ),
    reads(
        "get",
        "",
        "-A/--all-namespaces --allow-missing-template-keys --chunk-size= --field-selector= -f/--filename= \
         --ignore-not-found -k/--kustomize= -L/--label-columns= --no-headers -o/--output= --output-watch-events \
         --raw= -R/--recursive -l/--selector= --server-print --show-kind --show-labels --show-managed-fields \
         --sort-by= --subresource= --template= -w/--watch --watch-only",
    ),
    reads("help", "", ""),
    reads("kuberc", "", ""),
    changes("kuberc set", "", ""),
    reads("kuberc view", "", ""),
    reads(
        "kustomize",
        "",
        "--as-current-user --enable-alpha-plugins --enable-helm -e/--env= --helm-api-versions= --helm-command= \
         --helm-debug --helm-kube-version= --load-restrictor= --mount= --network --network-name= -o/--output=",
    ),
    changes(
        "label",
        "",
        "--all -A/--all-namespaces --allow-missing-template-keys --dry-run[=] --field-manager= \
         --field-selector= -f/--filename= -k/--kustomize= --list --local -o/--output= --overwrite --record \
         -R/--recursive --resource-version= -l/--selector= --show-managed-fields --template=",
    ),
    reads(
        "logs",
        "",
        "--all-containers --all-pods -c/--container= -f/--follow --ignore-errors \
         --insecure-skip-tls-verify-backend --limit-bytes= --max-log-requests= --pod-running-timeout= --prefix \
         -p/--previous -l/--selector= --since= --since-time= --tail= --timestamps",
    ),
    reads("options", "", ""),
    changes(
        "patch",
        "",
        "--allow-missing-template-keys --dry-run[=] --field-manager= -f/--filename= -k/--kustomize= --local \
         -o/--output= -p/--patch= --patch-file= --record -R/--recursive --show-managed-fields --subresource= \
         --template= --type=",
    ),
    reads("plugin", "", ""),
    reads("plugin list", "", "--name-only"),
    changes("port-forward", "", "--address= --pod-running-timeout="),
    changes(
        "proxy",
        "",
        "--accept-hosts= --accept-paths= --address= --api-prefix= --append-server-path --disable-filter \
         --keepalive= -p/--port= --reject-methods= --reject-paths= -u/--unix-socket= -w/--www= -P/--www-prefix=",
    ),
    changes(
        "replace",
        "",
        "--allow-missing-template-keys --cascade[=] --dry-run[=] --field-manager= -f/--filename= --force \
         --grace-period= -k/--kustomize= -o/--output= --raw= --record -R/--recursive --save-config \
         --show-managed-fields --subresource= --template= --timeout= --validate[=] --wait",
    ),
    reads("rollout", "", ""),
    reads(
        "rollout history",
        "",
        "--allow-missing-template-keys -f/--filename= -k/--kustomize= -o/--output= -R/--recursive --revision= \
         -l/--selector= --show-managed-fields --template=",
    ),
    changes(
        "rollout pause",
        "",
        "--allow-missing-template-keys --field-manager= -f/--filename= -k/--kustomize= -o/--output= --record \
         -R/--recursive -l/--selector= --show-managed-fields --template=",
    ),
    changes(
        "rollout restart",
        "",
        "--allow-missing-template-keys --field-manager= -f/--filename= -k/--kustomize= -o/--output= --record \
         -R/--recursive -l/--selector= --show-managed-fields --template=",
    ),
    changes(
        "rollout resume",
        "",
        "--allow-missing-template-keys --field-manager= -f/--filename= -k/--kustomize= -o/--output= --record \
         -R/--recursive -l/--selector= --show-managed-fields --template=",
    ),
    reads(
        "rollout status",
        "",
        "-f/--filename= -k/--kustomize= -R/--recursive --revision= -l/--selector= --timeout= -w/--watch",
    ),
    changes(
        "rollout undo",
        "",
        "--allow-missing-template-keys --dry-run[=] -f/--filename= -k/--kustomize= -o/--output= --record \
         -R/--recursive -l/--selector= --show-managed-fields --template= --to-revision=",
    ),
    changes(
        "run",
        "",
        "--allow-missing-template-keys --annotations= --attach --cascade[=] --command --dry-run[=] --env= \
         --expose --field-manager= -f/--filename= --force --grace-period= --image= --image-pull-policy= \
         -k/--kustomize= -l/--labels= --leave-stdin-open -o/--output= --override-type= --overrides= \
         --pod-running-timeout= --port= --privileged -q/--quiet --record -R/--recursive --restart= --rm \
         --save-config --show-managed-fields -i/--stdin --template= --timeout= -t/--tty --wait",
    ),
    changes(
        "scale",
        "",
        "--all --allow-missing-template-keys --current-replicas= --dry-run[=] -f/--filename= -k/--kustomize= \
         -o/--output= --record -R/--recursive --replicas= --resource-version= -l/--selector= \
         --show-managed-fields --template= --timeout=",
    ),
    reads("set", "", ""),
    changes(
        "set env",
        "",
        "--all --allow-missing-template-keys -c/--containers= --dry-run[=] -e/--env= --field-manager= \
         -f/--filename= --from= --keys= -k/--kustomize= --list --local -o/--output= --overwrite --prefix= \
         --record -R/--recursive --resolve -l/--selector= --show-managed-fields --template=",
    ),
    changes(
        "set image",
        "",
        "--all --allow-missing-template-keys --dry-run[=] --field-manager= -f/--filename= -k/--kustomize= \
         --local -o/--output= --record -R/--recursive -l/--selector= --show-managed-fields --template=",
    ),
    changes(
        "set resources",
        "",
        "--all --allow-missing-template-keys -c/--containers= --dry-run[=] --field-manager= -f/--filename= \
         -k/--kustomize= --limits= --local -o/--output= --record -R/--recursive --requests= -l/--selector= \
         --show-managed-fields --template=",
    ),
    changes(
        "set selector",
        "",
        "--all --allow-missing-template-keys --dry-run[=] --field-manager= -f/--filename= --local -o/--output= \
         --record -R/--recursive --resource-version= --show-managed-fields --template=",
    ),
    changes(
        "set serviceaccount",
        "sa",
        "--all --allow-missing-template-keys --dry-run[=] --field-manager= -f/--filename= -k/--kustomize= \
         --local -o/--output= --record -R/--recursive --show-managed-fields --template=",
    ),
    changes(
        "set subject",
        "",
        "--all --allow-missing-template-keys --dry-run[=] --field-manager= -f/--filename= --group= \
         -k/--kustomize= --local -o/--output= --record -R/--recursive -l/--selector= --serviceaccount= \
         --show-managed-fields --template= --user=",
    ),
    changes(
        "taint",
        "",
        "--all --allow-missing-template-keys --dry-run[=] --field-manager= -o/--output= --overwrite \
         -l/--selector= --show-managed-fields --template= --validate[=]",
    ),
    reads("top", "", ""),
    reads(
        "top node",
        "no nodes",
        "--no-headers -l/--selector= --show-capacity --sort-by= --use-protocol-buffers",
    ),
    reads(
        "top pod",
        "po pods",
        "-A/--all-namespaces --containers --field-selector= --no-headers -l/--selector= --sort-by= --sum \
         --use-protocol-buffers",
    ),
    changes("uncordon", "", "--dry-run[=] -l/--selector="),
    reads("version", "", "--client -o/--output="),
    reads(
        "wait",
        "",
        "--all -A/--all-namespaces --allow-missing-template-keys --field-selector= -f/--filename= --for= \
         --local -o/--output= -R/--recursive -l/--selector= --show-managed-fields --template= --timeout=",
    ),
];
