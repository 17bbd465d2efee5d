// The settings of alerts, and what follows from thresholds: texts, and what records them.
local off = import 'off.libsonnet';
local text = import 'text.libsonnet';

function(generated, defaults, config)
  local settings(alert) = config.alerts[alert];
  local of(alert) = generated.alerts[alert];
  local is_enabled(alert) = settings(alert).enabled;
  local is_set(alert, key) = settings(alert)[key] != defaults.alerts[alert][key];
  local of_off = off(generated, is_enabled);
  // Thresholds.
  local has_threshold(alert) = std.objectHas(of(alert), 'threshold');
  local is_changed(alert) =
    has_threshold(alert)
    && (is_set(alert, 'jobs')
        || text.any(function(key) is_set(alert, key), std.objectFields(of(alert).threshold.units)));
  local present = [alert for alert in generated.alertNames if std.objectHas(generated.alerts,
    alert)];
  local changed = [alert for alert in present if is_enabled(alert) && is_changed(alert)];
  local thresholds = {
    [alert]:
      local threshold = of(alert).threshold;
      local key = threshold.key;
      local here = settings(alert);
      local before = defaults.alerts[alert];
      local watched = if std.objectHas(threshold, 'watched') then threshold.watched
        else generated.jobs;
      local value(settings, job) = if std.objectHas(settings.jobs, job) then settings.jobs[job][key]
        else settings[key];
      local jobs = [{ name: job, value: value(here, job) } for job in watched];
      local values = std.set([job.value for job in jobs]);
      // A threshold that is overridden is kept, whatever the interval of the job.
      local is_own(job) =
        std.member(threshold.own, job.name) || job.value != value(before, job.name);
      {
        stated: here[key],
        unit: threshold.units[key],
        classes: [{ value: value, jobs: [job.name for job in jobs if job.value == value] }
          for value in values],
        is_same: std.length(values) == 1,
        across: if self.is_same then values[0] else if std.setMember(self.stated, values)
          then self.stated else null,
        others: [class for class in self.classes if class.value != self.across],
        watched: watched,
        watches_all: std.length(watched) == std.length(generated.jobs),
        own: [job.name for job in jobs if is_own(job)],
        smallest: values[0],
      }
    for alert in present
    if has_threshold(alert)
  };
  local is_by_job(alert) = !thresholds[alert].is_same;
  // Texts that follow from thresholds.
  local filled(alert, written) =
    local units = of(alert).threshold.units;
    local only = if is_by_job(alert) then {}
      else { [of(alert).threshold.key]: thresholds[alert].smallest };
    local here = settings(alert) + only;
    local fill(written, key) =
      local forms = [
        ['@{' + key + ':shown}', text.shown(here[key], units[key])],
        ['@{' + key + ':grouped}', text.grouped(here[key])],
        ['@{1+' + key + '}', text.number(1 + here[key])],
        ['@{' + key + '}', text.number(here[key])],
      ];
      std.foldl(function(written, form) text.replaced(written, form[0], form[1]), forms, written);
    std.foldl(fill, std.objectFields(units), written);
  local variant(alert, part) =
    local threshold = thresholds[alert];
    local written = if is_by_job(alert) then part.byJob else part.same;
    local is_one(job) = std.member(threshold.own, job) || std.member(written.besides, job);
    local names = [job for job in threshold.watched if is_one(job)];
    local literal(name) = std.strReplace(name, '.', '[.]');
    local matcher(names) =
      if std.length(names) == 1 then 'job_name!="' + names[0] + '"'
      else 'job_name!~"' + std.join('|', std.map(literal, names)) + '"';
    filled(
      alert,
      if std.isString(written) then written
      else if std.length(threshold.own) == 0 then written.none
      else if std.length(names) == std.length(threshold.watched) then written.all
      else text.replaced(written.some, '@{own}', matcher(names))
    );
  local rewritten(place, written) =
    local rewrite(written, alert) =
      if std.objectHas(of(alert).texts, place)
      then text.replaced(written, of(alert).texts[place].from, variant(alert,
        of(alert).texts[place]))
      else written;
    std.foldl(rewrite, changed, of_off.expression(place, written));
  // What records the threshold of each job.
  local recorded_threshold(alert) =
    local threshold = thresholds[alert];
    local rest(class) = threshold.watches_all && class.value == threshold.stated;
    local matcher(jobs) =
      if std.length(jobs) == 1 then 'job_name="' + jobs[0] + '"'
      else 'job_name=~"' + std.join('|', [std.strReplace(job, '.', '[.]') for job in jobs]) + '"';
    local arm(class) =
      text.number(class.value) + ' * '
      + (if rest(class) then generated.catalogued else std.rstripChars(generated.catalogued, '}')
        + ', ' + matcher(class.jobs) + '}');
    local classes = [class for class in threshold.classes if !rest(class)] + [class
      for class in threshold.classes if rest(class)];
    {
      record: of(alert).threshold.series,
      expr: std.join('\nor\n', [arm(class) for class in classes]),
      labels: generated.groups[0].rules[0].labels,
    };
  {
    settings: settings,
    of: of,
    is_enabled: is_enabled,
    off: of_off,
    is_set: is_set,
    has_threshold: has_threshold,
    is_changed: is_changed,
    present: present,
    changed: changed,
    thresholds: thresholds,
    is_by_job: is_by_job,
    filled: filled,
    rewritten: rewritten,
    recorded_threshold: recorded_threshold,
  }
