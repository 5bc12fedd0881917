//! Memory for a process that lives for microseconds: handed out from one block, given back when it execs.
//! Must never run dry: what does not fit comes from the system's allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pages of it that are never touched cost nothing.
const SIZE: usize = 512 << 10;

/// A block that is only ever filled, but for the newest piece, which may grow, shrink or go. The system's
/// allocator took two thirds of all instructions of the shim.
pub struct Arena {
    block: UnsafeCell<[MaybeUninit<u8>; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: a piece of the block belongs to whoever moved `used` past it, and moving it is atomic.
unsafe impl Sync for Arena {}

impl Arena {
    pub const fn new() -> Arena {
        Arena { block: UnsafeCell::new([MaybeUninit::uninit(); SIZE]), used: AtomicUsize::new(0) }
    }

    fn start(&self) -> usize {
        self.block.get().addr()
    }

    /// Where a piece begins in the block; `None` for one that the system gave.
    fn offset(&self, piece: *mut u8) -> Option<usize> {
        piece.addr().checked_sub(self.start()).filter(|offset| *offset < SIZE)
    }

    /// Moves `used` from `old` to `new`; false when somebody else moved it.
    fn moved(&self, old: usize, new: usize) -> bool {
        self.used.compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn take(&self, layout: Layout) -> Option<*mut u8> {
        loop {
            let used = self.used.load(Ordering::Relaxed);
            let begin = (self.start() + used).next_multiple_of(layout.align()) - self.start();
            let end = begin.checked_add(layout.size()).filter(|end| *end <= SIZE)?;
            if self.moved(used, end) {
                return Some(self.block.get().cast::<u8>().wrapping_add(begin));
            }
        }
    }
}

impl Default for Arena {
    fn default() -> Arena {
        Arena::new()
    }
}

// SAFETY: pieces are aligned, within the block and never overlap, because `take` moves `used` past them and only
// the newest one moves it back; everything else is passed to and from the system's allocator unchanged.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout`.
        self.take(layout).unwrap_or_else(|| unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match self.offset(piece) {
            // Too old to give back when it is not the newest.
            Some(begin) => _ = self.moved(begin + layout.size(), begin),
            // SAFETY: it came from the system's allocator with this layout.
            None => unsafe { System.dealloc(piece, layout) },
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(begin) = self.offset(piece) else {
            // SAFETY: it came from the system's allocator with this layout.
            return unsafe { System.realloc(piece, layout, size) };
        };
        let fits = begin.checked_add(size).is_some_and(|end| end <= SIZE);
        if (fits && self.moved(begin + layout.size(), begin + size)) || size <= layout.size() {
            return piece;
        }
        // SAFETY: the alignment was valid before, and the caller promises that the size does not overflow.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both pieces are at least as long as the old one, and do not overlap.
            unsafe { std::ptr::copy_nonoverlapping(piece, new, layout.size()) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a power of two")
    }

    #[test]
    fn the_newest_piece_grows_in_place_and_goes() {
        let arena = Box::new(Arena::new());
        // SAFETY: every piece is used within its layout and given back with it.
        unsafe {
            let first = arena.alloc(layout(3, 1));
            let second = arena.alloc(layout(8, 8));
            assert_eq!(second.addr() % 8, 0);
            assert!(second.addr() >= first.addr() + 3);
            assert_eq!(arena.realloc(second, layout(8, 8), 64), second);
            arena.dealloc(second, layout(64, 8));
            assert_eq!(arena.alloc(layout(16, 8)), second);
            first.write_bytes(7, 3);
            let grown = arena.realloc(first, layout(3, 1), 100);
            assert_ne!(grown, first);
            assert_eq!([*grown, *grown.add(1), *grown.add(2)], [7; 3]);
        }
    }

    #[test]
    fn what_does_not_fit_comes_from_the_system() {
        let arena = Box::new(Arena::new());
        // SAFETY: as above.
        unsafe {
            let large = arena.alloc(layout(SIZE + 1, 16));
            assert!(!large.is_null() && arena.offset(large).is_none());
            let large = arena.realloc(large, layout(SIZE + 1, 16), 2 * SIZE);
            arena.dealloc(large, layout(2 * SIZE, 16));
            let inside = arena.alloc(layout(SIZE - 8, 8));
            assert!(arena.offset(inside).is_some());
            let moved = arena.realloc(inside, layout(SIZE - 8, 8), SIZE + 8);
            assert!(!moved.is_null() && arena.offset(moved).is_none());
            arena.dealloc(moved, layout(SIZE + 8, 8));
        }
    }
}
