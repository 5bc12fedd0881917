//! What Redis and Valkey commands do, by name. Must never take a command that is not listed for a read.

use super::Done;

/// Commands that only look, listen or speak about the connection.
const READS: &[&str] = &[
    "asking", "auth", "bitcount", "bitfield_ro", "bitpos", "clear", "client", "cluster", "command", "dbsize", "discard",
    "dump", "echo", "exec", "exists", "expiretime", "fcall_ro", "geodist", "geohash", "geopos", "georadius_ro",
    "georadiusbymember_ro", "geosearch", "get", "getbit", "getrange", "hello", "help", "hexists", "hexpiretime", "hget",
    "hgetall", "hkeys", "hlen", "hmget", "hpexpiretime", "hpttl", "hrandfield", "hscan", "hstrlen", "httl", "hvals", "info",
    "keys", "lastsave", "latency", "lcs", "lindex", "llen", "lolwut", "lpos", "lrange", "memory", "mget", "monitor",
    "multi", "object", "pexpiretime", "pfcount", "ping", "psubscribe", "psync", "pttl", "pubsub", "punsubscribe",
    "randomkey", "readonly", "readwrite", "role", "scan", "scard", "sdiff", "select", "sinter", "sintercard",
    "sismember", "slowlog", "smembers", "smismember", "sort_ro", "srandmember", "sscan", "ssubscribe", "strlen",
    "subscribe", "substr", "sunion", "sunsubscribe", "sync", "time", "touch", "ttl", "type", "unsubscribe", "unwatch",
    "wait", "waitaof", "watch", "xinfo", "xlen", "xpending", "xrange", "xread", "xrevrange", "zcard", "zcount", "zdiff",
    "zinter", "zintercard", "zlexcount", "zmscore", "zrandmember", "zrange", "zrangebylex", "zrangebyscore", "zrank",
    "zrevrange", "zrevrangebylex", "zrevrangebyscore", "zrevrank", "zscan", "zscore", "zunion", "quit", "exit", "connect",
    "json.get", "json.mget", "json.type", "json.objkeys", "json.objlen", "json.arrlen", "json.strlen", "ft.search",
    "ft.info", "ft._list", "ft.explain", "ft.aggregate", "bf.exists", "bf.mexists", "bf.info", "cf.exists", "cf.info",
    "ts.get", "ts.mget", "ts.range", "ts.mrange", "ts.info", "ts.queryindex",
];

/// Commands that add to a key or change a part of it.
const WRITES: &[&str] = &[
    "append", "bitfield", "bitop", "blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin",
    "copy", "decr", "decrby", "expire", "expireat", "geoadd", "georadius", "georadiusbymember", "geosearchstore", "getdel",
    "getex", "getset", "hexpire", "hexpireat", "hpersist", "hpexpire", "hpexpireat", "hincrby", "hincrbyfloat", "hmset",
    "hset", "hsetex", "hsetnx", "incr", "incrby", "incrbyfloat", "linsert", "lmove", "lmpop", "lpop", "lpush", "lpushx",
    "lset", "mset", "msetnx", "persist", "pexpire", "pexpireat", "pfadd", "pfmerge", "psetex", "publish", "rpop",
    "rpoplpush", "rpush", "rpushx", "sadd", "sdiffstore", "set", "setbit", "setex", "setnx", "setrange", "sinterstore",
    "smove", "sort", "spop", "spublish", "sunionstore", "xack", "xadd", "xautoclaim", "xclaim", "xgroup", "xreadgroup",
    "xsetid", "zadd", "zdiffstore", "zincrby", "zinterstore", "zmpop", "zpopmax", "zpopmin", "zrangestore", "zunionstore",
    "json.set", "json.arrappend", "json.numincrby", "bf.add", "bf.madd", "bf.reserve", "cf.add", "ts.add", "ts.madd",
    "ts.create", "ft.create", "ft.alter", "bgsave", "save", "bgrewriteaof", "restore-asking",
];

/// Commands that remove keys or parts of them.
const REMOVES: &[&str] = &[
    "del", "unlink", "hdel", "hgetdel", "lrem", "ltrim", "srem", "xdel", "xdelex", "xackdel", "xtrim", "zrem", "zremrangebylex",
    "zremrangebyrank", "zremrangebyscore", "rename", "renamenx", "move", "json.del", "json.forget", "json.clear", "ts.del", "cf.del",
    "ft.dropindex", "ft.drop", "delex",
];

/// What a command does, in a word that rules match.
pub fn kind(words: &[String]) -> &'static str {
    let word = |at: usize| words.get(at).map(|w| w.to_ascii_lowercase()).unwrap_or_default();
    let (name, second) = (word(0), word(1));
    match name.as_str() {
        "flushall" => "flush-all",
        "flushdb" => "flush-database",
        "swapdb" => "swap",
        "shutdown" if second == "abort" => "read",
        "shutdown" => "shutdown",
        "config" => match second.as_str() {
            "get" | "help" => "read",
            "rewrite" => "write",
            _ => "configure",
        },
        "debug" if matches!(second.as_str(), "object" | "help" | "listpack" | "ziplist" | "stringmatch-len") => "read",
        "debug" => "debug",
        "migrate" => "migrate",
        "restore" if words.iter().any(|w| w.eq_ignore_ascii_case("replace")) => "remove",
        "restore" => "write",
        "eval" | "evalsha" | "fcall" => "script",
        "eval_ro" | "evalsha_ro" => "read",
        "script" if second == "flush" || second == "kill" => "flush-scripts",
        "script" => "read",
        "function" => match second.as_str() {
            "flush" | "restore" | "delete" => "flush-scripts",
            "load" => "write",
            "kill" => "disrupt",
            _ => "read",
        },
        "replicaof" | "slaveof" | "failover" => "replicate",
        "cluster" => match second.as_str() {
            "reset" | "flushslots" => "flush-all",
            "delslots" | "delslotsrange" | "failover" | "forget" | "replicate" | "setslot" | "addslots"
            | "addslotsrange" | "bumpepoch" | "set-config-epoch" | "meet" => "replicate",
            _ => "read",
        },
        "client" => match second.as_str() {
            "kill" | "pause" => "disrupt",
            _ => "read",
        },
        "acl" => match second.as_str() {
            "setuser" | "load" => "grant",
            "deluser" => "disrupt",
            "save" => "write",
            _ => "read",
        },
        "module" => match second.as_str() {
            "load" | "loadex" => "module",
            "unload" => "disrupt",
            _ => "read",
        },
        "slowlog" | "latency" if second == "reset" => "write",
        "memory" if second == "purge" => "write",
        "expire" | "pexpire" if word(2).parse::<i64>().is_ok_and(|n| n <= 0) => "remove",
        "xgroup" if second == "destroy" => "remove",
        "sentinel" => match second.as_str() {
            "failover" | "remove" | "reset" | "set" | "simulate-failure" => "replicate",
            _ => "read",
        },
        name if REMOVES.contains(&name) => "remove",
        name if WRITES.contains(&name) => "write",
        name if READS.contains(&name) => "read",
        _ => "unknown",
    }
}

/// `--cluster COMMAND …`
pub fn cluster(words: &[String]) -> &'static str {
    match words.first().map(|w| w.to_ascii_lowercase()).as_deref() {
        Some("check" | "info" | "help" | "backup") | None => "read",
        Some("call") => match words.iter().position(|w| w.contains(':')) {
            Some(at) => kind(&words[at + 1..]),
            None => "unknown",
        },
        Some("create" | "add-node" | "set-timeout" | "rebalance" | "fix" | "reshard") => "replicate",
        Some("del-node") => "replicate",
        Some("import") => "write",
        Some(_) => "unknown",
    }
}

/// How much a kind weighs when the worst of several is looked for.
pub fn weight(kind: &str) -> u8 {
    match kind {
        "flush-all" | "flush-database" => 6,
        "shutdown" | "swap" | "script" | "migrate" | "debug" | "unknown" | "module" => 5,
        "configure" | "replicate" | "grant" | "flush-scripts" => 4,
        "remove" | "disrupt" => 3,
        "export" => 2,
        "write" => 1,
        _ => 0,
    }
}

/// The keys that a removing command names.
pub fn keys(done: &Done) -> Option<Vec<String>> {
    if done.kind != "remove" {
        return None;
    }
    let several = done.words.first().is_some_and(|w| ["del", "unlink"].iter().any(|n| w.eq_ignore_ascii_case(n)));
    let count = if several { usize::MAX } else { 1 };
    Some(done.words.iter().skip(1).take(count).cloned().collect())
}
