//! What is read, and what is refused.

use insta::assert_snapshot;

use super::{Read, read};

#[test]
fn labels_and_values_are_found_in_actions_alone() {
    let check = |text: &str, expected: &[&str]| {
        let shown = read(text).unwrap().into_iter().map(|read| match read {
            Read::Label(name, place) => {
                assert!(text[place..].starts_with(name), "{text} {place}");
                name
            }
            Read::Value => "value",
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    };
    check("{{ $labels.job_name }} is {{ $value | humanize }}", &["job_name", "value"]);
    check("{{ .Labels.job }} {{.Value}} {{- $.Labels.a -}}", &["job", "value", "a"]);
    check("{{ index $labels \"a\" }}", &["a"]);
    check("$labels.a {{ $externalLabels.b }} {{ .ExternalLabels.c }}", &[]);
    check("{{ range query \"up\" }}{{ .Labels.a }}{{ .Value }}{{ end }}{{ $labels.b }}", &["b"]);
    check("{{ with query \"up\" }}{{ . | first | value }}{{ else }}{{ .Labels.c }}{{ end }}", &["c"]);
    check("{{/* $labels.instance */}}{{- /* $value */ -}}{{ \"$labels.b\" }}{{ `.Value` }}", &[]);
    check("{{ $l := $labels }}{{ $l.instance }}{{ $v := $value }}{{ $v }}", &["instance", "value", "value"]);
    check("{{ with $labels }}{{ .team }}{{ end }}", &["team"]);
    check("{{ $labels := \"x\" }}{{ $labels }}", &[]);
    check("{{ if gt (len $labels.a) 3 }}x{{ else if $labels.b }}y{{ end }}", &["a", "b"]);
    check("{{ define \"x\" }}{{ .Labels.a }}{{ end }}{{ template \"x\" . }}", &[]);
    check("{{ range $i, $e := query \"up\" }}{{ $i }}{{ $e.Labels.a }}{{ break }}{{ end }}", &[]);
}

#[test]
fn what_is_no_template_is_refused_with_the_bytes_at_fault() {
    let refused = [
        "{{ $labels.x",
        "{{ $labls.x }}",
        "{{ humanise $value }}",
        "{{ if $value }}",
        "{{ end }}",
        "{{ else }}",
        "{{ }}",
        "{{ if }}{{ end }}",
        "{{ if $value }}{{ else }}{{ else }}{{ end }}",
        "{{ \"a }}",
        "{{ \"\\q\" }}",
        "{{/* a }}",
        "{{/* a */ b }}",
        "{{ $value | 5 }}",
        "{{ \"a\".b }}",
        "{{ 5x }}",
        "{{ a;b }}",
        "{{ ($value }}",
        "{{ $value) }}",
        "{{ break }}",
        "{{ template x }}",
        "{{ with $x := $value }}{{ end }}{{ $x }}",
        "{{ define \"x\" }}{{ $labels.a }}{{ end }}",
        "{{ $labels.a-b }}",
    ];
    let shown = refused.map(|text| {
        let error = read(text).unwrap_err();
        format!("{text}\n  {} at `{}`\n", error.message, &text[error.span])
    });
    assert_snapshot!(shown.concat(), @r#"
    {{ $labels.x
      this action does not end: there is no `}}` at `{{ $labels.x`
    {{ $labls.x }}
      there is no variable `$labls`: did you mean `$labels`? at `$labls`
    {{ humanise $value }}
      there is no function `humanise`: did you mean `humanize`? at `humanise`
    {{ if $value }}
      this `if` has no `{{ end }}` at `if`
    {{ end }}
      this `end` ends nothing at `end`
    {{ else }}
      this `else` belongs to nothing at `else`
    {{ }}
      there is nothing to show here at `}}`
    {{ if }}{{ end }}
      there is nothing to show here at `}}`
    {{ if $value }}{{ else }}{{ else }}{{ end }}
      this `else` belongs to nothing at `else`
    {{ "a }}
      this text does not end, or has an escape that no text has: " at `{{ "a }}`
    {{ "\q" }}
      this text does not end, or has an escape that no text has: " at `{{ "\q" }}`
    {{/* a }}
      this comment does not end: there is no `*/` at `{{/* a }}`
    {{/* a */ b }}
      `}}` has to stand right behind a comment at `{{/* a */`
    {{ $value | 5 }}
      what stands behind `|` has to be a function at ` `
    {{ "a".b }}
      `.b` cannot stand here at `.b`
    {{ 5x }}
      this is no number at `5`
    {{ a;b }}
      `;` cannot stand right behind a name at `;`
    {{ ($value }}
      there is an empty command here at `}}`
    {{ $value) }}
      there is an empty command here at `)`
    {{ break }}
      `break` stands outside of any `range` at `break`
    {{ template x }}
      `x` cannot stand here at `x`
    {{ with $x := $value }}{{ end }}{{ $x }}
      there is no variable `$x`: did you mean `$`? at `$x`
    {{ define "x" }}{{ $labels.a }}{{ end }}
      there is no variable `$labels` at `$labels`
    {{ $labels.a-b }}
      `-` cannot stand right behind a name at `-`
    "#);
}

#[test]
fn texts_that_are_made_to_hurt_end() {
    for text in ["{{".repeat(50_000), format!("{{{{ {}", "(".repeat(50_000)), "{{ if 1 }}".repeat(50_000)] {
        assert!(read(&text).is_err());
    }
}
