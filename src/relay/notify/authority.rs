//! Certificates that a channel trusts instead of the system's: for a server with a certificate of one's own authority.
//! Must never widen what other channels trust.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Largest file of certificates.
const LARGEST: u64 = 256 * 1024;

#[derive(Clone, Debug)]
pub struct Authority(Vec<CertificateDer<'static>>);

impl Authority {
    /// Reads a PEM file that only this user or root can change.
    pub fn read(path: &Path) -> Result<Authority, String> {
        // A pipe in the place of the file must not hang the start.
        let opened =
            std::fs::OpenOptions::new().read(true).custom_flags(crate::sys::file::NONBLOCK).open(path);
        let file = opened.map_err(|e| format!("cannot be opened: {e}"))?;
        let about = file.metadata().map_err(|e| format!("cannot be read: {e}"))?;
        if !about.is_file() {
            return Err("is not a regular file".to_owned());
        }
        let owned = about.uid() == 0 || about.uid() == crate::sys::who::uid();
        if !owned || about.mode() & 0o022 != 0 {
            return Err("must belong to this user or root, and nobody else may write it".to_owned());
        }
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_reader_iter(std::io::Read::take(file, LARGEST)).collect();
        match certificates {
            Ok(all) if !all.is_empty() => Ok(Authority(all)),
            Ok(_) | Err(_) => Err("holds no certificate in PEM".to_owned()),
        }
    }

    pub fn for_http(&self) -> Option<Vec<reqwest::Certificate>> {
        self.0.iter().map(|one| reqwest::Certificate::from_der(one).ok()).collect()
    }

    pub fn for_mail(&self) -> Option<Vec<lettre::transport::smtp::client::Certificate>> {
        use lettre::transport::smtp::client::Certificate;
        self.0.iter().map(|one| Certificate::from_der(one.to_vec()).ok()).collect()
    }
}
