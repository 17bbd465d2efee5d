// Returns the settings, or says what is wrong with them.
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
  local number(path, value) =
    if !std.isNumber(value) then typed(path, value, ['number'])
    else if value < 0 then [problem(path, 'a threshold cannot be negative')] else [];
  local of_job(path, key, job, settings) =
    if !std.isObject(settings) then typed(path + '.' + job, settings, ['object'])
    else
      unknown(path + '.' + job, 'setting', std.objectFields(settings), [key])
      + (if std.objectHas(settings, key) then number(path + '.' + job + '.' + key, settings[key])
         else [problem(path + '.' + job, '`' + key + '` is missing')]);
  local of_jobs(path, alert, jobs) =
    local threshold = generated.alerts[alert].threshold;
    local watched = if std.objectHas(threshold, 'watched') then threshold.watched
      else generated.jobs;
    unknown(path, 'job that the alert watches', std.objectFields(jobs), watched)
    + std.flattenArrays([of_job(path, threshold.key, job, jobs[job])
      for job in std.objectFields(jobs)]);
  local of_setting(path, alert, key, value) =
    if key == 'enabled' then typed(path, value, ['boolean'])
    else if key == 'for' then
      local is_read(char) = std.member('0123456789smhdwy', char);
      if std.isString(value) && std.length([char for char in std.stringChars(value)
        if !is_read(char)]) > 0
      then [problem(path, 'a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`')]
      else typed(path, value, ['string', 'null'])
    else if key == 'severity' then
      if std.member(['warning', 'critical'], value) then [] else [problem(path,
        'a severity is `warning` or `critical`')]
    else if key == 'jobs' then
      if std.isObject(value) then of_jobs(path, alert, value) else typed(path, value, ['object'])
    else number(path, value);
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
  local types = std.flattenArrays([
    typed(key, config[key], [std.type(defaults[key])])
    for key in std.objectFields(defaults)
    if key != 'alerts'
  ]);
  local texts =
    std.flattenArrays([
      typed(key + '.' + label, config[key][label], ['string'])
      for key in ['labels', 'selector']
      if std.isObject(config[key])
      for label in std.objectFields(config[key])
    ])
    + std.flattenArrays([
      typed('groupLabels', label, ['string'])
      for label in (if std.isArray(config.groupLabels) then config.groupLabels else [])
    ]);
  local problems = if missing != [] then missing else types + texts + of_alerts;
  if problems == [] then config else error std.join('\n', problems)
