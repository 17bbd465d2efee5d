//! The dashboard model of Grafana, as far as the dashboard uses it. Fields are in the order of the
//! alphabet, as Grafana saves them.

use serde::{Serialize, Serializer};

use super::field::{FieldConfig, Override};
use super::options::Options;
use crate::text::JsonText;

impl Serialize for JsonText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DashboardOut<'a> {
    pub(super) annotations: Annotations,
    pub(super) description: JsonText<'a>,
    pub(super) editable: bool,
    pub(super) graph_tooltip: u8,
    pub(super) id: Option<u64>,
    pub(super) links: Vec<LinkOut<'a>>,
    pub(super) panels: Vec<Node<'a>>,
    pub(super) refresh: &'static str,
    pub(super) schema_version: u32,
    pub(super) tags: Vec<JsonText<'a>>,
    pub(super) templating: Templating,
    pub(super) time: TimeRange,
    pub(super) timezone: &'static str,
    pub(super) title: JsonText<'a>,
    pub(super) uid: JsonText<'a>,
}

#[derive(Serialize)]
pub(super) struct Annotations {
    pub(super) list: [Annotation; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Annotation {
    #[serde(rename = "datasource")]
    pub(super) data_source: DataSourceRef,
    pub(super) enable: bool,
    pub(super) expr: String,
    pub(super) icon_color: &'static str,
    pub(super) name: &'static str,
    pub(super) step: &'static str,
    pub(super) tag_keys: &'static str,
    pub(super) text_format: &'static str,
    pub(super) title_format: &'static str,
    pub(super) use_value_for_time: bool,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct DataSourceRef {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) uid: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkOut<'a> {
    pub(super) as_dropdown: bool,
    pub(super) icon: &'static str,
    pub(super) include_vars: bool,
    pub(super) keep_time: bool,
    pub(super) tags: &'static [&'static str],
    pub(super) target_blank: bool,
    pub(super) title: JsonText<'a>,
    pub(super) tooltip: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) url: JsonText<'a>,
}

#[derive(Serialize)]
pub(super) struct TimeRange {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

#[derive(Serialize)]
pub(super) struct Templating {
    pub(super) list: Vec<VariableOut>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VariableOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) all_value: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<VariableOption>,
    #[serde(rename = "datasource", skip_serializing_if = "Option::is_none")]
    pub(super) data_source: Option<DataSourceRef>,
    pub(super) description: String,
    pub(super) hide: u8,
    pub(super) include_all: bool,
    pub(super) label: String,
    pub(super) multi: bool,
    pub(super) name: String,
    pub(super) query: String,
    pub(super) refresh: u8,
    pub(super) sort: u8,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct VariableOption {
    pub(super) selected: bool,
    pub(super) text: [&'static str; 1],
    pub(super) value: [&'static str; 1],
}

/// What stands in the grid.
pub(super) enum Node<'a> {
    Row(RowOut<'a>),
    Panel(Box<PanelOut<'a>>),
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Row(row) => row.serialize(serializer),
            Self::Panel(panel) => panel.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
pub(super) struct RowOut<'a> {
    pub(super) collapsed: bool,
    #[serde(rename = "gridPos")]
    pub(super) position: GridPosition,
    pub(super) id: usize,
    /// Those of a closed row. Panels of an open one follow it.
    pub(super) panels: Vec<PanelOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repeat: Option<&'static str>,
    pub(super) title: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct GridPosition {
    pub(super) h: u32,
    pub(super) w: u32,
    pub(super) x: u32,
    pub(super) y: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PanelOut<'a> {
    #[serde(rename = "datasource")]
    pub(super) data_source: DataSourceRef,
    pub(super) description: JsonText<'a>,
    pub(super) field_config: FieldConfigSource,
    #[serde(rename = "gridPos")]
    pub(super) position: GridPosition,
    pub(super) id: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<&'static str>,
    pub(super) links: Vec<LinkOut<'a>>,
    pub(super) options: Options,
    pub(super) targets: Vec<TargetOut<'a>>,
    pub(super) title: JsonText<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) transformations: Vec<Transformation>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct FieldConfigSource {
    pub(super) defaults: FieldConfig,
    pub(super) overrides: Vec<Override>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetOut<'a> {
    #[serde(rename = "datasource")]
    pub(super) data_source: DataSourceRef,
    pub(super) editor_mode: &'static str,
    pub(super) expr: String,
    pub(super) format: &'static str,
    pub(super) instant: bool,
    pub(super) legend_format: JsonText<'a>,
    pub(super) range: bool,
    pub(super) ref_id: String,
}

/// What is done with the answers before they are shown.
pub(super) enum Transformation {
    /// Keeps the fields that a regular expression matches.
    Keep(String),
    /// Joins the answers to one table by a field.
    Join(String),
    /// Orders fields and gives them the names they are shown by.
    Arrange(Vec<(String, String)>),
}

impl Serialize for Transformation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        #[derive(Serialize)]
        struct Keep<'a> {
            include: Pattern<'a>,
        }
        #[derive(Serialize)]
        struct Pattern<'a> {
            pattern: &'a str,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Join<'a> {
            by_field: &'a str,
            mode: &'static str,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Arrange<'a> {
            exclude_by_name: Pairs<'a, bool>,
            index_by_name: Pairs<'a, usize>,
            rename_by_name: Pairs<'a, &'a str>,
        }
        struct Pairs<'a, T>(Vec<(&'a str, T)>);
        impl<T: Serialize> Serialize for Pairs<'_, T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
            }
        }

        let mut out = serializer.serialize_struct("Transformation", 2)?;
        match self {
            Self::Keep(pattern) => {
                out.serialize_field("id", "filterFieldsByName")?;
                out.serialize_field("options", &Keep { include: Pattern { pattern } })?;
            }
            Self::Join(by_field) => {
                out.serialize_field("id", "joinByField")?;
                out.serialize_field("options", &Join { by_field, mode: "outer" })?;
            }
            Self::Arrange(fields) => {
                let named = || fields.iter().map(|(field, _)| field.as_str());
                out.serialize_field("id", "organize")?;
                let options = Arrange {
                    exclude_by_name: Pairs(Vec::new()),
                    index_by_name: Pairs(named().zip(0..).collect()),
                    rename_by_name: Pairs(
                        fields.iter().map(|(field, title)| (field.as_str(), title.as_str())).collect(),
                    ),
                };
                out.serialize_field("options", &options)?;
            }
        }
        out.end()
    }
}
