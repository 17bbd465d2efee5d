// Returns the settings as they are written everywhere, or says what is wrong with them.
local text = import 'text.libsonnet';

function(generated, defaults, config)
  local listed(names) =
    if std.length(names) > 20 then std.join(', ', names[0:20]) + ' …' else std.join(', ', names);
  local problem(path, says) = '_config.' + path + ': ' + says;
  local unknown(path, what, names, known) = [
    problem(path + '.' + name, 'there is no ' + what + ' `' + name + '`; there is ' + listed(known))
    for name in names
    if !std.member(known, name)
  ];
  local typed(path, value, types) =
    if std.member(types, std.type(value)) then []
    else [problem(path, 'expected ' + std.join(' or ', types) + ', found ' + std.type(value))];
  local number(path, alert, key, value) =
    local limit = generated.alerts[alert].threshold.limits[key];
    if !std.isNumber(value) then typed(path, value, ['number'])
    else if value < 0 then [problem(path, 'a threshold cannot be negative')]
    else if value == 0 && !limit.zero then [problem(path, '`' + key + '` cannot be zero')]
    else if limit.whole && value != std.floor(value) then [problem(path,
      'expected a whole number, found ' + value)]
    else if value > limit.most then [problem(path, '`' + key + '` is too large: at most '
      + limit.shown)]
    else [];
  local hold(path, alert, value) =
    local of = generated.alerts[alert];
    if !std.isString(value) then typed(path, value, ['string', 'null'])
    else if !text.is_duration(value) then [problem(path,
      'a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`')]
    else if text.seconds(value) > generated.longestHold then [problem(path,
      '`for` is too large: at most ' + text.duration(generated.longestHold))]
    else if std.objectHas(of, 'leastHold') && text.seconds(value) < of.leastHold then [problem(path,
      'write `' + text.duration(of.leastHold)
      + '` or more; an alert that has to page sooner is critical itself')]
    else [];
  local of_job(path, alert, key, job, settings) =
    if !std.isObject(settings) then typed(path + '.' + job, settings, ['object'])
    else
      unknown(path + '.' + job, 'setting', std.objectFields(settings), [key])
      + (if std.objectHas(settings, key) then number(path + '.' + job + '.' + key, alert, key,
        settings[key])
         else [problem(path + '.' + job, '`' + key + '` is missing')]);
  local of_jobs(path, alert, jobs) =
    local threshold = generated.alerts[alert].threshold;
    local watched = if std.objectHas(threshold, 'watched') then threshold.watched
      else generated.jobs;
    unknown(path, 'job that the alert watches', std.objectFields(jobs), watched)
    + std.flattenArrays([of_job(path, alert, threshold.key, job, jobs[job])
      for job in std.objectFields(jobs)]);
  local of_setting(path, alert, key, value) =
    if key == 'enabled' then typed(path, value, ['boolean'])
    else if key == 'for' then hold(path, alert, value)
    else if key == 'severity' then
      if std.member(['warning', 'critical'], value) then [] else [problem(path,
        'a severity is `warning` or `critical`')]
    else if key == 'jobs' then
      if std.isObject(value) then of_jobs(path, alert, value) else typed(path, value, ['object'])
    else number(path, alert, key, value);
  local of_alert(alert, settings) =
    local path = 'alerts.' + alert;
    local known = std.objectFields(defaults.alerts[alert]);
    if !std.isObject(settings) then typed(path, settings, ['object'])
    else
      unknown(path, 'setting', std.objectFields(settings), known)
      + [problem(path, '`' + key + '` is missing: write `' + alert + '+:` to keep it')
        for key in known if !std.objectHas(settings, key)]
      + std.flattenArrays([
        of_setting(path + '.' + key, alert, key, settings[key])
        for key in std.objectFields(settings)
        if std.member(known, key)
      ]);
  local missing = [
    problem(key, 'it is missing: write `_config+::` to keep it')
    for key in std.objectFields(defaults)
    if !std.objectHas(config, key)
  ];
  local of_alerts =
    if !std.isObject(config.alerts) then typed('alerts', config.alerts, ['object'])
    else
      unknown('alerts', 'alert', std.objectFields(config.alerts), std.objectFields(defaults.alerts))
      + [problem('alerts.' + alert, 'it is missing: write `alerts+:` to keep it')
        for alert in std.objectFields(defaults.alerts) if !std.objectHas(config.alerts, alert)]
      + std.flattenArrays([
        of_alert(alert, config.alerts[alert])
        for alert in std.objectFields(config.alerts)
        if std.objectHas(defaults.alerts, alert)
      ]);
  local of_names =
    local names = { [std.asciiLower(name)]: name for name in std.objectFields(defaults) };
    // Other mixins may have settings beside these.
    local misspelt = [
      problem(name, 'there is no setting `' + name + '`: did you mean `'
        + names[std.asciiLower(name)] + '`?')
      for name in std.objectFields(config)
      if !std.objectHas(defaults, name) && std.objectHas(names, std.asciiLower(name))
    ];
    misspelt
    + (if std.objectHas(config, 'namespace') && !std.objectHas(defaults, 'namespace')
       then [problem('namespace', 'the catalogue names no namespace: set `namespace` there')]
       else []);
  local types = std.flattenArrays([
    typed(key, config[key], [std.type(defaults[key])])
    for key in std.objectFields(defaults)
    if key != 'alerts'
  ]);
  local letters = 'abcdefghijklmnopqrstuvwxyz';
  local digits = '0123456789';
  local has_only(written, chars) =
    !text.any(function(char) !std.member(chars, char), std.stringChars(written));
  local of_label(path, name, reserved) =
    local is_label =
      name != '' && !std.member(digits, name[0]) && !std.startsWith(name, '__')
      && has_only(name, letters + std.asciiUpper(letters) + digits + '_');
    if !is_label then [problem(path, '`' + name
      + '` is no label name: letters, digits and `_`, not starting with a digit or `__`')]
    else if std.member(reserved, name) then [problem(path, 'the label `' + name
      + '` is set by the rules themselves: choose another name')]
    else [];
  local on_alerts = generated.reserved.anywhere + generated.reserved.onAlerts;
  // A label of a job stands on its alerts already.
  local of_job_label(path, name) =
    if !std.member(generated.jobLabels, name) then []
    else [problem(path, 'jobs have a label `' + name + '`: set it in the catalogue, or settings '
      + 'alone with `generate --overlay`')];
  local of_labels(key, reserved) =
    local of_value(path, value) =
      if value == '' then [problem(path, 'an empty label is no label to Prometheus')]
      else typed(path, value, ['string']);
    std.flattenArrays([
      of_label(key + '.' + name, name, reserved) + of_value(key + '.' + name, config[key][name])
      + (if key == 'labels' then of_job_label(key + '.' + name, name) else [])
      for name in (if std.isObject(config[key]) then std.objectFields(config[key]) else [])
    ]);
  local of_group_labels =
    local labels = if std.isArray(config.groupLabels) then config.groupLabels else [];
    local of_group_label(at) =
      local name = labels[at];
      local path = 'groupLabels[' + at + ']';
      if !std.isString(name) then typed('groupLabels', name, ['string'])
      else if std.member(['namespace', 'job_name'], name)
      then [problem(path, 'rules group by `' + name + '` anyhow: leave it out')]
      else if std.member(labels[0:at], name)
      then [problem(path, '`' + name + '` is named already: leave it out')]
      else if std.isObject(config.labels) && std.objectHas(config.labels, name)
      then [problem(path, '`' + name + '` cannot be both in `labels` and in `groupLabels`')]
      else if std.member(defaults.groupLabels, name) then []
      else of_label(path, name, on_alerts) + of_job_label(path, name);
    (if generated.hasJobsApart && labels != defaults.groupLabels
     then [problem('groupLabels', 'jobs have labels of their own that tell their copies apart: set '
       + '`grouping_labels` in the catalogue, or settings alone with `generate --overlay`')]
     else [])
    + std.flattenArrays([of_group_label(at) for at in std.range(0, std.length(labels) - 1)]);
  local of_texts =
    local of_text(key, holds, says) =
      local of(config) = if std.objectHas(config, key) then config[key] else null;
      local value = of(config);
      if !std.isString(value) || value == of(defaults) || holds(value) then []
      else [problem(key, says)];
    local is_url(url) =
      (std.startsWith(url, 'https://') || std.startsWith(url, 'http://'))
      && !text.any(function(char) std.member(' {}', char), std.stringChars(url));
    local url = 'a URL starts with `https://` or `http://`, and has neither spaces nor braces';
    local is_namespace(name) =
      name != '' && std.length(name) <= 63 && has_only(name, letters + digits + '-')
      && name[0] != '-' && name[std.length(name) - 1] != '-';
    local is_uid(uid) =
      uid != '' && std.length(uid) <= 40
      && has_only(uid, letters + std.asciiUpper(letters) + digits + '-_');
    of_text('namespace', is_namespace, 'a namespace has at most 63 small letters, digits and `-`, '
      + 'with a letter or digit at both ends')
    + of_text('runbookURL', is_url, url)
    + of_text('grafanaURL', is_url, url)
    + of_text('dashboardUID', is_uid,
      'a uid has letters, digits, `-` and `_`, and at most 40 of them');
  local texts =
    of_labels('labels', on_alerts) + of_labels('selector', generated.reserved.anywhere)
    + of_group_labels + of_texts;
  local problems = if missing != [] then missing else of_names + types + texts + of_alerts;
  // One way to write what has several, as in what is generated.
  local held(written) =
    local seconds = if written == null then 0 else text.seconds(written);
    if seconds == 0 then null else text.duration(seconds);
  local written = config {
    grafanaURL: std.rstripChars(super.grafanaURL, '/'),
    alerts: {
      [alert]: config.alerts[alert] { 'for': held(super['for']) }
      for alert in std.objectFields(config.alerts)
    },
  };
  if problems == [] then written else error std.join('\n', problems)
