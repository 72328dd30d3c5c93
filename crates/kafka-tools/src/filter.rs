//! Which of many names a report covers.

use std::{fmt, sync::Arc};

/// Which of many names a report covers. The default is all of them.
#[derive(Clone)]
pub struct Filter<T>(Arc<dyn Fn(&T) -> bool + Send + Sync>);

impl<T> Filter<T> {
    /// Covers the names that `matches` accepts.
    pub fn new(matches: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(matches))
    }

    /// Whether `name` is covered.
    #[must_use]
    pub fn matches(&self, name: &T) -> bool {
        (self.0)(name)
    }
}

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self::new(|_| true)
    }
}

impl<T> fmt::Debug for Filter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").finish_non_exhaustive()
    }
}
