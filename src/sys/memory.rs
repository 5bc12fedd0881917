//! What others may see of this process's memory. Must be called before a key is read, not after, and must
//! leave no trace in the program that guard becomes.

use std::sync::OnceLock;

/// The limits of core files as they were, to be given back before exec.
static CORE: OnceLock<libc::rlimit> = OnceLock::new();

/// No core file, and no reading through `/proc` or ptrace by processes of the same user, until the next
/// execve(2), which sets it back: the guarded program is as dumpable as it would be without guard.
pub fn forbid_dumps() {
    // SAFETY: PR_SET_DUMPABLE takes one integer and touches no memory of ours (prctl(2)).
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
    CORE.get_or_init(|| {
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `before` is a valid rlimit for the kernel to fill; lowering the soft limit is always allowed.
        unsafe {
            if libc::getrlimit(libc::RLIMIT_CORE, &raw mut before) == 0 {
                let none = libc::rlimit { rlim_cur: 0, rlim_max: before.rlim_max };
                libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
            }
        }
        before
    });
}

/// Gives back the limit of core files: it outlives execve(2), and is none of guard's business then.
pub fn restore_core_limit() {
    if let Some(before) = CORE.get() {
        // SAFETY: a soft limit up to the hard one, which was never changed; `before` is a valid rlimit.
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, std::ptr::from_ref(before)) };
    }
}

/// A page of its own for a secret: not swapped out and not in a core file, as far as the system's limits
/// allow; wiped and given back when dropped.
pub struct Page {
    start: *mut u8,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone, and Rust's borrow rules govern access to it.
unsafe impl Send for Page {}
// SAFETY: as above; a shared reference gives out shared bytes only.
unsafe impl Sync for Page {}

impl Page {
    /// A page of zeros. Memory that there is not ends the process, as any allocation does.
    pub fn new() -> Page {
        // SAFETY: sysconf has no preconditions.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let length = usize::try_from(size).unwrap_or(4096);
        // SAFETY: a new private mapping that overlaps nothing.
        let start = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if start == libc::MAP_FAILED {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; 4096]>());
        }
        // SAFETY: exactly the mapping made above. Each may be refused (RLIMIT_MEMLOCK, old kernels): then the
        // page is an ordinary one.
        unsafe {
            libc::mlock(start, length);
            libc::madvise(start, length, libc::MADV_DONTDUMP);
        }
        Page { start: start.cast(), length }
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping is `length` initialised bytes and lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; `&mut self` makes it the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl Default for Page {
    fn default() -> Page {
        Page::new()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for at in 0..self.length {
            // SAFETY: within the mapping; volatile, so that the wiping is not optimised away.
            unsafe { self.start.add(at).write_volatile(0) };
        }
        // SAFETY: exactly the mapping made in `new`, used by nobody any more.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    /// The flags of the mapping that holds an address (proc_pid_smaps(5)).
    fn flags(address: *const u8) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").expect("own maps");
        let mut inside = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|r| r.split_once('-'));
            if let Some((from, to)) = range
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
            {
                inside = (from..to).contains(&(address as usize));
            }
            if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| inside) {
                return format!("{flags} ");
            }
        }
        String::new()
    }

    #[test]
    fn a_page_is_locked_and_left_out_of_dumps() {
        let mut page = Page::new();
        page.bytes_mut()[..3].copy_from_slice(b"key");
        assert_eq!(&page.bytes()[..4], b"key\0");
        let flags = flags(page.bytes().as_ptr());
        for flag in [" lo ", " dd "] {
            assert!(flags.contains(flag), "{flag} of {flags}");
        }
    }
}
