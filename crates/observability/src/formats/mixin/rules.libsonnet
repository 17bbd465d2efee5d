// The groups of rules.
local text = import 'text.libsonnet';

function(generated, defaults, config, of_thresholds, of_labels)
  local settings = of_thresholds.settings;
  local of = of_thresholds.of;
  local is_enabled = of_thresholds.is_enabled;
  local is_set = of_thresholds.is_set;
  local has_threshold = of_thresholds.has_threshold;
  local is_changed = of_thresholds.is_changed;
  local present = of_thresholds.present;
  local changed = of_thresholds.changed;
  local thresholds = of_thresholds.thresholds;
  local is_by_job = of_thresholds.is_by_job;
  local rewritten = of_thresholds.rewritten;
  local recorded_threshold = of_thresholds.recorded_threshold;
  local selected = of_labels.selected;
  local of_namespace = of_labels.of_namespace;
  local of_copies = of_labels.of_copies;
  local is_grouped_anew = of_labels.is_grouped_anew;
  local anew = of_labels.anew;
  local of_each_copy = of_labels.of_each_copy;
  local expression = of_labels.expression;
  local of_own_namespace(before, written) =
    if std.objectHas(defaults, 'namespace') then text.replaced(written, before + defaults.namespace,
      before + config.namespace) else written;
  // Queries within texts.
  local looked_up(written) =
    of_copies(
      of_copies(written, function(label) ', ' + label + '=%q', ', namespace=%q', false),
      function(label) ' $labels.' + label, ' $labels.namespace', false
    );
  local annotations(place, alert, written, hold) =
    local job = '{{ $labels.job_name }}';
    local of_copy(label) = '{{ with $labels.' + label + ' }} (' + label + ' {{ . }}){{ end }}';
    local var(label) = '{{ with $labels.' + label + ' }}&var-' + label
      + '={{ . | urlquery }}{{ end }}';
    // What escalates says for how long it has been firing.
    local lasting(written) =
      local said(written, before, after) =
        text.replaced(written, before + hold.before + after, before + hold.here + after);
      said(said(written, ' for ', ':'), ' firing for ', '.');
    local said(written) = lasting(of_copies(written, of_copy, job, false));
    local decimals =
      if std.member(changed, alert) && thresholds[alert].unit == 'per second'
      then std.format('printf "%%.%df"', text.decimals(thresholds[alert].smallest))
        else 'printf "%.2f"';
    local vars(labels) = std.join('', [var(label) for label in labels]);
    local dashboard(config) = config.grafanaURL + '/d/' + config.dashboardUID;
    local url = of_own_namespace('&var-namespace=', written.dashboard_url);
    written + {
      summary: said(super.summary),
      description: looked_up(said(text.replaced(rewritten(place + '/description',
        super.description), 'printf "%.2f"', decimals))),
      runbook_url: text.replaced(super.runbook_url, defaults.runbookURL, config.runbookURL),
      dashboard_url:
        text.replaced(
          if config.groupLabels == defaults.groupLabels then url else text.replaced(url,
            vars(defaults.groupLabels), '') + vars(config.groupLabels),
          dashboard(defaults), dashboard(config)
        ),
    };
  local alerting(place, rule) =
    local here = settings(rule.alert);
    local warning = if std.objectHas(rule.labels, 'escalates') then rule.labels.escalates else null;
    local seconds(settings) = if settings['for'] == null then 0 else text.seconds(settings['for']);
    local written = if std.objectHas(rule, 'for') then rule['for'] else null;
    local hold =
      if warning == null then if is_set(rule.alert, 'for') then here['for'] else written
      else if is_set(rule.alert, 'for') || is_set(warning, 'for') then text.duration(seconds(here)
        + seconds(settings(warning)))
      else written;
    local lasting(settings) = text.duration(seconds(settings));
    local labels =
      rule.labels
      + std.mapWithKey(function(_, value) text.template(value), config.labels)
      + (if is_set(rule.alert, 'severity') then { severity: here.severity } else {})
      + (if std.objectHas(rule.labels, 'namespace') && std.objectHas(defaults, 'namespace')
        && rule.labels.namespace == defaults.namespace then { namespace: config.namespace }
        else {});
    { [key]: rule[key] for key in std.objectFields(rule) if key != 'for' }
    + (if hold == null then {} else { 'for': hold })
    + {
      expr: expression(place, rule.expr),
      labels: labels,
      annotations:
        if warning == null then annotations(place, rule.alert, rule.annotations, { before: '',
          here: '' })
        else annotations(place, warning, rule.annotations,
          { before: lasting(defaults.alerts[rule.alert]), here: lasting(here) }),
    };
  local rules(group) =
    local escalated(rule) = if std.objectHas(rule.labels, 'escalates') then '/'
      + rule.labels.escalates else '';
    local place(rule) =
      group.name + '/' + (if std.objectHas(rule, 'record') then rule.record else rule.alert
        + escalated(rule));
    local is_escalating(warning) =
      is_enabled(warning)
      && (if is_set(warning, 'severity') then settings(warning).severity == 'warning'
        else std.member(generated.escalating, warning));
    local is_there(rule) =
      is_enabled(rule.alert) && (!std.objectHas(rule.labels, 'escalates')
        || is_escalating(rule.labels.escalates));
    local added(name) = [
      added.rule { expr: of_namespace(selected(of_each_copy(added.rule.expr))) }
      for added in (if is_grouped_anew then anew.rules else [])
      if added.behind == name
    ];
    local is_gone(rule) = is_grouped_anew && std.objectHas(rule, 'record')
      && std.member(anew.gone, rule.record);
    std.flattenArrays([
      if is_gone(rule) then []
      else if std.objectHas(rule, 'record') then [rule { expr: expression(place(rule), rule.expr) }]
        + added(rule.record)
      else if is_there(rule) then [alerting(place(rule), rule)]
      else []
      for rule in group.rules
    ]);
  local recorded_thresholds(group) =
    local known = { [rule.record]: rule for rule in group.rules };
    local of_series(alert, series) =
      if !is_enabled(alert) then []
      else if has_threshold(alert) && series == of(alert).threshold.series && is_changed(alert)
      then (if is_by_job(alert) then [recorded_threshold(alert)] else [])
      else if std.objectHas(known, series) then [known[series]] else [];
    std.flattenArrays([
      of_series(alert, series)
      for alert in present
      for series in of(alert).series
    ]);
  local empty = { name: generated.recording[1], rules: [] };
  local groups =
    local is_recorded(group) = group.name == generated.recording[0];
    local is_thresholds(group) = group.name == generated.recording[1];
    local present = [group for group in generated.groups if is_thresholds(group)];
    local written = [
      { name: group.name, rules: if is_thresholds(group) then recorded_thresholds(group)
        else rules(group) }
      for group in
        [group for group in generated.groups if is_recorded(group)]
        + (if generated.groups == [] then [] else if present == [] then [empty] else present)
        + [group for group in generated.groups if !is_recorded(group) && !is_thresholds(group)]
    ];
    [group for group in written if group.rules != []];
  groups
