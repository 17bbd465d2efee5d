//! Independent work, done side by side.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The most items that are done at once. To ask how many cores there are takes a container a
/// millisecond, which is longer than most items do.
const MOST_AT_ONCE: usize = 4;

/// Returns what a function makes of each item, in the order of the items, whatever the order in
/// which they are done.
///
/// # Panics
///
/// If the function does.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = MOST_AT_ONCE.min(items.len());
    if workers < 2 {
        return items.iter().map(make).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return made };
            made.push((index, make(item)));
        }
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut made = work();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|&(index, _)| index);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_stands_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(map(&items[..1], |item| item + 1), [1]);
        assert_eq!(map(&[0; 0], |item: &usize| *item), [0; 0]);
    }

    #[test]
    #[should_panic(expected = "of the seventh")]
    fn a_panic_is_not_lost() {
        let items: Vec<usize> = (0..100).collect();
        map(&items, |&item| assert_ne!(item, 7, "of the seventh"));
    }
}
