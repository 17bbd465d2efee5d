//! Series that are taken over windows: one rule joins those of all windows.

use crate::lookback::WindowClass;
use crate::promql::{Expr, Window};
use crate::scope::WINDOW;

/// Returns what an expression yields for the jobs of each window, labelled with the window. `None`
/// if there are no jobs.
pub(super) fn over_each(classes: &[WindowClass], of: impl Fn(&WindowClass) -> Expr) -> Option<Expr> {
    let labelled = |class: &WindowClass| of(class).labelled(WINDOW, over(class).to_string());
    Expr::any(classes.iter().map(labelled))
}

/// Returns the window of a class.
pub(super) const fn over(class: &WindowClass) -> Window {
    Window::Seconds(class.window)
}
