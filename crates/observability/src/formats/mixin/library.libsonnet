// What a mixin is made of: what was generated, written anew where a setting is overridden. What no
// overridden setting touches is left as it is.
//
// Expressions have holes where a threshold stands: @{above}, @{1+growth}, @{over:shown}.
local checked = import 'settings.libsonnet';

function(generated, defaults) {
  local config = checked(generated, defaults, self._config),
  local thresholds = (import 'thresholds.libsonnet')(generated, defaults, config),
  local labels = (import 'labels.libsonnet')(generated, defaults, config, thresholds),
  local groups = (import 'rules.libsonnet')(generated, defaults, config, thresholds, labels),
  local dashboard = (import 'dashboard.libsonnet')(generated, defaults, config, thresholds, labels),
  local is_recording(group) = std.member(generated.recording, group.name),

  prometheusRules+:: { groups+: [group for group in groups if is_recording(group)] },
  prometheusAlerts+:: { groups+: [group for group in groups if !is_recording(group)] },
  grafanaDashboards+:: { [generated.file]: dashboard },
}
