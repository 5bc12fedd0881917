//! What reading a command found out, kept for the resolver that asks the same. Must never outlive a change of what
//! it was found from.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// One finding; clones share it.
#[derive(Clone, Default)]
pub struct Found(Rc<RefCell<Option<Rc<dyn Any>>>>);

impl Found {
    /// The finding of this type; `find` is asked where there is none yet.
    pub fn once<T: 'static>(&self, find: impl FnOnce() -> T) -> Rc<T> {
        let kept = self.0.borrow().clone();
        if let Some(kept) = kept.and_then(|kept| kept.downcast::<T>().ok()) {
            return kept;
        }
        let found = Rc::new(find());
        *self.0.borrow_mut() = Some(found.clone());
        found
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Found")
    }
}
