//! Topics as they come: which pages to read again.
//!
//! Collects and hands out. What a page shows, and who reads it, is not known here.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use fieldfare_core::contract::Topic;

#[derive(Default)]
struct Waiting {
    /// Each page once, however often it changed: there are never more than a store has pages.
    topics: BTreeSet<Topic>,
    ended: bool,
    waker: Option<Waker>,
}

/// A stream of topics, from the moment it was asked for.
#[derive(uniffi::Object)]
pub struct Watch(Mutex<Waiting>);

#[uniffi::export]
impl Watch {
    /// Waits until something is stale and says what, each page once. `None` once the home is closed, or the watch ended.
    /// One at a time: of two who wait, the later is told.
    pub async fn next(&self) -> Option<Vec<Topic>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Ends the watch: whoever waits is told `None`.
    pub fn end(&self) {
        self.tell(|waiting| waiting.ended = true);
    }
}

impl Watch {
    fn held(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Vec<Topic>>> {
        let mut waiting = self.held();
        if !waiting.topics.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut waiting.topics).into_iter().collect()));
        }
        if waiting.ended {
            return Poll::Ready(None);
        }
        waiting.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn tell(&self, what: impl FnOnce(&mut Waiting)) {
        let waker = {
            let mut waiting = self.held();
            what(&mut waiting);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Everybody who watches one home.
#[derive(Default)]
pub(crate) struct Watches(Mutex<Vec<Weak<Watch>>>);

impl Watches {
    /// Begins a watch. It is forgotten when nobody holds it any longer.
    pub(crate) fn begin(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch(Mutex::default()));
        let mut watches = self.held();
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Arc::downgrade(&watch));
        watch
    }

    /// Tells everybody what is stale.
    pub(crate) fn tell(&self, topics: &[Topic]) {
        if !topics.is_empty() {
            self.each(|watch| watch.tell(|waiting| waiting.topics.extend(topics.iter().cloned())));
        }
    }

    /// Ends every watch.
    pub(crate) fn end(&self) {
        self.each(Watch::end);
    }

    fn held(&self) -> MutexGuard<'_, Vec<Weak<Watch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn each(&self, what: impl Fn(&Watch)) {
        // Whoever is woken may ask for another watch at once.
        let watches: Vec<_> = self.held().iter().filter_map(Weak::upgrade).collect();
        watches.iter().for_each(|watch| what(watch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_is_told_once_and_the_end_after_everything_else() {
        let watches = Watches::default();
        let watch = watches.begin();
        let context = Context::from_waker(Waker::noop());
        assert_eq!(watch.poll(&context), Poll::Pending);
        watches.tell(&[Topic::Today, Topic::Exchange]);
        watches.tell(&[Topic::Today]);
        watches.end();
        assert_eq!(watch.poll(&context), Poll::Ready(Some(vec![Topic::Today, Topic::Exchange])));
        assert_eq!(watch.poll(&context), Poll::Ready(None));
        drop(watch);
        watches.begin();
        assert_eq!(watches.held().len(), 1);
    }
}
