//! Statements signed by the person's key, whether guard or an agent has it. Must never ask an agent twice for one
//! statement: each time somebody may have to touch a token.

use crate::keys::{SignError, Signer};
use crate::statement::{Draft, Envelope, Signature};

/// The signed statement.
pub fn sign(draft: Draft, signer: &Signer) -> Result<Envelope, SignError> {
    let signature = signature(&draft, signer)?;
    Ok(draft.seal(signature))
}

/// One more signature, for a statement that several people sign.
pub fn signature(draft: &Draft, signer: &Signer) -> Result<Signature, SignError> {
    let blob = signer.sign(&draft.namespace(), &draft.pae())?;
    Ok(draft.signed(&signer.public(), blob))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Secret, SigningKey};
    use crate::statement::records::Checkpoint;
    use crate::statement::{Chain, Hash, Keyed};

    #[test]
    fn a_signer_makes_the_signature_that_its_key_makes() {
        let key = || SigningKey::new(&Secret::from_bytes([7; 32]));
        let signer = Signer::Own(key());
        let statement = Checkpoint {
            v: 1,
            team: "sre.acme.example".to_owned(),
            person: "alice".to_owned(),
            key: signer.public().fingerprint(),
            host_id: Keyed([1; 32]),
            chain: Chain { head: Hash([2; 32]), seq: 3 },
            iat: 1,
        };
        let draft = Draft::of(&statement).expect("canonical");
        assert_eq!(sign(draft.clone(), &signer).ok(), Some(draft.sign(&key())));
    }
}
