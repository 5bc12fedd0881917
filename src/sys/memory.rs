//! What others may see of this process's memory. Must be called before a key is read, not after.

/// No core file, and no reading through `/proc` or ptrace by processes of the same user, until the next
/// execve(2), which sets it back: the guarded program is as dumpable as it would be without guard.
pub fn forbid_dumps() {
    // SAFETY: PR_SET_DUMPABLE takes one integer and touches no memory of ours (prctl(2)).
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
}
