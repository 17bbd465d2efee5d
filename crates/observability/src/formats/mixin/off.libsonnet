// What is different where alerts are switched off.
local width = 24;

function(generated, is_enabled)
  local off = [alert for alert in std.objectFields(generated.alerts) if !is_enabled(alert)];
  local known = [generated.off.alerts[alert] for alert in off
    if std.objectHas(generated.off.alerts, alert)];
  // An expression without what it has of alerts that are off.
  local expression(place, written) =
    local others = [of.texts[place] for of in known if std.objectHas(of.texts, place)];
    local base = if others == [] then written else others[0];
    if !std.objectHas(generated.off.arms, place) then base
    else
      local arms = generated.off.arms[place];
      local gone = [alert for alert in off if std.objectHas(arms.of, alert)];
      local without(whole, alert) =
        local shorter = std.strReplace(whole, arms.of[alert] + arms.joint, '');
        if shorter != whole then shorter
        else std.strReplace(whole, arms.joint + arms.of[alert], '');
      if std.objectHas(arms, 'none') && std.length(gone) == std.length(arms.of) then arms.none
      else std.foldl(without, gone, base);
  // A table without the column that one of its queries fills.
  local without_column(panel, at) =
    local reference(at) = std.char(65 + at);
    local name(at) = 'Value #' + reference(at);
    local last = std.length(panel.targets) - 1;
    local columns = [name(place) for place in std.range(0, last)];
    local moved(of_columns) =
      { [key]: of_columns[key] for key in std.objectFields(of_columns)
        if !std.member(columns, key) }
      + { [name(if place > at then place - 1 else place)]: of_columns[name(place)]
        for place in std.range(0, last) if place != at };
    local organized(options) =
      local gone = options.indexByName[name(at)];
      local moved_up(place) = if place > gone then place - 1 else place;
      options {
        renameByName: moved(super.renameByName),
        indexByName: std.mapWithKey(function(_, place) moved_up(place), moved(super.indexByName)),
      };
    local transformed(of) =
      if std.objectHas(of.options, 'indexByName') then of { options: organized(super.options) }
      else if std.objectHas(of.options, 'include') then of { options+: { include+: {
        pattern: std.strReplace(super.pattern, '|' + name(last) + ')', ')'),
      } } }
      else of;
    local titles = [of.options.renameByName[name(at)] for of in panel.transformations
      if std.objectHas(of.options, 'renameByName')];
    panel {
      targets: [
        panel.targets[place] { refId: reference(if place > at then place - 1 else place) }
        for place in std.range(0, last)
        if place != at
      ],
      transformations: std.map(transformed, super.transformations),
      fieldConfig+: { overrides: [override for override in super.overrides
        if !std.member(titles, override.matcher.options)] },
    };
  local table(panel) =
    std.foldl(without_column, [of.columns[panel.title] for of in known
      if std.objectHas(of.columns, panel.title)], panel);
  // Panels in rows where they stand without those that are not there.
  local placed(list) =
    local gone = std.flattenArrays([of.panels for of in known]);
    local starts = [at for at in std.range(0, std.length(list) - 1) if list[at].type == 'row'];
    local behind(at) =
      local later = [start for start in starts if start > at];
      list[at + 1:if later == [] then std.length(list) else later[0]];
    local place(done, panel) =
      local is_next = done.left + panel.gridPos.w > width;
      local top = if is_next then done.top + done.height else done.top;
      local left = if is_next then 0 else done.left;
      local id = done.id + 1;
      {
        id: id,
        top: top,
        left: left + panel.gridPos.w,
        height: std.max(if is_next then 0 else done.height, panel.gridPos.h),
        panels: done.panels + [panel { id: id, gridPos+: { x: left, y: top } }],
      };
    local row(done, at) =
      local heading = list[at];
      local panels = if heading.collapsed then heading.panels else behind(at);
      local left = [panel for panel in panels if !std.member(gone, panel.title)];
      local id = done.id + 1;
      local top = done.top + 1;
      local inner = std.foldl(place, left, { id: id, top: top, left: 0, height: 0, panels: [] });
      local moved = heading { id: id, gridPos+: { y: done.top } };
      if left == [] then done
      else {
        id: inner.id,
        top: if heading.collapsed then top else inner.top + inner.height,
        panels: done.panels + (if heading.collapsed then [moved { panels: inner.panels }]
          else [moved] + inner.panels),
      };
    if gone == [] then list else std.foldl(row, starts, { id: 0, top: 0, panels: [] }).panels;
  {
    is_any: off != [],
    expression: if off == [] then function(place, written) written else expression,
    table: table,
    placed: placed,
  }
