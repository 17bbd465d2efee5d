//! The codes of findings: stable names that people search for, accept and have explained.

use std::fmt;

use crate::finding::Level;

macro_rules! codes {
    ($($variant:ident $name:literal $level:ident $summary:literal)*) => {
        /// The kind of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much a finding of this kind matters.
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }

            /// What it says, in one sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// The long story: what it means, why it matters, an example, and what to do, as Markdown.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("explanations/", $name, ".md")),)* }
            }
        }
    };
}

codes! {
    RunbookSectionMissing "runbook-section-missing" Error
        "An alert has no section in the runbook."
    RunbookAlertUnknown "runbook-alert-unknown" Error
        "A section of the runbook is about an alert that does not exist."
    RunbookSectionDuplicate "runbook-section-duplicate" Error
        "Two sections of the runbook are about the same alert."
    RunbookFieldMissing "runbook-field-missing" Error
        "A section of the runbook lacks its severity or its threshold."
    RunbookSeverityDiffers "runbook-severity-differs" Error
        "The runbook states another severity than the rule."
    RunbookFigureDiffers "runbook-figure-differs" Error
        "The runbook states another figure than the rule."
    RunbookUnitDiffers "runbook-unit-differs" Error
        "The runbook states its figure in another unit than the rule."
    RunbookDurationDiffers "runbook-duration-differs" Error
        "The runbook states another time for which the condition has to hold than the rule."
    RunbookComparisonDiffers "runbook-comparison-differs" Error
        "The runbook compares in another direction than the rule."
    RunbookConditionDiffers "runbook-condition-differs" Error
        "The runbook states a condition of another kind than the rule."
    RunbookThresholdUnreadable "runbook-threshold-unreadable" Error
        "A threshold in the runbook is written in a form that the check does not know."
    RunbookAnchorBroken "runbook-anchor-broken" Error
        "An alert's link leads to no heading of the runbook, or to the section of another alert."
    RunbookJobThresholdDiffers "runbook-job-threshold-differs" Error
        "The runbook states another figure for a job than the rule."
    RunbookJobThresholdUnstated "runbook-job-threshold-unstated" Note
        "The rule has another figure for a job, and the runbook does not say so."
    AlertNeverFires "alert-never-fires" Warning
        "No job of the catalogue can ever make the alert fire."
    AlertAlwaysFires "alert-always-fires" Warning
        "A job that does nothing wrong makes the alert fire."
    WindowTooShort "window-too-short" Warning
        "An expression looks back over less time than one interval of the job."
    ThresholdOutsideBuckets "threshold-outside-buckets" Warning
        "A duration is compared with a figure that the histogram's buckets cannot tell apart."
    WindowExceedsRetention "window-exceeds-retention" Warning
        "An expression looks back over more time than Prometheus keeps by default."
    ExpressionInvalid "expression-invalid" Error
        "A generated expression breaks a rule of its metrics."
    AcceptanceUnused "acceptance-unused" Warning
        "The catalogue accepts a finding that does not occur."
    AcceptanceUnknown "acceptance-unknown" Error
        "The catalogue accepts a finding of a code that does not exist."
}

impl Code {
    /// The code of this name, exactly as written.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
