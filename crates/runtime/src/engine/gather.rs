//! What is asked of the store together: while an answer is awaited, others gather, and are asked as
//! one. Whoever finds nobody there is asked for alone and at once, as ever: nothing waits to be
//! gathered.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::engine::supervise::supervised;
use crate::panics::caught;
use crate::store::StoreError;

/// How long those that have gathered wait for an answer to those before them. Whatever holds that
/// up is not to hold up these.
const PATIENCE: Duration = Duration::from_millis(100);

/// How often something is asked with others that the store could not decide about. Then it is asked
/// alone, for as long as that takes.
const TRIES: usize = 3;

/// Questions of one kind that may be asked together.
pub(crate) struct Gathering<Q, A> {
    /// How many at most.
    most: usize,
    /// How many are being asked alone.
    alone: Arc<AtomicUsize>,
    state: Arc<Mutex<State<Q, A>>>,
}

struct State<Q, A> {
    waiting: Vec<Waiting<Q, A>>,
    /// Whether there is an [`Asker`].
    is_asking: bool,
}

struct Waiting<Q, A> {
    question: Q,
    /// Where this is dropped, the question is to be asked alone.
    tell: oneshot::Sender<Result<A, StoreError>>,
}

/// What becomes of a question.
pub(crate) enum Turn<A> {
    /// It was asked with others, and this is the answer.
    Answered(A),
    /// It is to be asked alone, while this is kept.
    Alone(Option<Alone>),
}

/// One question is being asked alone, until this is dropped.
pub(crate) struct Alone(Arc<AtomicUsize>);

impl Drop for Alone {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<Q: Send + 'static, A: Send + 'static> Gathering<Q, A> {
    /// At most so many are asked together.
    pub(crate) fn new(most: usize) -> Self {
        let state = State { waiting: Vec::new(), is_asking: false };
        Self { most, alone: Arc::default(), state: Arc::new(Mutex::new(state)) }
    }

    /// Whether any are asked together.
    pub(crate) const fn gathers(&self) -> bool {
        self.most > 1
    }

    /// Waits for the turn of a question. If others are being asked, it goes with those that have
    /// gathered meanwhile.
    ///
    /// A batch that fails is not to harm more than single questions would: whatever was in it is
    /// asked alone.
    pub(crate) async fn turn<F, Fut>(&self, question: impl Fn() -> Q, ask: F) -> Turn<A>
    where
        F: Fn(Vec<Q>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<Vec<Result<A, StoreError>>, StoreError>> + Send + 'static,
    {
        for _ in 0..TRIES {
            let Some(answer) = self.join(&question, &ask) else { break };
            match answer.await {
                Ok(Ok(answer)) => return Turn::Answered(answer),
                // It could not be decided among others.
                Ok(Err(_)) => {}
                Err(_) => break,
            }
        }
        self.alone.fetch_add(1, Ordering::AcqRel);
        Turn::Alone(Some(Alone(self.alone.clone())))
    }

    /// Has a question wait with others. Nothing if none is being asked.
    fn join<F, Fut>(
        &self,
        question: impl Fn() -> Q,
        ask: &F,
    ) -> Option<oneshot::Receiver<Result<A, StoreError>>>
    where
        F: Fn(Vec<Q>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<Vec<Result<A, StoreError>>, StoreError>> + Send + 'static,
    {
        let mut state = lock(&self.state);
        if !state.is_asking && self.alone.load(Ordering::Acquire) == 0 {
            return None;
        }
        let (tell, answer) = oneshot::channel();
        state.waiting.push(Waiting { question: question(), tell });
        let is_first = !std::mem::replace(&mut state.is_asking, true);
        drop(state);
        if is_first {
            let asker = Asker { most: self.most, state: self.state.clone(), is_over: false };
            tokio::spawn(supervised("what is asked together", asker.ask(ask.clone())));
        }
        Some(answer)
    }
}

/// Asks for those that have gathered, until there are none. Where it ends before that, they are
/// asked alone.
struct Asker<Q, A> {
    most: usize,
    state: Arc<Mutex<State<Q, A>>>,
    is_over: bool,
}

impl<Q: Send + 'static, A: Send + 'static> Asker<Q, A> {
    async fn ask<F, Fut>(mut self, ask: F)
    where
        F: Fn(Vec<Q>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<Vec<Result<A, StoreError>>, StoreError>> + Send + 'static,
    {
        while let Some(batch) = self.next() {
            // A task of its own: it goes on if this does not wait for it any longer.
            let asked = tokio::spawn(supervised("a batch", tell(batch, ask.clone())));
            let _ = timeout(PATIENCE, asked).await;
        }
    }

    fn next(&mut self) -> Option<Vec<Waiting<Q, A>>> {
        let mut state = lock(&self.state);
        let number = state.waiting.len().min(self.most);
        if number == 0 {
            state.is_asking = false;
            self.is_over = true;
            return None;
        }
        Some(state.waiting.drain(..number).collect())
    }
}

impl<Q, A> Drop for Asker<Q, A> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = lock(&self.state);
            state.is_asking = false;
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            // What a run ended with is the user's.
            let _ = caught(|| drop(waiting));
        }
    }
}

/// Asks, and tells each who waits the answer.
async fn tell<Q, A, Fut>(batch: Vec<Waiting<Q, A>>, ask: impl FnOnce(Vec<Q>) -> Fut)
where
    Fut: Future<Output = Result<Vec<Result<A, StoreError>>, StoreError>>,
{
    let awaited = batch.into_iter().filter(|waiting| !waiting.tell.is_closed());
    let (questions, tell): (Vec<Q>, Vec<_>) = awaited.map(|waiting| (waiting.question, waiting.tell)).unzip();
    if questions.is_empty() {
        return;
    }
    let Ok(answers) = ask(questions).await else { return };
    if answers.len() != tell.len() {
        // Nobody knows whose they are.
        return;
    }
    for (tell, answer) in tell.into_iter().zip(answers) {
        let _ = tell.send(answer);
    }
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is an assignment or a move of whole elements.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    use super::*;

    type Answered = Result<Vec<Result<u32, StoreError>>, StoreError>;

    /// What was asked, one after the other.
    #[derive(Clone, Default)]
    struct Asked(Arc<Mutex<Vec<Vec<u32>>>>);

    impl Asked {
        fn note(&self, questions: &[u32]) {
            lock(&self.0).push(questions.to_vec());
        }

        fn take(&self) -> Vec<Vec<u32>> {
            std::mem::take(&mut lock(&self.0))
        }
    }

    /// Asks for a number, in so many milliseconds when it is alone.
    async fn number<F, Fut>(gathering: &Gathering<u32, u32>, asked: &Asked, number: u32, ask: F) -> u32
    where
        F: Fn(Vec<u32>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Answered> + Send + 'static,
    {
        match gathering.turn(|| number, ask).await {
            Turn::Answered(answer) => answer,
            Turn::Alone(_alone) => {
                asked.note(&[number]);
                tokio::time::sleep(Duration::from_millis(1)).await;
                number * 10
            }
        }
    }

    fn tenfold(questions: &[u32]) -> Answered {
        Ok(questions.iter().map(|number| Ok(number * 10)).collect())
    }

    fn undecided() -> StoreError {
        StoreError::new("answer", "not now")
    }

    /// Asks for five numbers at once, at most three of them together, and checks the answers.
    async fn check<F, Fut>(asked: &Asked, ask: F)
    where
        F: Fn(Vec<u32>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Answered> + Send + 'static,
    {
        let gathering = Gathering::new(3);
        let numbers = (1..=5).map(|one| number(&gathering, asked, one, ask.clone()));
        assert_eq!(join_all(numbers).await, [10, 20, 30, 40, 50]);
        let before = asked.take();
        number(&gathering, asked, 6, ask).await;
        assert_eq!(asked.take(), [[6]], "nothing is left behind by {before:?}");
        asked.0.lock().unwrap().extend(before);
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_while_something_is_asked_is_asked_as_one() {
        let asked = Asked::default();
        let noted = asked.clone();
        let begun = Instant::now();
        check(&asked, move |questions| {
            noted.note(&questions);
            async move { tenfold(&questions) }
        })
        .await;
        assert_eq!(asked.take(), [vec![1], vec![2, 3, 4], vec![5]]);
        assert!(begun.elapsed() < PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_together_is_asked_alone() {
        let fails: [fn(Vec<u32>) -> Answered; 3] =
            [|_| Err(undecided()), |_| std::panic::panic_any("no"), |questions| tenfold(&questions[1..])];
        for fail in fails {
            let asked = Asked::default();
            check(&asked, move |questions| async move { fail(questions) }).await;
            assert_eq!(asked.take(), [[1], [2], [3], [4], [5]]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_decided_among_others_is_asked_again_and_then_alone() {
        let asked = Asked::default();
        let noted = asked.clone();
        check(&asked, move |questions| {
            noted.note(&questions);
            let answer = |number: u32| if number == 3 { Err(undecided()) } else { Ok(number * 10) };
            async move { Ok(questions.into_iter().map(answer).collect()) }
        })
        .await;
        assert_eq!(asked.take(), [vec![1], vec![2, 3, 4], vec![5], vec![3], vec![3], vec![3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_holds_up_only_what_was_asked_with_it() {
        let asked = Asked::default();
        let (gathering, hangs) = (Gathering::new(3), Arc::new(Semaphore::new(0)));
        let ask = {
            let (asked, hangs) = (asked.clone(), hangs.clone());
            move |questions: Vec<u32>| {
                asked.note(&questions);
                let hangs = hangs.clone();
                async move {
                    if questions.contains(&2) {
                        let _ = hangs.acquire().await;
                    }
                    tenfold(&questions)
                }
            }
        };
        let begun = Instant::now();
        let (first, second) =
            tokio::join!(join_all((1..=4).map(|one| number(&gathering, &asked, one, ask.clone()))), async {
                number(&gathering, &asked, 5, ask.clone()).await;
                hangs.add_permits(1);
                begun.elapsed()
            });
        assert_eq!(first, [10, 20, 30, 40]);
        assert!(second <= PATIENCE + Duration::from_millis(2), "{second:?}");
        assert_eq!(asked.take(), [vec![1], vec![2, 3, 4], vec![5]]);
    }

    #[test]
    fn what_nobody_asks_for_any_more_is_asked_alone() {
        let nobody = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let gathering: Gathering<u32, u32> = Gathering::new(3);
        gathering.alone.fetch_add(1, Ordering::AcqRel);
        let answer = {
            let _enter = nobody.enter();
            gathering.join(|| 1, &|questions: Vec<u32>| async move { tenfold(&questions) }).unwrap()
        };
        drop(nobody);
        assert!(answer.blocking_recv().is_err());
        assert!(!lock(&gathering.state).is_asking);
    }
}
