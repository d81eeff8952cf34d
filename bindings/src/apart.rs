//! Work that takes long, done on a thread of its own and awaited: key stretching and the network.
//!
//! Knows nothing of what is done. Whoever stops waiting lets go of the answer; the work itself goes on to its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use fieldfare_core::contract::Problem;

use crate::fault;

/// Stack of such a thread, in bytes: an exchange decodes and merges deeper than a phone's default allows for.
const STACK_BYTES: usize = 2 * 1024 * 1024;

struct Desk<T> {
    answer: Option<Result<T, Problem>>,
    waiting: Option<Waker>,
}

/// An answer that is on its way.
pub(crate) struct Apart<T>(Arc<Mutex<Desk<T>>>);

/// Begins work on a thread of its own. A panic in it is a problem, as everywhere at the door.
pub(crate) fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Apart<T> {
    let desk = Arc::new(Mutex::new(Desk { answer: None, waiting: None }));
    let theirs = desk.clone();
    let begun =
        std::thread::Builder::new().name("fieldfare".to_owned()).stack_size(STACK_BYTES).spawn(move || {
            let answer = fault::caught(work);
            let waiting = {
                let mut desk = held(&theirs);
                desk.answer = Some(answer);
                desk.waiting.take()
            };
            // Whoever let go of the answer is not there to drop it: then it goes here, before anybody is woken.
            drop(theirs);
            if let Some(waiting) = waiting {
                waiting.wake();
            }
        });
    if begun.is_err() {
        held(&desk).answer = Some(Err(Problem::Unexpected { place: "no thread can be started".to_owned() }));
    }
    Apart(desk)
}

fn held<T>(desk: &Mutex<Desk<T>>) -> MutexGuard<'_, Desk<T>> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Future for Apart<T> {
    type Output = Result<T, Problem>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut desk = held(&self.0);
        match desk.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                desk.waiting = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::task::Wake;

    struct Bell(mpsc::Sender<()>);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(());
        }
    }

    fn awaited<T>(mut what: Apart<T>) -> Result<T, Problem> {
        let (bell, rung) = mpsc::channel();
        let waker = Arc::new(Bell(bell)).into();
        loop {
            match Pin::new(&mut what).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => rung.recv().unwrap(),
            }
        }
    }

    #[test]
    fn an_answer_is_waited_for_and_a_panic_is_one_too() {
        assert_eq!(awaited(apart(|| Ok(7))), Ok(7));
        assert_eq!(awaited(apart(|| Err::<(), _>(Problem::StoreLocked))), Err(Problem::StoreLocked));
        let Err(Problem::Unexpected { place }) = awaited(apart::<()>(|| panic!("a name"))) else {
            panic!("it is no problem");
        };
        assert!(
            place.contains("apart.rs:") && place.contains("trace ") && !place.contains("a name"),
            "{place}"
        );
    }

    #[test]
    fn what_nobody_waits_for_any_longer_is_let_go_of() {
        struct Told(mpsc::Sender<()>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        let ((go, gone), (told, heard)) = (mpsc::channel(), mpsc::channel());
        let waiting = apart(move || {
            gone.recv().unwrap();
            Ok(Told(told))
        });
        drop(waiting);
        go.send(()).unwrap();
        heard.recv().unwrap();
    }
}
