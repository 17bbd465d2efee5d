// What follows from the selector, the namespace, and the labels that tell copies apart.
local text = import 'text.libsonnet';

function(generated, defaults, config, of_thresholds)
  local settings = of_thresholds.settings;
  local of = of_thresholds.of;
  local rewritten = of_thresholds.rewritten;
  // Grafana takes `$` and `[[` for variables, wherever they stand.
  local quoted(value) = std.strReplace(std.strReplace(std.escapeStringJson(value), '$', '\\x24'),
    '[[', '[\\x5b');
  // Texts that follow from the other settings.
  local selector = std.join(', ', [label + '=' + quoted(config.selector[label])
    for label in std.objectFields(config.selector)]);
  // Where the selector names no namespace, the catalogue's own is read, and what has none.
  local selection(config, selector) =
    local is_scoped = std.objectHas(defaults, 'namespace')
      && !std.objectHas(config.selector, 'namespace');
    local scope = if is_scoped then ['namespace=~"' + config.namespace + '|"'] else [];
    std.join(', ', (if selector == '' then [] else [selector]) + scope);
  local selected(written) =
    local before = selection(defaults, generated.selector);
    local here = selection(config, selector);
    local comma(selector) = if selector == '' then '' else selector + ', ';
    local braces(selector) = if selector == '' then '' else '{' + selector + '}';
    local select(written, metric) =
      local bare(written, end) =
        text.replaced(written, metric + braces(before) + end, metric + braces(here) + end);
      std.foldl(bare, [')', '\n', ' '], text.replaced(written, metric + '{' + comma(before),
        metric + '{' + comma(here)));
    if here == before then written
    else
      // A metric may be the last word.
      local done = std.foldl(select, generated.metrics, written + '\n');
      std.substr(done, 0, std.length(done) - 1);
  local of_namespace(written) =
    if !std.objectHas(defaults, 'namespace') then written
    else text.replaced(written, 'namespace=~"' + defaults.namespace + '|"', 'namespace=~"'
      + config.namespace + '|"');
  local of_labels(before, here, written, write, at, is_before) =
    local copies(labels) = std.join('', [write(label) for label in labels]);
    local around(labels) = if is_before then copies(labels) + at else at + copies(labels);
    text.replaced(written, around(before), around(here));
  local of_copies(written, write, at, is_before=true) =
    of_labels(defaults.groupLabels, config.groupLabels, written, write, at, is_before);
  local is_grouped_anew = config.groupLabels != defaults.groupLabels;
  // What is not just a list of labels that is written anew.
  local anew = if config.groupLabels == [] then generated.ungrouped else generated.grouped;
  // A label of which one value is read tells no copies apart.
  local apart(config) =
    [label for label in config.groupLabels if !std.objectHas(config.selector, label)];
  local is_told_apart_anew = apart(config) != apart(defaults);
  local in_legend(label) = ' {{' + label + '}}';
  // `anew` is what it is where copies are told apart by another label.
  local legend(written, anew) =
    if is_grouped_anew then text.replaced(anew, in_legend(generated.copy), std.join('',
      [in_legend(label) for label in apart(config)]))
    else of_labels(apart(defaults), apart(config), written, in_legend, '{{job_name}}', false);
  local grouped(written) =
    local listed = of_copies(written, function(label) label + ', ', 'namespace, job_name');
    if defaults.groupLabels == [] then listed else of_copies(listed, function(label) label + ', ',
      'job_name');
  // What stands for one label, for each.
  local of_each_copy(written) =
    local some(written, from, write) = text.replaced(written, from, std.join('', [write(label)
      for label in config.groupLabels]));
    local listed = some(written, generated.copy + ', ', function(label) label + ', ');
    some(listed, ', ' + generated.copy + '!=""', function(label) ', ' + label + '!=""');
  local of_defaults(write) = std.join('', [write(label) for label in defaults.groupLabels]);
  local of_copies_back(written) = text.replaced(written, 'namespace, job_name',
    of_defaults(function(label) label + ', ') + 'namespace, job_name');
  // The same with the lists that are generated, which are written as all others.
  local of_each_copy_listed(written) =
    local listed(written, behind) = text.replaced(written, generated.copy + ', ' + behind,
      of_defaults(function(label) label + ', ') + behind);
    local all = listed(written, 'namespace, job_name');
    if config.groupLabels == [] then of_copies_back(written)
    else of_each_copy(if defaults.groupLabels == [] then all else listed(all, 'job_name'));
  // The same of a query of the dashboard, with its choices.
  local of_each_copy_chosen(written) =
    local choice(label, end) = label + '=~"$' + label + end + '", ';
    local chosen(written, end) = text.replaced(written, choice(generated.copy, end),
      of_defaults(function(label) choice(label, end)));
    of_each_copy_listed(chosen(chosen(written, ''), '|'));
  // What a table does with a column, for one of each label.
  local of_each_column(value) =
    local name = generated.copy;
    local number = std.length(config.groupLabels);
    if std.isString(value) then text.replaced(value, name, std.join('|', config.groupLabels))
    else if std.isArray(value) then [of_each_column(item) for item in value]
    else if !std.isObject(value) then value
    else if !std.objectHas(value, name) then { [key]: of_each_column(value[key])
      for key in std.objectFields(value) }
    else
      local is_place = std.isNumber(value[name]);
      local moved(value_) = if is_place && value_ > value[name] then value_ + number - 1
        else value_;
      { [key]: moved(value[key]) for key in std.objectFields(value) if key != name }
      + {
        [config.groupLabels[at]]: if is_place then value[name] + at
          else text.capitalised(config.groupLabels[at])
        for at in std.range(0, number - 1)
      };
  local expression(place, written) =
    local is_other = is_grouped_anew && std.objectHas(anew.expressions, place);
    // What follows from thresholds is looked for in lists as they are generated.
    local base = if is_other then of_each_copy_listed(anew.expressions[place]) else written;
    of_namespace(selected(grouped(rewritten(place, base))));
  {
    selector: selector,
    selected: selected,
    of_namespace: of_namespace,
    of_copies: of_copies,
    grouped: grouped,
    is_grouped_anew: is_grouped_anew,
    anew: anew,
    is_told_apart_anew: is_told_apart_anew,
    legend: legend,
    of_each_copy: of_each_copy,
    of_each_copy_chosen: of_each_copy_chosen,
    of_each_column: of_each_column,
    expression: expression,
  }
