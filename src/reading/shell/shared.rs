//! What two ways through a script have in common until one of them changes it: taking both costs nothing then.
//! Must never let a change on one way be seen on the other.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

thread_local! {
    static STAMPS: Cell<u64> = const { Cell::new(0) };
}

/// A value that copies share. Copied when it is changed while another has it, too.
#[derive(Clone, Debug)]
pub struct Shared<T> {
    value: Rc<T>,
    stamp: u64,
}

impl<T> Shared<T> {
    pub fn new(value: T) -> Shared<T> {
        Shared { value: Rc::new(value), stamp: stamp() }
    }

    /// Whether nobody changed either since one was copied from the other.
    pub fn is_same(&self, other: &Shared<T>) -> bool {
        self.stamp == other.stamp
    }

    /// Another one after every change.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }
}

fn stamp() -> u64 {
    STAMPS.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.stamp = stamp();
        Rc::make_mut(&mut self.value)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Shared<T>) -> bool {
        self.is_same(other) || self.value == other.value
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared::new(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn a_change_is_seen_in_one_copy_only() {
        let mut one = Shared::new(vec![1]);
        let other = one.clone();
        assert!(one.is_same(&other) && one == other);
        one.push(2);
        assert!(!one.is_same(&other) && one != other);
        assert_eq!((one.as_slice(), other.as_slice()), (&[1, 2][..], &[1][..]));
    }
}
