// The dashboard.
local text = import 'text.libsonnet';

local colours = { warning: 'orange', critical: 'red' };

function(generated, defaults, config, of_thresholds, of_labels)
  local settings = of_thresholds.settings;
  local of = of_thresholds.of;
  local is_enabled = of_thresholds.is_enabled;
  local is_set = of_thresholds.is_set;
  local is_changed = of_thresholds.is_changed;
  local changed = of_thresholds.changed;
  local off = of_thresholds.off;
  local thresholds = of_thresholds.thresholds;
  local is_by_job = of_thresholds.is_by_job;
  local filled = of_thresholds.filled;
  local rewritten = of_thresholds.rewritten;
  local selector = of_labels.selector;
  local selected = of_labels.selected;
  local of_namespace = of_labels.of_namespace;
  local of_copies = of_labels.of_copies;
  local grouped = of_labels.grouped;
  local is_grouped_anew = of_labels.is_grouped_anew;
  local anew = of_labels.anew;
  local of_each_copy_chosen = of_labels.of_each_copy_chosen;
  local of_each_column = of_labels.of_each_column;
  local held(hold) = if hold == null then '' else ', once that has held for ' + hold;
  local is_touched(alert) =
    is_changed(alert) || text.any(function(key) is_set(alert, key), ['enabled', 'severity', 'for']);
  local when(alert) =
    local threshold = thresholds[alert];
    local about = of(alert).threshold;
    local word(value) = about.compared + ' ' + text.shown(value, threshold.unit);
    local few(jobs) = if std.length(jobs) <= 3 then std.join(', ', jobs) else std.length(jobs)
      + ' jobs';
    local others =
      if std.length(threshold.others) > 3 then ', for some jobs ' + about.compared
        + ' another threshold'
      else std.join('', [', for ' + few(class.jobs) + ' ' + word(class.value)
        for class in threshold.others]);
    local fires = std.strReplace(about.fires, '{thresholds}', word(if threshold.across == null
      then threshold.stated else threshold.across) + others);
    std.foldl(
      function(fires, key) std.strReplace(fires, '{' + key + '}', text.shown(settings(alert)[key],
        about.units[key])),
      std.objectFields(about.units), fires
    );
  local sentence(alert) =
    local here = settings(alert);
    local before = defaults.alerts[alert];
    local end = '. Runbook: [' + of(alert).heading + '](';
    if !is_enabled(alert) then ''
    else if !is_touched(alert) then of(alert).sentence
    else if is_changed(alert) then
      '\n\n`' + alert + '` (' + here.severity + ') fires ' + when(alert) + held(here['for']) + end
        + text.link(of(alert).link) + ').'
    else
      local severe = text.replaced(of(alert).sentence, '` (' + before.severity + ') fires', '` ('
        + here.severity + ') fires');
      text.replaced(severe, held(before['for']) + end, held(here['for']) + end);
  local line(alert, value) = { value: value, colour: colours[settings(alert).severity],
    severity: settings(alert).severity };
  local lines(about) =
    // By what is exceeded first.
    local key(line) = [line.value, if line.severity == 'warning' then 0 else 1];
    local across = [{ alert: alert, value: thresholds[alert].across } for alert in about.lines
      if thresholds[alert].across != null];
    std.sort([line(at.alert, at.value) for at in across + about.otherLines if is_enabled(at.alert)],
      key);
  local step(colour, value) = { color: colour, value: value };
  // Bad while more than a part is missing.
  local below(lines) =
    local rest(value) = (1000000 - std.min(text.millionths(value), 1000000)) / 1000000;
    local falling = std.reverse(lines);
    local from(at) = if at == 0 then null else rest(falling[at - 1].value);
    [step(falling[at].colour, from(at)) for at in std.range(0, std.length(falling) - 1)]
    + (if falling == [] then [step('green', null)]
       else
         // Good while less than half of the smallest is missing.
         local half = std.floor(text.millionths(falling[std.length(falling) - 1].value) / 2);
         [step('yellow', from(std.length(falling))), step('green', (1000000 - half) / 1000000)]);
  local dashed_style(ref, severity) = {
    matcher: { id: 'byFrameRefID', options: ref },
    properties: [
      { id: 'custom.lineStyle', value: { dash: [10, 10], fill: 'dash' } },
      { id: 'color', value: { fixedColor: colours[severity], mode: 'fixed' } },
    ],
  };
  local bar_style(alert, class) = {
    matcher: { id: 'byRegexp', options: '/^(' + std.join('|', [std.strReplace(job, '.', '[.]')
      for job in class.jobs]) + ')( |$)/' },
    properties: [{ id: 'thresholds', value: { mode: 'absolute', steps: below([line(alert,
      class.value)]) } }],
  };
  local drawn(panel, about) =
    local alerts = about.lines;
    local across = lines(about);
    if about.isGauge then panel {
      fieldConfig+: {
        defaults+: { thresholds+: { steps: below(across) } },
        overrides: [bar_style(alert, class) for alert in alerts if is_enabled(alert)
          for class in thresholds[alert].others],
      },
    }
    else
      local fixed = [panel.targets[at] for at in about.fixed];
      local of_alert(target) = std.split(target.legendFormat, ':')[0];
      local is_dashed(target) = std.objectHas(generated.alerts, of_alert(target));
      local dashed(alert) =
        if !is_changed(alert) && std.objectHas(about.dashed, alert)
          then panel.targets[about.dashed[alert]]
        else fixed[0] {
          expr: filled(alert, about.couldBeDashed[alert]),
          legendFormat: alert + ': {{job_name}}',
          // One for each job, whatever tells its copies apart.
          legend_anew:: null,
        };
      local targets =
        fixed[0:1]
        + [dashed(alert) for alert in alerts if is_enabled(alert) && is_by_job(alert)]
        + [target for target in fixed[1:] if !is_dashed(target) || is_enabled(of_alert(target))];
      local numbered = [targets[at] { refId: std.char(65 + at) } for at in std.range(0,
        std.length(targets) - 1)];
      local custom = panel.fieldConfig.defaults.custom;
      local plain = { [key]: custom[key] for key in std.objectFields(custom)
        if key != 'axisSoftMax' };
      panel {
        targets: numbered,
        fieldConfig+: {
          defaults+: {
            custom: plain {
              [if across != [] then 'axisSoftMax']: across[std.length(across) - 1].value,
              thresholdsStyle: { mode: if across == [] then 'off' else 'dashed' },
            },
            thresholds+: { steps: [step('green', null)] + [step(line.colour, line.value)
              for line in across] },
          },
          overrides:
            [override for override in super.overrides if override.matcher.id != 'byFrameRefID']
            + [dashed_style(target.refId, settings(of_alert(target)).severity)
              for target in numbered if is_dashed(target)],
        },
      };
  local told(panel, about) =
    // One link leads to the alert's section, another to its rule.
    local is_link(link, alert) = link.title == alert
      || link.title == of(alert).heading && link.url == text.link(of(alert).link);
    local disabled = [alert for alert in std.objectFields(generated.alerts) if !is_enabled(alert)];
    panel
    + (if !text.any(is_touched, about.alerts) then {}
       else { description: about.description + std.join('', [sentence(alert)
         for alert in about.alerts]) })
    + (if disabled == [] || !std.objectHas(panel, 'links') then {}
       else { links: [link for link in panel.links if !text.any(function(alert) is_link(link,
         alert), disabled)] });
  local panel(panel_) =
    if std.objectHas(panel_, 'panels') && panel_.panels != [] then panel_ { panels: [panel(inner)
      for inner in super.panels] }
    else if !std.objectHas(generated.panels, panel_.title) then panel_
    else
      local about = generated.panels[panel_.title];
      local rewrite(at) =
        local places = [number for number in std.range(0, std.length(about.fixed) - 1)
          if about.fixed[number] == at];
        local target = panel_.targets[at];
        local place = panel_.title + '/' + places[0];
        local written =
          if is_grouped_anew && std.objectHas(anew.expressions, place)
          then target { expr: rewritten(place, of_each_copy_chosen(anew.expressions[place])) }
          else target { expr: rewritten(place, target.expr) };
        if places == [] then target
        else written { [if std.objectHas(anew.legends, place) then 'legend_anew']::
          anew.legends[place] };
      local written =
        if changed == [] && !of_labels.is_told_apart_anew && !is_grouped_anew && !off.is_any
        then panel_
        else panel_ {
          targets: [rewrite(at) for at in std.range(0, std.length(panel_.targets) - 1)],
          [if is_grouped_anew && std.objectHas(anew.columns, panel_.title)
            then 'transformations']:
            of_each_column(anew.columns[panel_.title]),
        };
      local is_drawn = text.any(is_touched, about.lines + about.otherAlerts);
      // A legend has the labels that its query yields.
      local legend(target) =
        if std.objectHasAll(target, 'legend_anew') && target.legend_anew == null then target
        else if std.objectHasAll(target, 'legend_anew')
        then target { legendFormat: of_labels.legend(super.legendFormat, super.legend_anew) }
        else if generated.hasJobsApart
        then target { legendFormat: of_labels.legend(super.legendFormat, super.legendFormat) }
        else target;
      local done = off.table(told(if is_drawn then drawn(written, about) else written, about));
      if !of_labels.is_told_apart_anew then done
      else done { targets: std.map(legend, super.targets) };
  local variables(list) =
    local names = defaults.groupLabels;
    local model = generated.grouped.variables;
    local name = generated.copy;
    local variable(label) =
      text.each(model[0], function(key, written) text.replaced(text.replaced(written, name, label),
        text.capitalised(name), text.capitalised(label)));
    if config.groupLabels == names || model == [] then list
    else list[0:1] + [variable(label) for label in config.groupLabels]
         + [variable for variable in list[1:] if !std.member(names, variable.name)];
  local dashboard =
    local board = generated.dashboard;
    local written = board {
      panels: off.placed([panel(panel_) for panel_ in super.panels]),
      templating+: { list: variables(super.list) },
      uid: config.dashboardUID,
    };
    local chosen(end, written) =
      of_copies(written, function(label) label + '=~"$' + label + end + '", ',
        'namespace=~"$namespace' + end + '"');
    local string(key, written) =
      local links = text.replaced(written, text.link(defaults.runbookURL),
        text.link(config.runbookURL));
      if key == 'expr' then of_namespace(selected(grouped(chosen('|', chosen('', written)))))
      else
        local uid = text.replaced(links, '/d/' + defaults.dashboardUID + '?',
          '/d/' + config.dashboardUID + '?');
        of_copies(uid, function(label) '${' + label + ':queryparam}&', '${namespace:queryparam}');
    local namespace = if std.objectHas(defaults, 'namespace') then ['namespace'] else [];
    local keys = ['runbookURL', 'dashboardUID', 'groupLabels', 'selector'] + namespace;
    if !text.any(function(key) config[key] != defaults[key], keys) then written
    else text.each(written, string);
  dashboard
