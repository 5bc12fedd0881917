//! From a tool's output to a count. Must never count what the tool did not clearly say.

use super::{Seen, aws, docker, helm, kubernetes, mysql, postgres, redis};
use crate::sys::helper::Output;
use crate::text::redact;

/// How an output is read.
#[derive(Clone, Debug)]
pub enum Reads {
    Kubernetes(kubernetes::List),
    Relations(postgres::Relations),
    Explained,
    Database(String),
    RedisKeys(redis::Keys),
    Bucket(aws::Objects),
    Docker(docker::Things),
    /// `docker system df`, a line for each kind; volumes count where they go too.
    DockerDisk {
        volumes: bool,
    },
    /// A helm release's manifest.
    Manifest(String),
    MySql(mysql::Tables),
}

impl Reads {
    pub fn read(&self, output: &Output) -> Result<Seen, String> {
        match self {
            Reads::Kubernetes(list) => list.read(output),
            Reads::Relations(relations) => relations.read(&whole(output)?),
            Reads::Explained => postgres::explained(&whole(output)?),
            Reads::Database(name) => postgres::database(name, &whole(output)?),
            Reads::RedisKeys(keys) => keys.read(&whole(output)?),
            Reads::Bucket(objects) => objects.read(&whole(output)?),
            Reads::Docker(things) => things.read(&whole(output)?),
            Reads::DockerDisk { volumes } => docker::disk(&whole(output)?, *volumes),
            Reads::Manifest(release) => helm::read(release, &whole(output)?),
            Reads::MySql(tables) => tables.read(&whole(output)?),
        }
    }
}

/// The output of a tool that has said everything and has succeeded.
fn whole(output: &Output) -> Result<String, String> {
    if !output.succeeded {
        return Err(complaint(output));
    }
    if output.cut {
        return Err("its answer is too long".into());
    }
    String::from_utf8(output.out.clone()).map_err(|_| "its answer is not text".into())
}

/// The tool's own last words about what went wrong.
pub fn complaint(output: &Output) -> String {
    let last_of = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
    };
    // Some ask for a password on standard output.
    let last = last_of(&output.errors).or_else(|| last_of(&output.out));
    let last = redact::text_for_people(&last.unwrap_or_else(|| "the tool failed without a word".into()));
    let mut short: String = last.chars().take(160).collect();
    if short.len() < last.len() {
        short.push('…');
    }
    // kubectl without credentials asks for a name, and then says "error: EOF".
    let words = short.strip_prefix("error: ").unwrap_or(&short);
    if words.contains(' ') { words.to_owned() } else { format!("the tool only says \"{words}\"") }
}
